//! stateful-set-without-headless-service: pods that were to have names of their own, and have none.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "stateful-set-without-headless-service",
    title: "Every StatefulSet has the headless Service that names its pods",
    category: Category::Networking,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Create a headless Service (clusterIP: None) that selects the pods, and name it in serviceName.",
    rule: &PerWorkload(judge),
    page: include_str!("stateful_set_without_headless_service.md"),
};

const CREATE: &str = "create a headless Service (clusterIP: None) of that name that selects the pods";

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.kind != Kind::StatefulSet {
        return Verdict::not_applicable(format!("a {} gives its pods no names that stay", workload.kind));
    }
    let name = &workload.service_name;
    if name.is_empty() {
        let finding = Finding::new(
            "serviceName is unset, so its pods have no stable names: nobody can call a certain one of them; create a \
             headless Service (clusterIP: None) that selects the pods and name it, or use a Deployment",
        );
        return Verdict::fail(finding.field("spec.serviceName").severity(Severity::Low));
    }
    let fails = |what: &str, fix: &str| {
        Finding::new(format!(
            "its pods have no stable names: serviceName '{name}' names {what}, so '<pod>.{name}' resolves to nothing and \
             members of a cluster cannot find each other; {fix}"
        ))
    };
    let Some(service) = cx.service_in(cx.namespace(), name) else {
        let elsewhere = cx.elsewhere(Kind::Service, name);
        let what = match elsewhere.as_slice() {
            [] => "a Service that does not exist".to_owned(),
            [first, ..] => format!("a Service that does not exist (it does in namespace '{first}')"),
        };
        return Verdict::fail(fails(&what, CREATE).field("spec.serviceName"));
    };
    let at = |finding: Finding, field: &str| Verdict::fail(finding.object(Kind::Service, name).field(field));
    if !service.headless {
        let fix = "set its clusterIP to None, which takes creating it anew";
        return at(fails("a Service that is not headless", fix), "spec.clusterIP");
    }
    let fix = "make its spec.selector match the labels of the pods";
    match &service.selector {
        None => at(fails("a Service without a selector", fix), "spec.selector"),
        Some(selector) if selector.matches_template(workload.pod_labels()) => Verdict::Pass,
        Some(selector) => {
            let missing = selector.missing_keys(workload.pod_labels());
            let (noun, verb) = if missing.len() == 1 { ("label", "differs") } else { ("labels", "differ") };
            let what =
                format!("a Service that does not select its pods ({noun} {} {verb})", quoted_list(missing));
            at(fails(&what, fix), "spec.selector")
        }
    }
}
