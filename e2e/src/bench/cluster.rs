//! The controller on a cluster with a thousand Deployments whose pods run: how fast, at what price.
//!
//! Times are seen from outside: from the moment a change is sent to the moment our own watch has the report. CPU time
//! and memory are the kernel's, writes are those in the API server's audit log. Not its job: filling the cluster
//! (`load.rs`), watching (`reports.rs`), counting (`phase.rs`).

use std::path::Path;
use std::time::{Duration, Instant};

use e2e::{Cluster, Controller, Error, Progress, Result, Tool, wait_for};
use kube::Api;
use kube::api::ListParams;
use kube::core::DynamicObject;
use tokio::task::JoinSet;

use super::generator::{App, PER_NAMESPACE};
use super::load::{self, Changes};
use super::phase::{Phase, evaluations, used};
use super::policy;
use super::reports::{Reports, resource};
use super::table::{Sample, Table, Target};

/// How long any one report may take before the benchmark gives up.
const DEADLINE: Duration = Duration::from_secs(60);
/// Without a new report for so long, what was begun is done: namespaces sum up once a second.
const QUIET: Duration = Duration::from_secs(4);
/// The account may do everything: what it does is counted, not what it may.
const SETUP: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: bench-seaworthy}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: seaworthy, namespace: seaworthy-system}]
";

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Applications, and so Deployments.
    pub(super) apps: u32,
    /// Changes, one after the other.
    pub(super) singles: usize,
    /// Changes a second, and for how long.
    pub(super) rate: u32,
    pub(super) steady: Duration,
    /// How long nothing is done.
    pub(super) idle: Duration,
}

/// Measures on a cluster of its own; its logs are kept when that fails.
pub(super) async fn run(plan: Plan, progress: &Progress) -> Result<Table> {
    let cluster = Cluster::builder()
        .name("bench")
        .nodes(20)
        // There are no metrics here: it would only write Events that it has none.
        .controllers("*,-horizontal-pod-autoscaler-controller")
        .progress(progress.clone())
        .start()
        .await?;
    let measured = measure(plan, &cluster, progress).await;
    if measured.is_err() {
        let kept = cluster.keep_logs()?;
        progress.say(format!("the benchmark failed; all logs are in {}", kept.display()));
    }
    cluster.stop().await?;
    measured
}

async fn measure(plan: Plan, cluster: &Cluster, progress: &Progress) -> Result<Table> {
    let apps: Vec<App> = (0..plan.apps).map(App::new).collect();
    progress.say(format!("creating {} Deployments with their Services and so on", plan.apps));
    load::fill(cluster, &apps).await?;
    let pods = load::pods_run(cluster, progress).await?;
    Controller::install_crds(cluster).await?;
    let kubeconfig = cluster.service_account_kubeconfig("seaworthy-system", "seaworthy").await?;
    cluster.apply(SETUP).await?;
    cluster.apply(&policy::few()).await?;

    let namespaces = plan.apps.div_ceil(PER_NAMESPACE);
    let title = format!("Live: {} Deployments with {pods} pods in {namespaces} namespaces", plan.apps);
    let mut table = Table::new(title);
    let kubernetes = Tool::KubeApiserver.version();
    table.note(format!(
        "Kubernetes {kubernetes} on this machine too: etcd without fsync, kwok plays nodes and pods;"
    ));
    table.note(format!(
        "{} checks, and every check where it says so; a change is timed from when it is sent until a",
        policy::few_count()
    ));
    table.note(
        "watch has the report on its generation; it sets replicas to 1 or back to 2, and the pods follow;",
    );
    table.note("the HorizontalPodAutoscaler controller is off, as there are no metrics for it");
    let reports = Reports::watch(cluster).await?;
    let mut bench = Bench { plan, cluster, reports, progress, table };

    let controller = bench.start(&kubeconfig).await?;
    let mut changes = Changes::of(&apps);
    bench.singles(&controller, &mut changes).await?;
    bench.steady(&controller, &mut changes).await?;
    bench.idle(&controller).await?;
    bench.sizes().await?;
    bench.memory(&controller)?;
    let controller = bench.restart(controller, &kubeconfig).await?;
    bench.every_check(&controller).await?;
    bench.singles(&controller, &mut changes).await?;
    bench.sizes().await?;
    bench.memory(&controller)?;
    controller.stop().await?;
    Ok(bench.table)
}

/// What all phases need.
struct Bench<'a> {
    plan: Plan,
    cluster: &'a Cluster,
    reports: Reports,
    progress: &'a Progress,
    table: Table,
}

impl Bench<'_> {
    /// A first start: no report is there.
    async fn start(&mut self, kubeconfig: &Path) -> Result<Controller> {
        self.progress.say("starting the controller");
        let phase = Phase::begin(None)?;
        let begun = Instant::now();
        let controller = Controller::spawn(self.cluster, kubeconfig, &[])?;
        let wanted = usize::try_from(self.plan.apps).unwrap_or_default();
        let last = self.reports.all_of("Deployment", wanted, Duration::from_secs(120)).await?;
        let target = if wanted == 1_000 { Target::AtMost(10.0) } else { Target::None };
        self.table.judge("start of the process -> all reports", (last - begun).as_secs_f64(), "s", target);
        self.quiet().await?;
        self.price("start", phase, &controller).await?;
        Ok(controller)
    }

    /// One change after the other.
    async fn singles(&mut self, controller: &Controller, changes: &mut Changes) -> Result<()> {
        self.progress.say(format!("{} changes, one after the other", self.plan.singles));
        let phase = Phase::begin(Some(controller))?;
        let (mut whole, mut after) = (Vec::new(), Vec::new());
        for change in changes.take(self.plan.singles) {
            let (sent, answered, generation) = change.make(self.cluster.client()).await?;
            let came = self.reports.of(&change.subject, generation, DEADLINE).await?;
            whole.push(came - sent);
            after.push(came.saturating_duration_since(answered));
        }
        let (whole, after) = (Sample::of_durations(whole), Sample::of_durations(after));
        let what = "single change -> report";
        let table = &mut self.table;
        table.judge(format!("{what} (of {}), p50", whole.len()), whole.median(), "ms", Target::AtMost(60.0));
        table.judge(format!("{what}, p99"), whole.percentile(99), "ms", Target::Below(200.0));
        table.judge(format!("{what}, max"), whole.max(), "ms", Target::None);
        let answer = format!("{what}, p50 from the API server's answer");
        table.judge(answer, after.median(), "ms", Target::None);
        self.price("single changes", phase, controller).await
    }

    /// So many changes a second, whatever becomes of those before.
    async fn steady(&mut self, controller: &Controller, changes: &mut Changes) -> Result<()> {
        let (rate, seconds) = (self.plan.rate, self.plan.steady.as_secs());
        self.progress.say(format!("{rate} changes a second for {seconds} s"));
        let phase = Phase::begin(Some(controller))?;
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
        let count = usize::try_from(seconds * u64::from(rate)).unwrap_or_default();
        let mut made = JoinSet::new();
        let begun = Instant::now();
        for change in changes.take(count) {
            ticks.tick().await;
            let client = self.cluster.client();
            made.spawn(async move { change.make(client).await.map(|made| (change.subject, made)) });
        }
        let sent_in = begun.elapsed();
        let (mut whole, mut patches) = (Vec::new(), Vec::new());
        while let Some(one) = made.join_next().await {
            let (subject, (sent, answered, generation)) =
                one.map_err(|_| Error::CutShort("changing Deployments"))??;
            whole.push(self.reports.of(&subject, generation, DEADLINE).await? - sent);
            patches.push(answered - sent);
        }
        let (whole, patches) = (Sample::of_durations(whole), Sample::of_durations(patches));
        let what = format!("{rate} changes/s -> report");
        let reached = whole.len() as f64 / sent_in.as_secs_f64();
        let table = &mut self.table;
        table.judge(format!("{what}: rate reached over {seconds} s"), reached, "/s", Target::None);
        table.judge(format!("{what} (of {}), p50", whole.len()), whole.median(), "ms", Target::None);
        table.judge(format!("{what}, p99"), whole.percentile(99), "ms", Target::Below(500.0));
        table.judge(format!("{what}, max"), whole.max(), "ms", Target::None);
        table.judge(format!("{what}: the API server's part, p50"), patches.median(), "ms", Target::None);
        table.judge(
            format!("{what}: the API server's part, p99"),
            patches.percentile(99),
            "ms",
            Target::None,
        );
        self.price("changes at that rate", phase, controller).await
    }

    /// Nothing happens; nothing may be written.
    async fn idle(&mut self, controller: &Controller) -> Result<()> {
        load::pods_run(self.cluster, self.progress).await?;
        self.quiet().await?;
        let idle = self.plan.idle;
        self.progress.say(format!("doing nothing for {} s", idle.as_secs()));
        let phase = Phase::begin(Some(controller))?;
        // No condition ends this: it is the time in which nothing may happen.
        tokio::time::sleep(idle).await;
        let spent = phase.end(self.cluster, controller).await?;
        let what = format!("idle for {} s", idle.as_secs());
        self.table.judge(format!("{what}: writes"), spent.writes as f64, "", Target::AtMost(0.0));
        self.table.tell(format!("{what}: renewals of the Lease"), spent.renewals);
        self.table.tell(format!("{what}: evaluations"), spent.evaluations);
        let percent = spent.cpu.as_secs_f64() / idle.as_secs_f64() * 100.0;
        self.table.judge(format!("{what}: CPU"), percent, "% of a core", Target::None);
        Ok(())
    }

    /// What the reports weigh.
    async fn sizes(&mut self) -> Result<()> {
        let api: Api<DynamicObject> = Api::all_with(self.cluster.client(), &resource());
        let list = api.list(&ListParams::default()).await;
        let list = list
            .map_err(|source| Error::Kube { doing: "list reports".to_owned(), source: Box::new(source) })?;
        let weigh = |mut report: DynamicObject| {
            report.metadata.managed_fields = None;
            serde_json::to_vec(&report).map_or(f64::NAN, |json| json.len() as f64 / 1024.0)
        };
        let sizes = Sample::new(list.items.into_iter().map(weigh).collect());
        let what = format!("size of a report (of {}, as JSON), median", sizes.len());
        self.table.judge(what, sizes.median(), "KiB", Target::AtMost(3.0));
        self.table.judge("size of a report, max", sizes.max(), "KiB", Target::None);
        Ok(())
    }

    fn memory(&mut self, controller: &Controller) -> Result<()> {
        let usage = used(controller)?;
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        self.table.judge("memory, peak since the start", mib(usage.peak_rss), "MiB", Target::Below(48.0));
        self.table.judge("memory, now", mib(usage.rss), "MiB", Target::None);
        Ok(())
    }

    /// A new process that finds all reports in place.
    async fn restart(&mut self, controller: Controller, kubeconfig: &Path) -> Result<Controller> {
        self.progress.say("starting the controller anew");
        controller.stop().await?;
        let phase = Phase::begin(None)?;
        let begun = Instant::now();
        let controller = Controller::spawn(self.cluster, kubeconfig, &[])?;
        wait_for("a look at every workload", DEADLINE, || async {
            let count = evaluations(&controller).map_err(|error| error.to_string())?;
            if count >= self.plan.apps.into() { Ok(Some(())) } else { Err(format!("{count} evaluations")) }
        })
        .await?;
        let looked = begun.elapsed();
        self.quiet().await?;
        let spent = phase.end(self.cluster, &controller).await?;
        let what = "restart, all reports in place";
        self.table.judge(format!("{what}: all looked at"), looked.as_secs_f64(), "s", Target::None);
        self.table.judge(format!("{what}: writes"), spent.writes as f64, "", Target::AtMost(0.0));
        self.table.judge(format!("{what}: CPU"), spent.cpu.as_secs_f64(), "s", Target::None);
        Ok(controller)
    }

    /// The policy asks for every check there is.
    async fn every_check(&mut self, controller: &Controller) -> Result<()> {
        self.progress.say("asking for every check");
        let phase = Phase::begin(Some(controller))?;
        let begun = Instant::now();
        self.cluster.apply(&policy::all()).await?;
        self.quiet().await?;
        let rewritten = begun.elapsed().saturating_sub(self.reports.quiet_for());
        self.table.aside("every check: ");
        let what = "policy changed -> last report";
        self.table.judge(what, rewritten.as_secs_f64(), "s", Target::None);
        self.price("policy changed", phase, controller).await
    }

    /// Waits until no report has come for a while.
    async fn quiet(&self) -> Result<()> {
        let since = Instant::now();
        wait_for("quiet", DEADLINE, || async {
            let quiet = self.reports.quiet_for().min(since.elapsed());
            if quiet > QUIET { Ok(Some(())) } else { Err(format!("the last report came {quiet:?} ago")) }
        })
        .await
    }

    async fn price(&mut self, what: &str, phase: Phase, controller: &Controller) -> Result<()> {
        let spent = phase.end(self.cluster, controller).await?;
        self.table
            .tell(format!("{what}: writes, evaluations"), format!("{}, {}", spent.writes, spent.evaluations));
        self.table.judge(format!("{what}: CPU"), spent.cpu.as_secs_f64(), "s", Target::None);
        Ok(())
    }
}
