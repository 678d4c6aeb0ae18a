//! `e2e demo`: the main job on a real control plane, as a newcomer would do it by hand, explained line by line.
//!
//! Nothing here is staged: each command shown is run, and each claim made is looked up first. Not its job: how
//! things look (`screen.rs`), and what is waited for (`look.rs`).

mod look;
mod screen;

use std::path::{Path, PathBuf};
use std::time::Instant;

use e2e::{Cluster, Controller, Error, Progress, Result, seaworthy};

use screen::{Cut, Screen, program};

/// A disk for each replica of the shop's database: kwok's nodes have none to offer.
const DISKS: &str = r#"
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: demo, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: kubernetes.io/no-provisioner
"#;
const FIXED: &str = "deployment-checkout-api";

/// Shows everything, and takes everything down again, whatever happened.
pub(crate) async fn run() -> Result<()> {
    let begun = Instant::now();
    let screen = Screen::default();
    go_to_the_examples()?;
    screen.title("Seaworthy: is it ready for production, and if not, why not?");
    screen.say(
        "An online shop with good and bad habits, a policy, the reports on it, and a fix. All of it on a \
         control plane that runs for this demo only, on loopback.",
    );

    screen.chapter("A cluster");
    let cluster = start(&screen).await?;
    let shown = show(&screen, &cluster).await;
    let kept = shown.is_err().then(|| cluster.keep_logs());
    let stopped = cluster.stop().await;
    if let Some(kept) = kept {
        match kept {
            Ok(folder) => screen.problem(&format!("the demo failed; all logs are in {}", folder.display())),
            Err(error) => screen.problem(&format!("the demo failed, and its logs are lost: {error}")),
        }
    }
    shown?;
    stopped?;
    screen.chapter("Taken down");
    let seconds = begun.elapsed().as_secs();
    screen
        .say(&format!("No process and no file of the demo is left. All of it took {seconds} s. From here:"));
    screen.command("seaworthy explain too-few-replicas");
    screen.command("seaworthy audit YOUR-MANIFESTS");
    screen.say("And README.md says how to install it in a cluster of yours.");
    Ok(())
}

/// The examples are named as a reader of the repository names them.
fn go_to_the_examples() -> Result<()> {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root: PathBuf = member.parent().unwrap_or(member).to_owned();
    std::env::set_current_dir(&root).map_err(|source| Error::Io { doing: "go to", path: root, source })
}

async fn start(screen: &Screen) -> Result<Cluster> {
    screen.say(
        "etcd, API server, controllers and scheduler are the real ones. Nodes and pods are played by kwok: \
         no image is pulled, no container runs.",
    );
    let said = screen.clone();
    let progress = Progress::new(move |line| said.aside(line));
    Cluster::builder().name("demo").nodes(3).progress(progress).start().await
}

async fn show(screen: &Screen, cluster: &Cluster) -> Result<()> {
    shop(screen, cluster).await?;
    policy(screen, cluster).await?;

    screen.chapter("The controller");
    screen.command("seaworthy controller");
    let begun = Instant::now();
    let controller = Controller::start(cluster).await?;
    let reports = look::all_reports(cluster).await?;
    let seconds = begun.elapsed().as_secs_f64();
    screen.say(&format!(
        "{reports} reports, one for each workload and one for the namespace, {seconds:.1} s later:"
    ));
    screen.kubectl(cluster, &["get", "compliancereports", "-A"], Cut::Nothing).await?;
    screen.say("What is wrong with checkout-api, why it matters, and what to do:");
    let describe = ["describe", "compliancereport", FIXED, "-n", "shop"];
    let but = &[
        "Labels",
        "Annotations",
        "API Version",
        "Conditions",
        "Engine Version",
        "Kind",
        "Metadata",
        "Scope",
        "Events",
    ];
    screen.kubectl(cluster, &describe, Cut::Blocks(but)).await?;
    screen.say("And the sum of it, for the platform team:");
    screen.kubectl(cluster, &["get", "productionpolicies"], Cut::Nothing).await?;

    let live = look::verdicts(cluster).await?;
    fix(screen, cluster).await?;
    offline(screen, &live).await?;
    controller.stop().await
}

async fn shop(screen: &Screen, cluster: &Cluster) -> Result<()> {
    let mut disks = DISKS.to_owned();
    for number in 1..=3 {
        disks.push_str(&format!(
            "---\n{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: disk-{number}}}, spec: \
             {{storageClassName: demo, capacity: {{storage: 50Gi}}, accessModes: [ReadWriteOnce], hostPath: \
             {{path: /nowhere}}}}}}\n"
        ));
    }
    cluster.apply(&disks).await?;

    screen.chapter("Seaworthy's kinds, and the shop");
    screen.command("seaworthy crds | kubectl apply --server-side -f -");
    Controller::install_crds(cluster).await?;
    // The namespace has to come first; see examples/shop/namespace.yaml.
    let apply = ["apply", "--server-side", "-f", "examples/shop/namespace.yaml", "-f", "examples/shop/"];
    screen.kubectl(cluster, &apply, Cut::Lines { first: 3, last: 0 }).await?;
    let pods = look::pods_are_up(cluster).await?;
    screen.say(&format!("{pods} pods run. To Kubernetes, all is well."));
    Ok(())
}

async fn policy(screen: &Screen, cluster: &Cluster) -> Result<()> {
    screen.chapter("A policy");
    screen.say(
        "It names a profile of checks for every namespace with the label environment=production, and asks for \
         two replicas at least:",
    );
    screen.command("cat examples/policy.yaml");
    screen.file(Path::new("examples/policy.yaml"))?;
    screen.kubectl(cluster, &["apply", "--server-side", "-f", "examples/policy.yaml"], Cut::Nothing).await
}

async fn fix(screen: &Screen, cluster: &Cluster) -> Result<()> {
    screen.chapter("A fix");
    screen.say("An autoscaler with a floor of three, replicas spread over nodes, a PodDisruptionBudget:");
    let begun = Instant::now();
    let apply = ["apply", "--server-side", "-f", "examples/fix/checkout-api.yaml"];
    screen.kubectl(cluster, &apply, Cut::Nothing).await?;
    look::turns_compliant(cluster, "shop", FIXED).await?;
    screen.say(&format!("{} ms after the command was typed, the report says:", begun.elapsed().as_millis()));
    screen.kubectl(cluster, &["get", "compliancereport", FIXED, "-n", "shop"], Cut::Nothing).await?;
    look::event(cluster, "shop", "Compliant").await?;
    screen.say("And the workload has an Event about it:");
    let events = ["get", "events", "-n", "shop", "--field-selector", "reason=Compliant"];
    screen.kubectl(cluster, &events, Cut::Nothing).await
}

async fn offline(screen: &Screen, live: &look::Verdicts) -> Result<()> {
    screen.chapter("The same before anything reaches a cluster");
    screen.say(
        "A pull request has only files. Here are the shop's, without the fix, each finding with its place:",
    );
    let args = ["audit", "examples/shop", "--policy", "examples/policy.yaml"];
    let program_path = seaworthy()?;
    screen.command(&format!("seaworthy {}", args.join(" ")));
    let text = program(&program_path, &args).await?;
    screen.output(&text, Cut::AllBut("Deployment shop/checkout-api"));

    let json = program(&program_path, &[args.as_slice(), &["-o", "json"]].concat()).await?;
    let list = serde_json::from_str(&json);
    let list =
        list.map_err(|source| Error::Json { what: "the answer of seaworthy audit".to_owned(), source })?;
    let files = look::verdicts_of(&list);
    let same = files.iter().filter(|(report, verdict)| live.get(*report) == Some(*verdict)).count();
    screen.say(&format!("{same} of {} verdicts are the cluster's own from before the fix.", live.len()));
    if same < live.len() {
        screen.say("The others rest on what only a cluster can tell; from files alone they are Unknown.");
    }
    Ok(())
}
