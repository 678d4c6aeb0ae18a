//! `seaworthy remediate plan`: what would be made where it is missing, as YAML ready to commit, and what is refused.
//!
//! The objects go to standard output, everything else to standard error. Not its job: making anything.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::api::{Level, ProductionPolicy, RemediationMode};
use crate::manifest::Loaded;
use crate::model::{Relations, SubjectKey, Text, shortened};
use crate::output::{self, clean};
use crate::policy::default_policy;
use crate::remedy::{Action, Desired, Hold, Outcome, Remedy, Terms, delivered_by, plan};
use crate::report::{judge, meta_of};

use super::input::{Read, read_from};
use super::output::Output;
use super::policy_args::PlanArgs;
use super::{End, Failure, places, say};

pub(super) fn run(args: &PlanArgs) -> Result<End, Failure> {
    let now = args.input.reading.now.unwrap_or_else(Timestamp::now);
    let Read { loaded, policies, origins, unreadable, .. } =
        read_from(args.origin(), &args.input, without_policy())?;
    let unread = loaded.problems.len() + unreadable;
    if policies.iter().all(|policy| !policy.remediation.asks()) {
        let how = "set the mode of spec.remediation.podDisruptionBudgets or of networkPolicies to DryRun or Enabled";
        say(&format!("no policy asks for anything to be made: {how}"));
        return Ok(End::Nothing);
    }
    // One that was written stands somewhere, or has a generation in its cluster.
    if origins.is_empty() && policies.iter().all(|policy| policy.generation == 0) {
        let how = "give a policy with spec.remediation.networkPolicies, which says whom to deny and to allow";
        say(&format!("note: only PodDisruptionBudgets are planned; for NetworkPolicies {how}"));
    }
    // Here nobody needs permission: nothing is written to any cluster.
    let terms = Terms { home: None, pod_disruption_budgets: true, network_policies: true };
    let (mut out, mut taken) = (Output::begin(), BTreeSet::new());
    let (mut looked_at, mut told) = (false, false);
    // Of the several objects for a namespace the same is often to be said.
    let mut said = BTreeSet::new();
    let mut say_once = |line: String| {
        if !said.contains(&line) {
            say(&line);
            said.insert(line);
        }
    };
    for key in loaded.inventory.subjects() {
        let judgement = judge(&loaded.inventory, &policies, &key, now);
        looked_at |= judgement.is_some();
        let outcomes = judgement.as_ref().map_or(&[][..], |judgement| &judgement.evaluation.outcomes);
        for mut remedy in plan(&loaded.inventory, &policies, &key, (&terms, &Hold::Free), now) {
            remedy.heed_exemptions(outcomes);
            told |= remedy.outcome != Outcome::Nothing || remedy.action.is_some();
            note_of_conflicts(&loaded, &remedy, &key).into_iter().for_each(&mut say_once);
            match (&remedy.action, &remedy.outcome, &remedy.desired) {
                (Some(Action::Withdraw { why, .. }), ..) => {
                    say_once(fate(&loaded, "would be taken away", &remedy, &key, why));
                }
                (Some(Action::Update), ..) => {
                    let why = "it does not say what the policy asks for any more";
                    say_once(fate(&loaded, "would be changed", &remedy, &key, why));
                }
                (_, Outcome::Refused(why), _) => say_once(fate(&loaded, "refused", &remedy, &key, why)),
                (_, _, Some(desired)) => {
                    let name = free_name(&loaded, desired, &mut taken);
                    let comments = comments(&loaded, &remedy, desired, &key);
                    out.write(&output::remedy_yaml(&comments, &desired.manifest(&name))?)?;
                }
                _ => {}
            }
        }
    }
    if !looked_at && unread == 0 {
        say("nothing to remedy: there is nobody whom a policy covers");
        return Ok(End::Nothing);
    }
    if !told {
        say("nothing is missing of what policies let be made");
    }
    Ok(if unread > 0 { End::Findings } else { End::Clean })
}

/// Where nobody wrote a policy, the question itself asks for what needs no choice: whom NetworkPolicies are to let
/// through nobody else can say.
fn without_policy() -> ProductionPolicy {
    let mut policy = default_policy(Level::Standard);
    policy.spec.remediation.pod_disruption_budgets.mode = RemediationMode::DryRun;
    policy
}

fn called(key: &SubjectKey) -> &'static str {
    match key {
        SubjectKey::Workload(_) => "the workload",
        SubjectKey::Namespace(_) => "the namespace",
    }
}

/// What becomes of an object that is not to be committed, and why.
fn fate(loaded: &Loaded, what: &str, remedy: &Remedy, key: &SubjectKey, why: &str) -> String {
    let object = match &remedy.standing {
        Some(standing) => standing.place.to_string(),
        None => remedy.place.kind.to_string(),
    };
    clean(&format!("{what}: {object} for {}: {why}", subject(loaded, key))).into_owned()
}

fn note_of_conflicts(loaded: &Loaded, remedy: &Remedy, key: &SubjectKey) -> Option<String> {
    let policy = remedy.policy.as_ref().filter(|_| !remedy.conflicting.is_empty())?;
    let others: Vec<String> = remedy.conflicting.iter().map(|other| format!("'{other}'")).collect();
    let (others, subject) = (others.join(", "), subject(loaded, key));
    let note = format!("note: {subject}: policy '{policy}' decides, and not {others}, as it is older");
    Some(clean(&note).into_owned())
}

/// "Deployment 'api' of namespace 'shop' (shop/api.yaml:3:1)".
fn subject(loaded: &Loaded, key: &SubjectKey) -> String {
    let place = places::of_subject(loaded, key).map(|place| format!(" ({place})")).unwrap_or_default();
    match key {
        SubjectKey::Workload(id) => {
            format!("{} '{}' of namespace '{}'{place}", id.kind, id.name, id.namespace)
        }
        SubjectKey::Namespace(name) => format!("namespace '{name}'{place}"),
    }
}

fn comments(loaded: &Loaded, remedy: &Remedy, desired: &Desired, key: &SubjectKey) -> Vec<String> {
    let mut comments =
        vec![format!("{} for {}", remedy.place.kind, subject(loaded, key)), desired.why.clone()];
    if let (Outcome::Pending(why), None) = (&remedy.outcome, &remedy.action) {
        comments.push(format!("a controller would wait: {why}"));
    }
    comments.extend(remedy.remark.clone());
    let owner = meta_of(&loaded.inventory, key).and_then(delivered_by);
    let to = |owner| format!("{owner} delivers {}: commit this where that comes from", called(key));
    comments.extend(owner.map(to));
    comments
}

/// A name that nothing of the kind has in the namespace, here or among what was just written.
fn free_name(loaded: &Loaded, desired: &Desired, taken: &mut BTreeSet<(Text, Text)>) -> Text {
    let (kind, namespace) = (desired.place.kind, &desired.place.namespace);
    let SubjectKey::Workload(id) = &desired.subject else { return desired.place.name.clone() };
    let longer = shortened(&format!("{}-{}", id.kind.name().to_ascii_lowercase(), id.name));
    let names = [id.name.clone(), Text::new(&longer), desired.place.name.clone()];
    let known = Relations::of(&loaded.inventory, namespace);
    let free =
        |name: &&Text| !known.exists(kind, name) && !taken.contains(&(namespace.clone(), (*name).clone()));
    let name = names.iter().find(free).unwrap_or(&desired.place.name).clone();
    taken.insert((namespace.clone(), name.clone()));
    name
}
