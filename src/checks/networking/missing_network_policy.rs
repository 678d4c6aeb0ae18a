//! missing-network-policy: a workload that every pod of the cluster may connect to.

use crate::api::{Category, Level, Severity};
use crate::checks::support::network::applied::{Pods, opens, stance_of};
use crate::checks::support::network::near::near_miss;
use crate::checks::support::network::stance::Stance;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Direction, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-network-policy",
    title: "A NetworkPolicy says who may connect to the pods",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-53", "RE-16", "RE-29", "HA-12", "PE"],
    remediation: "Create a NetworkPolicy that selects the pods and allows only the callers that they need.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_network_policy.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.template.spec.host_network {
        return Verdict::not_applicable("its pods share the node's network, where no NetworkPolicy applies");
    }
    match stance_of(cx, Pods::Of(workload), Direction::Ingress) {
        Stance::Isolated => Verdict::Pass,
        Stance::Unknown(why) => Verdict::unknown(why),
        Stance::Open(policy) => {
            let opens = opens(&policy, "to its pods");
            let finding = Finding::new(format!("{opens}; give its ingress rule the callers that are needed"));
            Verdict::fail(finding.object(policy.kind, policy.name).field("spec.ingress"))
        }
        Stance::Untouched => {
            let near = near_miss(cx, workload, Direction::Ingress).map(|near| format!(" ({near})"));
            Verdict::fail(Finding::new(format!(
                "no NetworkPolicy isolates its pods for Ingress{}, so every pod of the cluster may connect to them; \
                 create one that allows the callers it needs",
                near.unwrap_or_default()
            )))
        }
    }
}
