//! service-session-state: clients that stick to one replica, since it remembers them.

use crate::api::{Category, Level, Severity};
use crate::checks::support::serving::named_services;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "service-session-state",
    title: "No Service binds its clients to one replica",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-19", "ST-30"],
    remediation: "Keep sessions outside of the replicas, and remove sessionAffinity: ClientIP from the Service.",
    rule: &PerWorkload(judge),
    page: include_str!("service_session_state.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let replicas = match cx.floor(workload) {
        Some(floor) => match floor.replicas {
            0 => return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe())),
            1 => {
                return Verdict::not_applicable(format!(
                    "all clients share one replica: {}",
                    floor.describe()
                ));
            }
            _ => floor.describe(),
        },
        None if workload.kind == Kind::DaemonSet => "one pod on each node".to_owned(),
        None => {
            return Verdict::not_applicable(format!("nobody sets the number of pods of a {}", workload.kind));
        }
    };
    let services = cx.services_of(workload);
    if services.is_empty() {
        return Verdict::not_applicable("no Service selects its pods");
    }
    let sticky = services.into_iter().filter(|service| service.client_affinity);
    let findings = sticky.map(|service| {
        let finding = Finding::new(format!(
            "{} has sessionAffinity ClientIP before more than one replica ({replicas}): a replica that ends takes its \
             clients' sessions along, and load is uneven; keep sessions in a store outside of the pods and remove it",
            named_services([service])
        ));
        finding.object(Kind::Service, &service.meta.name).field("spec.sessionAffinity")
    });
    findings.collect::<Vec<_>>().into()
}
