//! pdb-blocks-eviction: a budget that never lets a pod go.
//!
//! Follows Kubernetes' disruption controller: `maxUnavailable` and percentages count from the scale of each pod's
//! controller, and one controller without a scale makes the whole budget fail closed; an integer `minAvailable`
//! counts the pods themselves; pods without a controller have no scale but do count as healthy.

use std::sync::Arc;

use crate::api::{Category, Level, Severity};
use crate::checks::support::budgets::has_pods;
use crate::checks::support::selection::names;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Amount, DisruptionBudget, IntOrString, Kind, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "pdb-blocks-eviction",
    title: "Every PodDisruptionBudget lets at least one pod go",
    category: Category::Availability,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["SE-15", "RE-24", "PE"],
    remediation: "Set maxUnavailable: 1 and run at least two replicas.",
    rule: &PerNamespace(judge),
    page: include_str!("pdb_blocks_eviction.md"),
};

const FIX_MINIMUM: &str = "set maxUnavailable: 1 instead, with at least 2 replicas";
const FIX_BARE: &str = "run the pods from a Deployment or StatefulSet";

/// What becomes of evictions under one budget.
enum Answer {
    Blocks(Finding),
    Allows,
    /// There are no pods that it could keep anybody from evicting.
    Idle,
    Unclear(String),
}

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let budgets = cx.budgets();
    if budgets.is_empty() {
        return Verdict::not_applicable(format!("namespace '{}' has no PodDisruptionBudget", cx.namespace()));
    }
    let mut findings = Vec::new();
    let mut unclear = None;
    let mut allows = false;
    for budget in budgets {
        match answer(cx, budget) {
            Answer::Blocks(finding) => findings.push(finding),
            Answer::Allows => allows = true,
            Answer::Idle => {}
            Answer::Unclear(why) => unclear = unclear.or(Some(why)),
        }
    }
    match unclear {
        Some(why) if findings.is_empty() => Verdict::unknown(why),
        None if findings.is_empty() && !allows => Verdict::not_applicable(format!(
            "no PodDisruptionBudget of namespace '{}' holds pods that a drain would evict",
            cx.namespace()
        )),
        _ => findings.into(),
    }
}

/// The pods that a budget selects, by who makes them.
struct Selected<'a> {
    all: Vec<&'a Arc<Workload>>,
    /// A controller of running pods that the model does not know.
    foreign: Option<Text>,
    /// Whether it selects by labels that controllers add, and so perhaps not all pods of a workload.
    in_part: bool,
}

impl<'a> Selected<'a> {
    fn of(cx: &Context<'a>, budget: &DisruptionBudget) -> Option<Self> {
        // Unset selects nothing (policy/v1).
        let selector = budget.selector.as_ref()?;
        let mut all = cx.selected(selector);
        all.retain(|w| has_pods(cx, w));
        let owners = cx.running_pods(selector).into_iter().filter_map(|pod| pod.meta.controller.as_ref());
        let foreign =
            owners.filter(|owner| owner.known_kind().is_none()).map(|owner| owner.kind.clone()).next();
        let in_part = all.iter().any(|w| !selector.matches(w.pod_labels()));
        (!all.is_empty() || foreign.is_some()).then_some(Self { all, foreign, in_part })
    }

    fn of_scale(&self) -> Vec<&'a Arc<Workload>> {
        self.all.iter().copied().filter(|w| w.kind.has_scale()).collect()
    }

    /// Those whose controller has no `/scale`.
    fn without_scale(&self) -> Vec<&'a Arc<Workload>> {
        let controlled = |w: &&Arc<Workload>| !w.kind.has_scale() && w.kind != Kind::Pod;
        self.all.iter().copied().filter(controlled).collect()
    }

    fn bare_pods(&self) -> i64 {
        let pods = self.all.iter().filter(|w| w.kind == Kind::Pod).count();
        i64::try_from(pods).unwrap_or(i64::MAX)
    }

    fn only_daemons(&self) -> bool {
        self.foreign.is_none() && self.all.iter().all(|w| w.kind == Kind::DaemonSet)
    }

    fn names(&self) -> String {
        match &self.foreign {
            Some(kind) if self.all.is_empty() => format!("a {kind}"),
            _ => names(&self.all),
        }
    }
}

fn answer(cx: &Context<'_>, budget: &DisruptionBudget) -> Answer {
    let Some(selected) = Selected::of(cx, budget) else { return Answer::Idle };
    match answer_for_all(cx, budget, &selected) {
        Answer::Allows if selected.in_part => {
            let name = &budget.meta.name;
            Answer::Unclear(format!(
                "PodDisruptionBudget '{name}' selects by labels that controllers give to their pods, and nobody here knows \
                 how many have them"
            ))
        }
        answer => answer,
    }
}

/// As if every pod of the workloads that it selects were selected.
fn answer_for_all(cx: &Context<'_>, budget: &DisruptionBudget, selected: &Selected<'_>) -> Answer {
    // The order is the controller's; the API refuses a budget that sets both.
    match (&budget.max_unavailable, &budget.min_available) {
        (Some(written), _) => max_unavailable(cx, budget, selected, written),
        (None, Some(written)) => match Amount::of(written) {
            Some(Amount::Count(wanted)) => at_least(cx, budget, selected, wanted),
            Some(percent) => at_least_percent(cx, budget, selected, written, &percent),
            None => unreadable(budget, "minAvailable", written),
        },
        (None, None) => blocks(
            budget,
            selected,
            "spec",
            "sets neither minAvailable nor maxUnavailable, which allows no eviction at all",
            "set maxUnavailable: 1",
        ),
    }
}

fn max_unavailable(
    cx: &Context<'_>,
    budget: &DisruptionBudget,
    selected: &Selected<'_>,
    written: &IntOrString,
) -> Answer {
    let field = "maxUnavailable";
    let Some(amount) = Amount::of(written) else { return unreadable(budget, field, written) };
    // Rounded up, anything above zero is at least one pod.
    let zero = matches!(amount, Amount::Count(0) | Amount::Percent(0));
    if let Some(answer) = without_scale(budget, selected, field, written, zero) {
        return answer;
    }
    if let Some(answer) = scaled_to_nothing(cx, budget, selected, field, written) {
        return answer;
    }
    // A pod without a controller is healthy beyond what the scales sum up to, and so may go.
    if !zero || selected.bare_pods() > 0 {
        return Answer::Allows;
    }
    let what = format!("has maxUnavailable {written}, so no pod of {} may ever be evicted", selected.names());
    blocks(budget, selected, "spec.maxUnavailable", &what, "set maxUnavailable: 1")
}

fn at_least_percent(
    cx: &Context<'_>,
    budget: &DisruptionBudget,
    selected: &Selected<'_>,
    written: &IntOrString,
    amount: &Amount,
) -> Answer {
    if let Some(answer) = without_scale(budget, selected, "minAvailable", written, false) {
        return answer;
    }
    if let Some(answer) = scaled_to_nothing(cx, budget, selected, "minAvailable", written) {
        return answer;
    }
    let scale = fewest(cx, selected);
    let (wanted, healthy) = (amount.rounded_up(scale), scale.saturating_add(selected.bare_pods()));
    if scale == 0 {
        return Answer::Idle;
    }
    if healthy > wanted {
        return Answer::Allows;
    }
    let what = format!(
        "asks for minAvailable {written}, which rounds up to {wanted} of {}",
        shrinks(cx, selected, healthy)
    );
    blocks(budget, selected, "spec.minAvailable", &what, FIX_MINIMUM)
}

fn at_least(cx: &Context<'_>, budget: &DisruptionBudget, selected: &Selected<'_>, wanted: i64) -> Answer {
    if wanted <= 0 {
        return Answer::Allows;
    }
    if selected.only_daemons() {
        return Answer::Idle;
    }
    let healthy = fewest(cx, selected).saturating_add(selected.bare_pods());
    if healthy > wanted {
        return Answer::Allows;
    }
    if let Some(kind) = &selected.foreign {
        let name = &budget.meta.name;
        return Answer::Unclear(format!(
            "PodDisruptionBudget '{name}' selects pods of a {kind}, and nobody here knows how many there are to be"
        ));
    }
    let others = selected.without_scale();
    if !others.is_empty() {
        let (name, others) = (&budget.meta.name, names(&others));
        return Answer::Unclear(format!(
            "PodDisruptionBudget '{name}' also counts the pods of {others}, and how many there will be nobody sets"
        ));
    }
    if healthy == 0 {
        return Answer::Idle;
    }
    let fix = if selected.of_scale().is_empty() { FIX_BARE } else { FIX_MINIMUM };
    let what = format!("asks for minAvailable {wanted} of {}", shrinks(cx, selected, healthy));
    blocks(budget, selected, "spec.minAvailable", &what, fix)
}

/// What `maxUnavailable` and percentages come to where not every pod has a controller with a scale.
/// `zero`: even a known scale would allow nothing.
fn without_scale(
    budget: &DisruptionBudget,
    selected: &Selected<'_>,
    field: &str,
    written: &IntOrString,
    zero: bool,
) -> Option<Answer> {
    let path = format!("spec.{field}");
    let others = selected.without_scale();
    if !others.is_empty() {
        let what = format!(
            "counts {field} {written} from the scale of each pod's controller, but {} has none, which makes it allow no \
             eviction at all",
            names(&others)
        );
        let fix = if selected.of_scale().is_empty() {
            "use an integer minAvailable or delete the budget"
        } else {
            "narrow the selector"
        };
        return Some(blocks(budget, selected, &path, &what, fix));
    }
    if let Some(kind) = &selected.foreign {
        if zero && selected.bare_pods() == 0 {
            return None;
        }
        let name = &budget.meta.name;
        return Some(Answer::Unclear(format!(
            "PodDisruptionBudget '{name}' counts {field} from the scale of a {kind}, and nobody here knows whether that \
             has one"
        )));
    }
    if selected.of_scale().is_empty() {
        let what = format!(
            "counts {field} {written} from the scale of each pod's controller, but {} has no controller, which makes it \
             allow no eviction at all",
            selected.names()
        );
        return Some(blocks(budget, selected, &path, &what, FIX_BARE));
    }
    None
}

/// Where all scales may add up to 0 and pods without a controller are there all the same: of nothing expected, nothing
/// is allowed.
fn scaled_to_nothing(
    cx: &Context<'_>,
    budget: &DisruptionBudget,
    selected: &Selected<'_>,
    field: &str,
    written: &IntOrString,
) -> Option<Answer> {
    let idle = selected.bare_pods() > 0 && fewest(cx, selected) == 0;
    let what = format!(
        "counts {field} {written} from the scale of each pod's controller, which may be 0 for {}, and then it allows no \
         eviction at all",
        selected.names()
    );
    idle.then(|| blocks(budget, selected, &format!("spec.{field}"), &what, "narrow the selector"))
}

/// The fewest pods that the selected workloads with a scale may have in all.
fn fewest(cx: &Context<'_>, selected: &Selected<'_>) -> i64 {
    let floors = selected.of_scale().into_iter().filter_map(|w| cx.floor(w)).map(|floor| floor.replicas);
    floors.fold(0, i64::saturating_add)
}

/// "the 2 pods that Deployment 'api' may shrink to (2 replicas)".
fn shrinks(cx: &Context<'_>, selected: &Selected<'_>, healthy: i64) -> String {
    let pods = if healthy == 1 { "the 1 pod".to_owned() } else { format!("the {healthy} pods") };
    if selected.of_scale().is_empty() {
        return format!("{pods} that it selects ({})", selected.names());
    }
    let text = format!("{pods} that {} may shrink to", selected.names());
    match selected.all.as_slice() {
        [one] => cx.floor(one).map(|floor| format!("{text} ({})", floor.describe())).unwrap_or(text),
        _ => format!("{text} in all"),
    }
}

fn unreadable(budget: &DisruptionBudget, field: &str, written: &IntOrString) -> Answer {
    let name = &budget.meta.name;
    Answer::Unclear(format!(
        "PodDisruptionBudget '{name}' has {field} '{written}', which is neither a number nor a percentage"
    ))
}

fn blocks(budget: &DisruptionBudget, selected: &Selected<'_>, field: &str, what: &str, fix: &str) -> Answer {
    let name = &budget.meta.name;
    // Drains leave DaemonSet pods alone.
    let daemons = selected.only_daemons();
    let effect = if daemons {
        "drains skip such pods, but nothing else may evict them"
    } else {
        "node drains and upgrades hang on it"
    };
    let finding = Finding::new(format!("PodDisruptionBudget '{name}' {what}: {effect}; {fix}"))
        .object(Kind::PodDisruptionBudget, name)
        .field(field);
    Answer::Blocks(if daemons { finding.severity(Severity::Low) } else { finding })
}
