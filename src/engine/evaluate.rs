//! Runs the checks in force over one subject.
//!
//! Several policies may ask for one check: each is judged with its own parameters, a failure under any of them is a
//! failure, and the highest severity shows. Not its job: which policies cover the subject (`policy`).

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use smallvec::{SmallVec, smallvec};

use super::outcome::{Outcome, Ran, Run, bounded, outcomes, take_out_exempt};
use super::{Check, Context, Exempts, Finding, NothingExempt, ParamValue, Scope, Sees, Subject, Verdict};
use crate::api::{ResultWord, Severity, Truth};
use crate::model::{Inventory, Kind, SubjectKey, Text, Workload};

/// The check that a result about an unreadable object carries.
const UNREADABLE_CHECK: &str = "invalid-object";

/// A check that a policy asks for.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The check.
    pub check: &'static Check,
    /// The name under which a policy asks for something of its own; `None` for a check of the catalogue.
    pub name: Option<Text>,
    /// The policy's severity for it.
    pub severity: Option<Severity>,
    /// Its parameters.
    pub params: ParamValue,
}

impl InForce {
    /// The name that its results carry.
    pub fn name(&self) -> &str {
        self.name.as_ref().map_or(self.check.id, Text::as_str)
    }
}

/// What a policy asks of the subjects that it covers.
#[derive(Clone, Debug)]
pub struct Ruleset {
    /// The policy's name.
    pub policy: Text,
    /// The lowest severity whose failures make a subject non-compliant.
    pub threshold: Severity,
    /// The checks in force, by what results call them.
    pub checks: Vec<InForce>,
}

/// What is to be said about a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Every result: failures first, by severity and name, then what is unknown, exempt, passed, and not applicable.
    pub outcomes: Vec<Outcome>,
    /// How many checks were run.
    pub checks: usize,
    /// The verdict under each ruleset, in their order.
    pub compliant: Vec<Truth>,
    /// When a result will change though nothing else does.
    pub recheck_at: Option<Timestamp>,
    /// Whether the wording rests on objects that do not touch the subject when they change.
    pub hinted: bool,
}

/// Judges a subject of which nothing is exempt; `None` when it is not there.
pub fn evaluate(
    inventory: &Inventory,
    key: &SubjectKey,
    rulesets: &[&Ruleset],
    now: Timestamp,
) -> Option<Evaluation> {
    evaluate_exempting(inventory, key, rulesets, &NothingExempt, now)
}

/// Judges a subject of which some results may be exempt; `None` when it is not there. Of one that cannot be read
/// nothing is, as nothing of it was judged.
pub fn evaluate_exempting(
    inventory: &Inventory,
    key: &SubjectKey,
    rulesets: &[&Ruleset],
    exempts: &dyn Exempts,
    now: Timestamp,
) -> Option<Evaluation> {
    let space = inventory.space(key.namespace());
    let workload = match key {
        SubjectKey::Namespace(name) => {
            inventory.is_subject(name).then_some(())?;
            None
        }
        SubjectKey::Workload(id) => {
            let space = space?;
            if let Some(reason) = space.unreadable_reason(id.kind, &id.name) {
                return Some(unreadable(reason, inventory.is_live(), rulesets));
            }
            Some(space.workload(id.kind, &id.name).filter(|workload| workload.is_subject())?)
        }
    };
    let (subject, scope) = match workload {
        Some(workload) => (Subject::Workload(workload), Scope::Workload),
        None => (Subject::Namespace, Scope::Namespace),
    };
    let cx = Context::new(inventory, key.namespace(), now);
    let idle = workload.and_then(|workload| idle(&cx, workload));
    let unseen = workload.and_then(|workload| unseen_template(&cx, workload));
    let mut ran: Vec<Ran<'_>> = Vec::new();
    let mut known: HashMap<(*const Check, Option<&Text>), usize> = HashMap::new();
    for &ruleset in rulesets {
        for in_force in ruleset.checks.iter().filter(|c| c.check.rule.judges_with(scope, &c.params)) {
            let (check, name) = (in_force.check, in_force.name.as_ref());
            // With one policy nothing can be the same, and most clusters have one.
            let at = match rulesets.len() {
                1 => ran.len(),
                _ => *known.entry((std::ptr::from_ref(check), name)).or_insert(ran.len()),
            };
            if at == ran.len() {
                ran.push(Ran { check, name, runs: SmallVec::new() });
            }
            let Some(Ran { runs, .. }) = ran.get_mut(at) else { continue };
            let same = |run: &&mut Run<'_>| {
                run.in_force.first().is_some_and(|(_, other)| other.params == in_force.params)
            };
            if let Some(run) = runs.iter_mut().find(same) {
                run.in_force.push((ruleset, in_force));
                continue;
            }
            let verdict = match (&idle, &unseen) {
                _ if inventory.is_live() && check.sees == Sees::Manifest => {
                    Verdict::not_applicable("only a manifest can show this, not a live object")
                }
                (Some(why), _) => Verdict::not_applicable(why.clone()),
                (None, Some(why)) => Verdict::unknown(why.clone()),
                (None, None) => judge(&cx, in_force, subject),
            };
            let (by_design, evidence) = (cx.take_by_design(), cx.take_evidence());
            runs.push(Run { in_force: smallvec![(ruleset, in_force)], verdict, by_design, evidence });
        }
    }
    let checks = ran.len();
    let waived = take_out_exempt(&mut ran, exempts);
    let compliant = rulesets.iter().map(|r| compliance(r, &ran)).collect();
    Some(Evaluation {
        checks,
        outcomes: outcomes(ran, waived, rulesets),
        compliant,
        recheck_at: cx.recheck_at(),
        hinted: cx.is_hinted(),
    })
}

/// Why a workload is not judged at all: it is meant to run nothing.
fn idle(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    if workload.suspended {
        return Some("the workload is suspended".to_owned());
    }
    // KEDA scales to zero and back all day; only a zero that a person wrote takes a workload out of service.
    let zero = workload.replicas == Some(0);
    let scaled = || cx.autoscalers_of(workload).iter().any(|a| a.kind == Kind::ScaledObject);
    let idle = zero && !scaled();
    cx.take_blind();
    cx.take_by_design();
    idle.then(|| "the workload is scaled to 0 replicas".to_owned())
}

/// Why a workload cannot be judged at all: its pods are described elsewhere, and that is not there.
fn unseen_template(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    let lender = workload.template_ref.as_ref()?;
    if !workload.template.spec.containers.is_empty() {
        return None;
    }
    let what = format!("its pods come from {} '{}' (spec.workloadRef)", lender.kind, lender.name);
    let Some((kind, name)) = lender.workload() else {
        return Some(format!("{what}, a kind that is not read"));
    };
    let there = cx.workload(kind, &name).is_some();
    Some(match cx.take_blind() {
        Some(why) => format!("{what}, and {why}"),
        None if there => format!("{what}, which has none"),
        None => format!("{what}, which is not there"),
    })
}

/// Runs one check. A look at something that cannot be seen makes whatever it says `Unknown`.
fn judge(cx: &Context<'_>, in_force: &InForce, subject: Subject<'_>) -> Verdict {
    let verdict = in_force.check.rule.judge(cx, &in_force.params, subject);
    match cx.take_blind() {
        Some(reason) => Verdict::unknown(reason.to_string()),
        None => verdict,
    }
}

/// The verdict under one policy: from its own runs, as a worse answer under another's parameters hides theirs.
fn compliance(ruleset: &Ruleset, ran: &[Ran<'_>]) -> Truth {
    let each = ran.iter().flat_map(|ran| ran.runs.iter().map(|run| (ran.check, run)));
    let own = each.filter_map(|(check, run)| {
        let (_, in_force) = run.in_force.iter().find(|(asking, _)| std::ptr::eq(*asking, ruleset))?;
        Some((check, run, in_force.severity))
    });
    let mut truth = Truth::True;
    for (check, run, asked) in own {
        // By the policy's own severity: what another makes of the check is between it and its threshold.
        let at_bar = |finding: Option<&Finding>| {
            let own = finding.and_then(|f| f.severity).unwrap_or(check.severity);
            asked.unwrap_or(own) >= ruleset.threshold
        };
        match &run.verdict {
            Verdict::Fail(findings) if findings.iter().any(|f| at_bar(Some(f))) => return Truth::False,
            // What nobody can see from here is said, and counted, and not asked of the subject.
            Verdict::Unknown(_) if at_bar(None) && !run.by_design => truth = Truth::Unknown,
            _ => {}
        }
    }
    truth
}

/// A manifest that is not what its kind says fails; a live object has passed the API server, so that the fault is ours.
fn unreadable(reason: &str, live: bool, rulesets: &[&Ruleset]) -> Evaluation {
    let (result, truth) =
        if live { (ResultWord::Unknown, Truth::Unknown) } else { (ResultWord::Fail, Truth::False) };
    let outcome = Outcome {
        check: Cow::Borrowed(UNREADABLE_CHECK),
        result,
        severity: Severity::High,
        message: bounded(format!("the object {reason}; correct the field so that it can be judged").into()),
        container: None,
        object: None,
        field: None,
        evidence: None,
        policies: rulesets.iter().map(|r| r.policy.clone()).collect(),
        exempt: None,
    };
    let compliant = rulesets.iter().map(|_| truth).collect();
    Evaluation { outcomes: vec![outcome], checks: 1, compliant, recheck_at: None, hinted: false }
}

#[cfg(test)]
mod tests {
    use super::super::PerWorkload;
    use super::*;
    use crate::api::{Category, Level};

    #[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    struct Asks {
        for_live: i64,
    }

    fn asks(_: &Context<'_>, params: &Asks, _: &Workload) -> Verdict {
        if params.for_live > 0 { Verdict::unknown("not seen") } else { Verdict::fail(Finding::new("bad")) }
    }

    static RULE: PerWorkload<Asks> = PerWorkload(asks);
    static CHECK: Check = Check {
        id: "asks",
        title: "",
        category: Category::Health,
        severity: Severity::High,
        profile: Level::None,
        sees: Sees::Template,
        sources: &[],
        remediation: "",
        rule: &RULE,
        page: "",
    };

    #[test]
    fn what_one_policy_cannot_judge_is_not_met_because_another_fails() {
        let ruleset = |policy: &str, for_live| Ruleset {
            policy: policy.into(),
            threshold: Severity::High,
            checks: vec![InForce {
                check: &CHECK,
                name: None,
                severity: None,
                params: ParamValue::new(Asks { for_live }),
            }],
        };
        let (a, b) = (ruleset("a", 0), ruleset("b", 1));
        let mut inventory = Inventory::offline(true);
        let json = r#"{"metadata":{"name":"api","namespace":"shop"}}"#;
        let Ok(crate::decode::Decoded::Record(record)) = crate::decode::decode(Kind::Deployment, json, "")
        else {
            panic!("a Deployment")
        };
        inventory.apply(record);
        let key =
            inventory.subjects().into_iter().find(|key| matches!(key, SubjectKey::Workload(_))).unwrap();
        let evaluation = evaluate(&inventory, &key, &[&a, &b], Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(evaluation.compliant, [Truth::False, Truth::Unknown]);
    }
}
