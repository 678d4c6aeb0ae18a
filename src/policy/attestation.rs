//! The practices that a policy asks for: each is judged as a check of its own name, `attestation-<practice>`.
//!
//! What was seen comes first: where a run of an exercise was seen within the age asked for, the newest decides, and
//! nobody's word is read. Else what people say decides: PracticeAttestations, annotations, the policy itself.
//! Not its job: what of it counts at an instant (`engine::attested`), or which objects say so (`model`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::Schema;
use serde_json::Value;

use crate::api::{
    ATTESTATION_PREFIX, AskedPractice, AttestedOutcome, Category, Evidence, Level, Severity, Statement,
};
use crate::engine::{
    Check, Context, Definition, Finding, InForce, ParamError, ParamValue, Rule, Scope, Sees, Standing,
    Subject, Verdict, Weighed, selector, weigh_claims, weigh_runs,
};
use crate::model::{
    ATTEST, Attestation, Claims, Done, Exercise, Illegible, Inventory, Kind, MAX_PRACTICE, Selector,
    SubjectKey, Text, Told, Workload, is_practice,
};

use super::resolve::Policy;
use super::set::PolicySet;

/// What every asked practice is judged by.
pub static ATTESTATION: Check = Check {
    id: "attestation",
    title: "Every workload has the practices attested that its policies ask for",
    category: Category::Practices,
    severity: Severity::Medium,
    profile: Level::None,
    sees: Sees::Related,
    sources: &["ST", "SE", "HA"],
    remediation: "Carry it out, and attest it with `seaworthy attest`.",
    rule: &Asks,
    page: include_str!("attestation.md"),
};

/// The exercises that objects of a cluster show, by the practice that each is.
const SHOWN: &[(&str, Exercise, &str)] = &[
    ("backup-restore-test", Exercise::Restore, "Restore of Velero"),
    ("chaos-test", Exercise::Chaos, "run of Chaos Mesh or Litmus"),
    ("load-test", Exercise::Load, "TestRun of k6"),
];

/// A practice that a policy asks for, ready to be judged.
#[derive(Debug)]
struct Asked {
    practice: Text,
    max_age_days: Option<u32>,
    selector: Option<Selector>,
    /// What the policy itself says.
    own: Option<Done>,
}

/// Why a policy cannot ask for a practice as it does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It has no name that a practice can have.
    #[error(
        "practice: '{0}' is no name of a practice: at most {MAX_PRACTICE} small letters, digits and dashes"
    )]
    Name(String),
    /// It is asked for twice.
    #[error("practice: '{0}' is asked for twice; keep one of the entries")]
    Twice(String),
    /// No attestation could ever count.
    #[error("maxAgeDays: must be from 1 to 3650")]
    Age,
    /// What the policy says itself never counts.
    #[error("attested.expirationTime: must be later than attested.performedTime")]
    Expiration,
}

/// Puts the practices of a policy into force. Each error comes with its place in the list.
pub(super) fn in_force(asked: &[AskedPractice]) -> (Vec<InForce>, Vec<(usize, AskError)>) {
    let (mut checks, mut errors): (Vec<InForce>, _) = (Vec::new(), Vec::new());
    for (index, entry) in asked.iter().enumerate() {
        let name = Text::new(&format!("{ATTESTATION_PREFIX}{}", entry.practice));
        if !is_practice(&entry.practice) {
            errors.push((index, AskError::Name(entry.practice.clone())));
        } else if checks.iter().any(|other| other.name.as_ref() == Some(&name)) {
            errors.push((index, AskError::Twice(entry.practice.clone())));
        } else if entry.max_age_days.is_some_and(|days| !(1..=3650).contains(&days)) {
            errors.push((index, AskError::Age));
        } else if entry.attested.as_ref().is_some_and(never_counts) {
            errors.push((index, AskError::Expiration));
        } else {
            let params = ParamValue::prepared(Asked::of(entry), &written(entry));
            checks.push(InForce {
                check: &ATTESTATION,
                name: Some(name),
                severity: Some(entry.severity),
                params,
            });
        }
    }
    (checks, errors)
}

fn never_counts(statement: &Statement) -> bool {
    statement.expiration_time.is_some_and(|expires| expires <= statement.performed_time)
}

/// Who asks for what an attestation attests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PracticeAsking {
    /// The policies that ask for it of the workload, or of the namespace, each with the age that it allows.
    pub policies: Vec<(Text, Option<u32>)>,
    /// Whether what it names is there.
    pub has_target: bool,
}

/// Who asks for what an attestation of a namespace attests.
pub fn asking(
    set: &PolicySet,
    inventory: &Inventory,
    namespace: &Text,
    attestation: &Attestation,
) -> PracticeAsking {
    let (key, labels) = match &attestation.target {
        Some(target) if !target.is_namespace(namespace) => {
            let named = target.workload().and_then(|(kind, name)| {
                let workload = inventory.space(namespace)?.workload(kind, &name)?;
                workload.is_subject().then_some(workload)
            });
            let Some(workload) = named else { return PracticeAsking::default() };
            (SubjectKey::Workload(workload.id()), Some(&workload.meta.labels))
        }
        _ => (SubjectKey::Namespace(namespace.clone()), None),
    };
    let name = format!("{ATTESTATION_PREFIX}{}", attestation.practice);
    let asked = |policy: &Policy| {
        let in_force = policy.ruleset.checks.iter().find(|in_force| in_force.name() == name)?;
        let asked = in_force.params.get::<Asked>()?;
        let selects = |labels| asked.selector.as_ref().is_none_or(|selector| selector.matches(labels));
        labels.is_none_or(selects).then(|| (policy.name().clone(), asked.max_age_days))
    };
    let policies = set.covering(inventory, &key).into_iter().filter_map(asked).collect();
    PracticeAsking { policies, has_target: true }
}

/// What the verdict rests on: two policies that ask for the same are judged once.
fn written(entry: &AskedPractice) -> String {
    let AskedPractice { practice: _, severity: _, max_age_days, object_selector, attested } = entry;
    serde_json::to_string(&(max_age_days, object_selector, attested)).unwrap_or_default()
}

impl Asked {
    fn of(entry: &AskedPractice) -> Self {
        let done = |statement: &Statement| Done {
            at: statement.performed_time,
            passed: statement.outcome == AttestedOutcome::Passed,
            expires: statement.expiration_time,
        };
        Self {
            practice: Text::new(&entry.practice),
            max_age_days: entry.max_age_days,
            selector: entry.object_selector.as_ref().map(selector),
            own: entry.attested.as_ref().map(done),
        }
    }

    fn judge(&self, cx: &Context<'_>, workload: &Workload) -> Verdict {
        if self.selector.as_ref().is_some_and(|selector| !selector.matches(&workload.meta.labels)) {
            return Verdict::not_applicable("the policy asks other workloads for it, by their labels");
        }
        let shown = SHOWN.iter().find(|(practice, ..)| self.practice == *practice);
        let runs = shown.map(|(_, exercise, _)| cx.runs_of(workload, *exercise)).unwrap_or_default();
        if let Some((told, done, standing)) = self.weigh(cx, &runs, weigh_runs) {
            cx.rests_on(Evidence::Observed);
            return self.verdict(cx, &told, &done, standing);
        }
        cx.rests_on(Evidence::Attested);
        let Claims { mut made, illegible } = cx.claims_of(workload, &self.practice);
        made.extend(self.own.map(|own| (Told::ByPolicy, own)));
        if let Some((told, done, standing)) = self.weigh(cx, &made, weigh_claims) {
            return self.verdict(cx, &told, &done, standing);
        }
        Verdict::fail(match illegible {
            Some(illegible) => self.illegible(cx, &illegible),
            None => Finding::new(self.missing(workload, shown.map(|(.., what)| *what))),
        })
    }

    /// The one of several that decides, where it stands, and how.
    fn weigh<'t>(
        &self,
        cx: &Context<'_>,
        all: &[(Told<'t>, Done)],
        by: impl FnOnce(&[Done], Option<u32>, Timestamp) -> Weighed,
    ) -> Option<(Told<'t>, Done, Standing)> {
        let done: Vec<Done> = all.iter().map(|(_, done)| *done).collect();
        let decides = cx.at_this_instant(|now| {
            let Weighed { decides, changes_at } = by(&done, self.max_age_days, now);
            (decides, changes_at)
        });
        let (at, standing) = decides?;
        all.get(at).map(|(told, done)| (*told, *done, standing))
    }

    fn verdict(&self, cx: &Context<'_>, told: &Told<'_>, done: &Done, standing: Standing) -> Verdict {
        let (practice, at, place) = (&self.practice, done.at, self.place(told));
        let again = "repeat it and attest it anew";
        let (message, field) = match standing {
            Standing::Counts(_) => return Verdict::Pass,
            Standing::Failed => {
                let message = format!(
                    "practice '{practice}' failed when it was last carried out, at {at} ({place}); correct what that showed, \
                     then {again}"
                );
                (message, "outcome")
            }
            Standing::TooOld(since) => {
                let days = self.max_age_days.unwrap_or_default();
                let message = format!(
                    "practice '{practice}' was last carried out at {at} ({place}), and the policy lets that count for {days} \
                     days, so it is too old since {since}; {again}"
                );
                (message, "performedTime")
            }
            Standing::Expired(since) => {
                let message = format!(
                    "practice '{practice}' was last carried out at {at} ({place}), and that has expired at {since}, as is said \
                     there; {again}"
                );
                (message, "expirationTime")
            }
            Standing::ToCome => {
                let message = format!(
                    "practice '{practice}' is attested for {at} ({place}), which is still to come, and nobody can know yet how \
                     it goes; attest it when it is done, or correct the time"
                );
                (message, "performedTime")
            }
        };
        Verdict::fail(pointed(Finding::new(message), cx, told, field))
    }

    /// Where something is said, in words.
    fn place(&self, told: &Told<'_>) -> String {
        match told {
            Told::Object(kind, meta) => format!("{kind} '{}'", meta.name),
            Told::OnWorkload => format!("annotation '{ATTEST}{}'", self.practice),
            Told::OnNamespace => format!("annotation '{ATTEST}{}' of the namespace", self.practice),
            Told::ByPolicy => "says the policy".to_owned(),
        }
    }

    fn illegible(&self, cx: &Context<'_>, illegible: &Illegible<'_>) -> Finding {
        let Illegible { told, value, why } = illegible;
        let value: String = value.chars().take(80).collect();
        let message = format!(
            "{} {why}, so that nobody can tell when '{}' was carried out: it says '{value}'; write a day as in \
             '2026-09-01', and a link to what shows it if there is one",
            self.place(told),
            self.practice
        );
        pointed(Finding::new(message), cx, told, "")
    }

    fn missing(&self, workload: &Workload, shown: Option<&str>) -> String {
        let (practice, name, namespace) = (&self.practice, &workload.meta.name, &workload.meta.namespace);
        let kind = workload.kind.name().to_ascii_lowercase();
        let shown = shown.map(|what| format!(", and no {what} shows it")).unwrap_or_default();
        format!(
            "nobody attests '{practice}'{shown}: what is not done and written down is not there when it is needed; see to it, \
             then attest it ('seaworthy attest {practice} {kind}/{name} --namespace {namespace} --performed DATE')"
        )
    }
}

/// A finding, with the place to look at.
fn pointed(finding: Finding, cx: &Context<'_>, told: &Told<'_>, field: &str) -> Finding {
    match told {
        Told::Object(kind @ Kind::PracticeAttestation, meta) => {
            finding.object(*kind, &meta.name).field(format!("spec.{field}"))
        }
        Told::Object(kind, meta) => finding.object(*kind, &meta.name),
        Told::OnWorkload => finding.field("metadata.annotations"),
        Told::OnNamespace => finding.object(Kind::Namespace, cx.namespace()).field("metadata.annotations"),
        Told::ByPolicy => finding,
    }
}

/// Judges asked practices; its parameters are made from a policy's entry, never from a check's setting.
struct Asks;

impl Rule for Asks {
    fn judges(&self, scope: Scope) -> bool {
        scope == Scope::Workload
    }
    fn defined_by(&self, params: &ParamValue) -> Option<Definition> {
        let Asked { practice, max_age_days, .. } = params.get::<Asked>()?;
        let age = max_age_days.map_or(String::new(), |days| format!(" at least every {days} days"));
        let title = format!("Practice '{practice}' is carried out and attested{age}");
        Some(Definition { title, how_to_fix: ATTESTATION.page().section("How to fix it").to_owned() })
    }
    fn judge(&self, cx: &Context<'_>, params: &ParamValue, subject: Subject<'_>) -> Verdict {
        match (params.get::<Asked>(), subject) {
            (Some(asked), Subject::Workload(workload)) => asked.judge(cx, workload),
            _ => {
                Verdict::unknown("internal error: the rule was asked about something that it does not judge")
            }
        }
    }
    fn parse(&self, _: &BTreeMap<String, Value>) -> Result<ParamValue, ParamError> {
        let reason = "a practice is asked for in spec.attestations".to_owned();
        Err(ParamError { field: String::new(), reason })
    }
    fn schema(&self) -> BTreeMap<String, Schema> {
        BTreeMap::new()
    }
}
