//! egress-not-restricted: a workload that may connect to whatever it likes.

use crate::api::{Category, Level, Severity};
use crate::checks::support::network::applied::{Pods, opens, stance_of};
use crate::checks::support::network::near::near_miss;
use crate::checks::support::network::stance::Stance;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Direction, Workload};

pub(super) static CHECK: Check = Check {
    id: "egress-not-restricted",
    title: "A NetworkPolicy says where the pods may connect to",
    category: Category::Networking,
    severity: Severity::Medium,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-53", "RE-16", "PE"],
    remediation: "Create a NetworkPolicy with policyTypes: [Egress] that allows DNS and what the pods need to call.",
    rule: &PerWorkload(judge),
    page: include_str!("egress_not_restricted.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.template.spec.host_network {
        return Verdict::not_applicable("its pods share the node's network, where no NetworkPolicy applies");
    }
    match stance_of(cx, Pods::Of(workload), Direction::Egress) {
        Stance::Isolated => Verdict::Pass,
        Stance::Unknown(why) => Verdict::unknown(why),
        Stance::Open(policy) => {
            let opens = opens(&policy, "from its pods");
            let finding = Finding::new(format!("{opens}; give its egress rule the targets that are needed"));
            Verdict::fail(finding.object(policy.kind, policy.name).field("spec.egress"))
        }
        Stance::Untouched => {
            let near = near_miss(cx, workload, Direction::Egress).map(|near| format!(" ({near})"));
            Verdict::fail(Finding::new(format!(
                "no NetworkPolicy isolates its pods for Egress{}, so whoever takes one over may connect to every pod and \
                 to the internet; create one that selects them and allows DNS and the targets that are needed",
                near.unwrap_or_default()
            )))
        }
    }
}
