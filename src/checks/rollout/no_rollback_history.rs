//! no-rollback-history: a release that cannot be undone.

use crate::api::{Category, Level, Severity};
use crate::checks::support::rollout::is_rolled_out;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "no-rollback-history",
    title: "The last versions are kept for a rollback",
    category: Category::Rollout,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["ST-50", "RE-22"],
    remediation: "Remove revisionHistoryLimit, or set it to 3 or more.",
    rule: &PerWorkload(judge),
    page: include_str!("no_rollback_history.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let kind = workload.kind;
    if !is_rolled_out(kind) {
        return Verdict::not_applicable(format!("a {kind} keeps no revisions"));
    }
    let message = format!(
        "revisionHistoryLimit is 0, so nothing of the last version of the {kind} is left and 'rollout undo' has nowhere \
         to go; set it to 3 or more, or remove it (10 is the default)"
    );
    let none = workload.rolling.revision_history_limit == Some(0);
    none.then(|| Finding::new(message).field("spec.revisionHistoryLimit")).into()
}
