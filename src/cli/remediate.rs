//! `seaworthy remediate plan`: what would be made where it is missing, as YAML ready to commit, and what is refused.
//!
//! The objects go to standard output, everything else to standard error. Not its job: making anything.

use std::cell::Cell;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::api::{Level, ProductionPolicy, RemediationMode};
use crate::manifest::Loaded;
use crate::model::{SubjectKey, Text, shortened};
use crate::output::{self, clean};
use crate::policy::default_policy;
use crate::remedy::{Desired, Outcome, Remedy, Terms, delivered_by, plan};
use crate::report::{judge, meta_of};

use super::args::PlanArgs;
use super::input::{Read, read};
use super::output::Output;
use super::{End, Failure, say};

pub(super) fn run(args: &PlanArgs) -> Result<End, Failure> {
    let now = args.input.now.unwrap_or_else(Timestamp::now);
    let (fallback, asks) = (default_policy(Level::Standard), Cell::new(false));
    let adjust = |policy: &mut ProductionPolicy| {
        // Where nobody wrote a policy, the question itself asks for everything.
        let is_fallback = *policy == fallback;
        let mode = &mut policy.spec.remediation.pod_disruption_budgets.mode;
        if is_fallback {
            *mode = RemediationMode::DryRun;
        }
        asks.set(asks.get() || *mode != RemediationMode::Disabled);
    };
    let Read { loaded, policies, exemptions: _, unreadable } =
        read(&args.paths, &args.input, Level::Standard, adjust)?;
    let unread = loaded.problems.len() + unreadable;
    if !asks.get() {
        say(
            "no policy asks for anything to be made: set spec.remediation.podDisruptionBudgets.mode to DryRun or Enabled",
        );
        return Ok(End::Nothing);
    }
    // Here nobody needs permission: nothing is written to any cluster.
    let terms = Terms { home: None, pod_disruption_budgets: true };
    let subjects = loaded.inventory.subjects();
    let workloads = subjects.iter().filter(|key| matches!(key, SubjectKey::Workload(_)));
    let (mut out, mut taken, mut looked_at) = (Output::begin(), BTreeSet::new(), false);
    for key in workloads {
        let judgement = judge(&loaded.inventory, &policies, key, now);
        looked_at |= judgement.is_some();
        for mut remedy in plan(&loaded.inventory, &policies, key, &terms, now) {
            let outcomes = judgement.iter().flat_map(|judgement| &judgement.evaluation.outcomes);
            let exempt =
                outcomes.filter(|outcome| outcome.check == remedy.check).find_map(|o| o.exempt.as_ref());
            if let Some(exempt) = exempt {
                remedy.decline(format!("{} is exempt by {}: {}", remedy.check, exempt.by, exempt.reason));
            }
            conflicts(&remedy, key);
            match (&remedy.outcome, &remedy.desired) {
                (Outcome::Refused(why), _) => {
                    say(&clean(&format!("refused: {} {}: {why}", remedy.place.kind, of(&loaded, key))));
                }
                (_, Some(desired)) => {
                    let name = free_name(&loaded, desired, &mut taken);
                    let comments = comments(&loaded, &remedy, desired, key);
                    out.write(&output::remedy_yaml(&comments, &desired.manifest(&name))?)?;
                }
                _ => {}
            }
        }
    }
    if !looked_at && unread == 0 {
        say("nothing to remedy: no workload that a policy covers");
        return Ok(End::Nothing);
    }
    Ok(if unread > 0 { End::Findings } else { End::Clean })
}

fn conflicts(remedy: &Remedy, key: &SubjectKey) {
    if let (Some(policy), [_, ..]) = (&remedy.policy, remedy.conflicting.as_slice()) {
        let others: Vec<String> = remedy.conflicting.iter().map(|other| format!("'{other}'")).collect();
        let others = others.join(", ");
        say(&clean(&format!(
            "note: {}: policy '{policy}' decides, and not {others}, as it is older",
            named(key)
        )));
    }
}

/// "for Deployment 'api' of namespace 'shop' (shop/api.yaml:3:1)".
fn of(loaded: &Loaded, key: &SubjectKey) -> String {
    let place = match key {
        SubjectKey::Workload(id) => loaded.document(id.kind, &id.namespace, &id.name),
        SubjectKey::Namespace(_) => None,
    };
    let place = place.map(|document| format!(" ({})", document.place("metadata.name"))).unwrap_or_default();
    format!("for {}{place}", named(key))
}

fn named(key: &SubjectKey) -> String {
    match key {
        SubjectKey::Workload(id) => format!("{} '{}' of namespace '{}'", id.kind, id.name, id.namespace),
        SubjectKey::Namespace(name) => format!("namespace '{name}'"),
    }
}

fn comments(loaded: &Loaded, remedy: &Remedy, desired: &Desired, key: &SubjectKey) -> Vec<String> {
    let mut comments = vec![format!("{} {}", remedy.place.kind, of(loaded, key)), desired.why.clone()];
    if let Outcome::Pending(why) = &remedy.outcome {
        comments.push(format!("a controller would wait: {why}"));
    }
    let owner = meta_of(&loaded.inventory, key).and_then(delivered_by);
    comments.extend(
        owner.map(|owner| format!("{owner} delivers the workload: commit this where it takes that from")),
    );
    comments
}

/// A name that nothing of the kind has in the namespace, here or among what was just written.
fn free_name(loaded: &Loaded, desired: &Desired, taken: &mut BTreeSet<(Text, Text)>) -> Text {
    let (kind, namespace) = (desired.place.kind, &desired.place.namespace);
    let SubjectKey::Workload(id) = &desired.subject else { return desired.place.name.clone() };
    let longer = shortened(&format!("{}-{}", id.kind.name().to_ascii_lowercase(), id.name));
    let names = [id.name.clone(), Text::new(&longer), desired.place.name.clone()];
    let free = |name: &&Text| {
        let known = loaded.document(kind, namespace, name).is_some();
        !known && !taken.contains(&(namespace.clone(), (*name).clone()))
    };
    let name = names.iter().find(free).unwrap_or(&desired.place.name).clone();
    taken.insert((namespace.clone(), name.clone()));
    name
}
