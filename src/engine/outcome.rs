//! From the runs of checks to results: what several policies get is put together, and what is exempt is set apart.
//!
//! Not its job: running checks (`evaluate`), or deciding what is exempt (`policy::exemption`).

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::evaluate::{InForce, Ruleset};
use super::{Check, Exempt, Exempts, Verdict};
use crate::api::{Evidence, MAX_MESSAGE, ResultWord, Severity};
use crate::model::Text;

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
    pub message: Cow<'static, str>,
    /// The container that it is about.
    pub container: Option<Text>,
    /// The object that it is about where it is not the subject.
    pub object: Option<String>,
    /// The field that it is about.
    pub field: Option<String>,
    /// What it rests on, where that is not plain.
    pub evidence: Option<Evidence>,
    /// The policies that ask for the check and get this answer.
    pub policies: Arc<[Text]>,
    /// By what it is exempt under these policies.
    pub exempt: Option<Arc<Exempt>>,
}

/// A check that was run, for one or more policies.
pub(super) struct Ran<'r> {
    pub(super) check: &'static Check,
    pub(super) name: Option<&'r Text>,
    /// Once for each set of parameters.
    pub(super) runs: SmallVec<[Run<'r>; 1]>,
}

/// Policies, and how each asks for a check. Most clusters have one, and there are very many runs.
pub(super) type Asking<'r> = SmallVec<[(&'r Ruleset, &'r InForce); 1]>;

/// A run of a check with one set of parameters.
pub(super) struct Run<'r> {
    pub(super) in_force: Asking<'r>,
    pub(super) verdict: Verdict,
    /// Nobody could know more from here, so that not knowing does not hold up the verdict on the subject.
    pub(super) by_design: bool,
    pub(super) evidence: Option<Evidence>,
}

impl Ran<'_> {
    fn called(&self) -> &str {
        self.name.map_or(self.check.id, Text::as_str)
    }

    /// The worst answer wins, whoever asked. Without findings it is one answer, and the first speaks for all.
    fn worst(&self) -> ResultWord {
        self.runs.iter().map(Run::word).min().unwrap_or(ResultWord::NotApplicable)
    }
}

impl Run<'_> {
    fn policies(&self) -> impl Iterator<Item = Text> {
        self.in_force.iter().map(|(ruleset, _)| ruleset.policy.clone())
    }

    /// What it says. In the order of the words the worst comes first.
    fn word(&self) -> ResultWord {
        match self.verdict {
            Verdict::Fail(_) => ResultWord::Fail,
            Verdict::Unknown(_) => ResultWord::Unknown,
            Verdict::Pass => ResultWord::Pass,
            Verdict::NotApplicable(_) => ResultWord::NotApplicable,
        }
    }
}

/// A part of a run that is exempt, and by what.
pub(super) struct Waived<'r> {
    ran: Ran<'r>,
    by: Arc<Exempt>,
}

/// Takes out what is exempt: under a policy that it is exempt from, a check says nothing more. An answer that nobody
/// knows is exempt as well, since neither way it would count.
pub(super) fn take_out_exempt<'r>(ran: &mut Vec<Ran<'r>>, exempts: &dyn Exempts) -> Vec<Waived<'r>> {
    let mut waived = Vec::new();
    for Ran { check, name, runs } in ran.iter_mut() {
        let id = name.map_or(check.id, Text::as_str);
        for run in runs.iter_mut().filter(|run| run.word() <= ResultWord::Unknown) {
            let mut taken: Vec<(Arc<Exempt>, Asking<'_>)> = Vec::new();
            run.in_force.retain(|asking| {
                let Some(by) = exempts.exempts(&asking.0.policy, id) else { return true };
                match taken.iter_mut().find(|(other, _)| *other == by) {
                    Some((_, same)) => same.push(*asking),
                    None => taken.push((by, smallvec![*asking])),
                }
                false
            });
            waived.extend(taken.into_iter().map(|(by, in_force)| {
                let run = Run {
                    in_force,
                    verdict: run.verdict.clone(),
                    by_design: run.by_design,
                    evidence: run.evidence,
                };
                Waived { ran: Ran { check, name: *name, runs: smallvec![run] }, by }
            }));
        }
        runs.retain(|run| !run.in_force.is_empty());
    }
    ran.retain(|ran| !ran.runs.is_empty());
    waived
}

/// Every result: failures first, by severity and name, then what is unknown, exempt, passed, and not applicable.
pub(super) fn outcomes<'r>(
    mut ran: Vec<Ran<'r>>,
    mut waived: Vec<Waived<'r>>,
    rulesets: &[&Ruleset],
) -> Vec<Outcome> {
    // Mostly all policies ask for a check and get one answer.
    let all: Arc<[Text]> = rulesets.iter().map(|ruleset| ruleset.policy.clone()).collect();
    // The checks of one policy are in the order of names, and so are the results then, without being sorted again.
    ran.sort_by(|a, b| a.called().cmp(b.called()));
    waived.sort_by(|a, b| a.ran.called().cmp(b.ran.called()));
    let words: Vec<ResultWord> = ran.iter().map(Ran::worst).collect();
    let mut outcomes = Vec::with_capacity(ran.len() + ran.len() / 4 + waived.len());
    for word in ORDER {
        for (ran, _) in ran.iter_mut().zip(&words).filter(|(_, own)| **own == word) {
            merge(ran, None, &all, &mut outcomes);
        }
        match word {
            ResultWord::Fail => outcomes.sort_by_key(|outcome| Reverse(outcome.severity)),
            ResultWord::Exempt => {
                for Waived { ran, by } in &mut waived {
                    merge(ran, Some(by), &all, &mut outcomes);
                }
            }
            _ => {}
        }
    }
    outcomes
}

/// The order of results.
const ORDER: [ResultWord; 5] =
    [ResultWord::Fail, ResultWord::Unknown, ResultWord::Exempt, ResultWord::Pass, ResultWord::NotApplicable];

/// The results of one check, which are taken out of it. `all`: the policies that cover the subject.
fn merge(ran: &mut Ran<'_>, exempt: Option<&Arc<Exempt>>, all: &Arc<[Text]>, outcomes: &mut Vec<Outcome>) {
    let worst = ran.worst();
    let Ran { check, name, runs } = ran;
    let id = || name.map_or(Cow::Borrowed(check.id), |name| Cow::Owned(name.to_string()));
    let word = |own: ResultWord| if exempt.is_some() { ResultWord::Exempt } else { own };
    let asked: SmallVec<[Option<Severity>; 1]> =
        runs.iter().flat_map(|run| &run.in_force).map(|(_, in_force)| in_force.severity).collect();
    // The highest severity that any policy asks for; a finding's own counts where a policy does not say.
    let severity = |own: Severity| asked.iter().map(|asked| asked.unwrap_or(own)).max().unwrap_or(own);
    let those = || runs.iter().filter(|run| run.word() == worst);
    let of_worst: SmallVec<[Arc<[Text]>; 1]> = match (worst, runs.as_slice()) {
        (_, [run]) if run.in_force.len() == all.len() => smallvec![Arc::clone(all)],
        (ResultWord::Fail, _) => those().map(|run| run.policies().collect()).collect(),
        _ => smallvec![those().flat_map(Run::policies).collect()],
    };
    let runs = runs.iter_mut().filter(|run| run.word() == worst);
    for (run, policies) in runs.zip(of_worst) {
        let base = |result, message| Outcome {
            check: id(),
            result: word(result),
            severity: severity(check.severity),
            message: bounded(message),
            container: None,
            object: None,
            field: None,
            evidence: run.evidence,
            policies: Arc::clone(&policies),
            exempt: exempt.cloned(),
        };
        match std::mem::replace(&mut run.verdict, Verdict::Pass) {
            Verdict::Pass => outcomes.push(base(ResultWord::Pass, Cow::Borrowed(""))),
            Verdict::NotApplicable(why) => outcomes.push(base(ResultWord::NotApplicable, why)),
            Verdict::Unknown(why) => outcomes.push(base(ResultWord::Unknown, why)),
            Verdict::Fail(findings) => findings.into_iter().for_each(|finding| {
                outcomes.push(Outcome {
                    severity: severity(finding.severity.unwrap_or(check.severity)),
                    container: finding.container,
                    object: finding.object,
                    field: finding.field,
                    ..base(ResultWord::Fail, Cow::Owned(finding.message))
                })
            }),
        }
    }
}

/// A message cut to what a report may hold.
pub(super) fn bounded(message: Cow<'static, str>) -> Cow<'static, str> {
    if message.len() <= MAX_MESSAGE || message.chars().count() <= MAX_MESSAGE {
        return message;
    }
    message.chars().take(MAX_MESSAGE - 1).chain(['…']).collect()
}
