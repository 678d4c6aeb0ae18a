//! Runs the checks in force over one subject.
//!
//! Several policies may ask for one check: each is judged with its own parameters, a failure under any of them is a
//! failure, and the highest severity shows. Not its job: which policies cover the subject (`policy`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Check, Context, Finding, ParamValue, Scope, Sees, Subject, Verdict};
use crate::api::{MAX_MESSAGE, ResultWord, Severity, Truth};
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

/// What a policy asks of the subjects that it covers.
#[derive(Clone, Debug)]
pub struct Ruleset {
    /// The policy's name.
    pub policy: Text,
    /// The lowest severity whose failures make a subject non-compliant.
    pub threshold: Severity,
    /// The checks in force, in the catalogue's order.
    pub checks: Vec<InForce>,
}

/// One result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The check's id, or the name of what a policy defines itself.
    pub check: Cow<'static, str>,
    /// What it says.
    pub result: ResultWord,
    /// The severity in force.
    pub severity: Severity,
    /// Why; empty for a pass.
    pub message: String,
    /// The container that it is about.
    pub container: Option<Text>,
    /// The object that it is about where it is not the subject.
    pub object: Option<String>,
    /// The field that it is about.
    pub field: Option<String>,
    /// The policies that ask for the check and get this answer.
    pub policies: Arc<[Text]>,
}

/// What is to be said about a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Every result: failures first, by severity and name, then what is unknown, passed, and not applicable.
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

/// A check that was run, for one or more policies.
struct Ran<'r> {
    check: &'static Check,
    name: Option<&'r Text>,
    /// Once for each set of parameters.
    runs: Vec<Run<'r>>,
}

/// A run of a check with one set of parameters.
struct Run<'r> {
    in_force: Vec<(&'r Ruleset, &'r InForce)>,
    verdict: Verdict,
    /// Nobody could know more from here, so that not knowing does not hold up the verdict on the subject.
    by_design: bool,
}

/// Judges a subject; `None` when it is not there.
pub fn evaluate(
    inventory: &Inventory,
    key: &SubjectKey,
    rulesets: &[&Ruleset],
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
    for ruleset in rulesets {
        for in_force in ruleset.checks.iter().filter(|c| c.check.rule.judges(scope)) {
            let (check, name) = (in_force.check, in_force.name.as_ref());
            // With one policy nothing can be the same, and most clusters have one.
            let at = match rulesets.len() {
                1 => ran.len(),
                _ => *known.entry((std::ptr::from_ref(check), name)).or_insert(ran.len()),
            };
            if at == ran.len() {
                ran.push(Ran { check, name, runs: Vec::with_capacity(1) });
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
            let by_design = cx.take_by_design();
            runs.push(Run { in_force: vec![(ruleset, in_force)], verdict, by_design });
        }
    }
    let compliant = rulesets.iter().map(|r| compliance(r, &ran)).collect();
    Some(Evaluation {
        checks: ran.len(),
        outcomes: outcomes(ran, rulesets),
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
        Some(reason) => Verdict::unknown(reason.as_str()),
        None => verdict,
    }
}

fn outcomes(ran: Vec<Ran<'_>>, rulesets: &[&Ruleset]) -> Vec<Outcome> {
    // Mostly all policies ask for a check and get one answer.
    let all: Arc<[Text]> = rulesets.iter().map(|ruleset| ruleset.policy.clone()).collect();
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(ran.len());
    for Ran { check, name, runs } in ran {
        let id = || name.map_or(Cow::Borrowed(check.id), |name| Cow::Owned(name.to_string()));
        // The worst answer wins, whoever asked. Without findings it is one answer, and the first speaks for all.
        let worst = runs.iter().map(Run::rank).min().unwrap_or_default();
        let asked: Vec<Option<Severity>> =
            runs.iter().flat_map(|run| &run.in_force).map(|(_, in_force)| in_force.severity).collect();
        // The highest severity that any policy asks for; a finding's own counts where a policy does not say.
        let severity = |own: Severity| asked.iter().map(|asked| asked.unwrap_or(own)).max().unwrap_or(own);
        let of_worst: Vec<Arc<[Text]>> = match (worst, runs.as_slice()) {
            (_, [run]) if run.in_force.len() == rulesets.len() => vec![Arc::clone(&all)],
            (0, _) => runs.iter().filter(|run| run.rank() == 0).map(|run| run.policies().collect()).collect(),
            _ => {
                let worst = runs.iter().filter(|run| run.rank() == worst);
                vec![worst.flat_map(Run::policies).collect()]
            }
        };
        let runs = runs.into_iter().filter(|run| run.rank() == worst);
        for (run, policies) in runs.zip(of_worst) {
            let base = |result, message| Outcome {
                check: id(),
                result,
                severity: severity(check.severity),
                message: bounded(message),
                container: None,
                object: None,
                field: None,
                policies: Arc::clone(&policies),
            };
            match run.verdict {
                Verdict::Pass => outcomes.push(base(ResultWord::Pass, String::new())),
                Verdict::NotApplicable(why) => outcomes.push(base(ResultWord::NotApplicable, why)),
                Verdict::Unknown(why) => outcomes.push(base(ResultWord::Unknown, why)),
                Verdict::Fail(findings) => outcomes.extend(findings.into_iter().map(|finding| Outcome {
                    severity: severity(finding.severity.unwrap_or(check.severity)),
                    container: finding.container,
                    object: finding.object,
                    field: finding.field,
                    ..base(ResultWord::Fail, finding.message)
                })),
            }
        }
    }
    outcomes.sort_by(|a, b| {
        let by_severity =
            if a.result == ResultWord::Fail { b.severity.cmp(&a.severity) } else { a.check.cmp(&b.check) };
        a.result.cmp(&b.result).then(by_severity).then_with(|| a.check.cmp(&b.check))
    });
    outcomes
}

impl Run<'_> {
    fn policies(&self) -> impl Iterator<Item = Text> {
        self.in_force.iter().map(|(ruleset, _)| ruleset.policy.clone())
    }

    /// The worst first.
    fn rank(&self) -> u8 {
        match self.verdict {
            Verdict::Fail(_) => 0,
            Verdict::Unknown(_) => 1,
            Verdict::Pass => 2,
            Verdict::NotApplicable(_) => 3,
        }
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
        message: bounded(format!("the object {reason}; correct the field so that it can be judged")),
        container: None,
        object: None,
        field: None,
        policies: rulesets.iter().map(|r| r.policy.clone()).collect(),
    };
    let compliant = rulesets.iter().map(|_| truth).collect();
    Evaluation { outcomes: vec![outcome], checks: 1, compliant, recheck_at: None, hinted: false }
}

/// A message cut to what a report may hold.
fn bounded(message: String) -> String {
    if message.len() <= MAX_MESSAGE || message.chars().count() <= MAX_MESSAGE {
        return message;
    }
    message.chars().take(MAX_MESSAGE - 1).chain(['…']).collect()
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
