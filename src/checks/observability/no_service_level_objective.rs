//! no-service-level-objective: a workload of which nobody said how well it has to work.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Presence, Workload};

pub(super) static CHECK: Check = Check {
    id: "no-service-level-objective",
    title: "Every workload's namespace has a service level objective",
    category: Category::Observability,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-34"],
    remediation: "Write down how well it has to work, as an object of Sloth, Pyrra or OpenSLO, or attest the practice `slo`.",
    rule: &PerWorkload(judge),
    page: include_str!("no_service_level_objective.md"),
};

const KINDS: [Kind; 3] = [Kind::PrometheusServiceLevel, Kind::ServiceLevelObjective, Kind::OpenSlo];

/// The practice by which somebody says that there is one where no object shows it.
const PRACTICE: &str = "slo";

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if KINDS.into_iter().any(|kind| !cx.beside::<Presence>(kind).is_empty()) {
        return Verdict::Pass;
    }
    if cx.attests(workload, PRACTICE) {
        return Verdict::Pass;
    }
    if !KINDS.into_iter().any(|kind| cx.serves(kind)) {
        return Verdict::unknown(
            "there are no objects of Sloth, Pyrra or OpenSLO here, so nobody can tell what objectives there are",
        );
    }
    Verdict::fail(Finding::new(format!(
        "namespace '{}' has no service level objective (of Sloth, Pyrra or OpenSLO): nobody can tell whether it works well \
         enough, or when to stop and repair it; write one down, or attest '{PRACTICE}'",
        cx.namespace()
    )))
}
