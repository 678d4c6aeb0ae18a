//! An evaluation to the report that the cluster should hold.

use std::collections::BTreeMap;

use crate::api::{
    ComplianceReport, Condition, Document, HaltedRemediation, MAX_HALTED, MAX_MESSAGE, MAX_POLICIES,
    MAX_RESULTS, ObjectMeta, OwnerReference, PolicyRef, REPORT_KIND, ReportResult, ResultRemediation,
    ResultWord, Scope, Severity, Truth, WorkloadCounts,
};
use crate::engine::{Evaluation, Outcome};
use crate::model::{Kind, Meta, SubjectKey, Text};
use crate::policy::Policy;
use jiff::Timestamp;

use super::name::name_of;
use super::tally::Tally;

/// The largest report, in bytes of JSON.
const MAX_BYTES: usize = 32 << 10;
/// More than a result has besides its texts, and more than a report of one policy has besides its results.
const MAX_RESULT_FRAME: usize = 440;
const MAX_REPORT_FRAME: usize = 8 << 10;

/// What a report is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// The subject.
    pub key: &'a SubjectKey,
    /// The subject's metadata; `None` for a namespace whose object is not known.
    pub meta: Option<&'a Meta>,
    /// What was found.
    pub evaluation: Evaluation,
    /// The policies that cover it, in the evaluation's order.
    pub policies: &'a [&'a Policy],
    /// For a namespace: its workloads, and the tally of all of them.
    pub workloads: Option<(WorkloadCounts, Tally)>,
    /// What remediation came to, by the check whose result it is about.
    pub remediation: &'a BTreeMap<&'static str, ResultRemediation>,
    /// The objects of remediation that are not made again.
    pub halted: &'a [HaltedRemediation],
    /// What the report said before.
    pub known: Option<&'a Known>,
    /// The time of the evaluation.
    pub now: Timestamp,
}

/// What is kept of a report that was written: when each result and condition took its present state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The verdict.
    pub compliant: Option<Truth>,
    /// `None` where that is when the report was made.
    since: BTreeMap<u64, Option<Timestamp>>,
    conditions: BTreeMap<(String, &'static str), Timestamp>,
}

impl From<&ComplianceReport> for Known {
    fn from(report: &ComplianceReport) -> Self {
        let conditions = report.conditions.iter();
        Self {
            compliant: Some(report.compliant),
            since: report.results.iter().map(|r| (identity(r), r.since)).collect(),
            conditions: conditions
                .map(|c| ((c.type_.clone(), c.status.as_str()), c.last_transition_time))
                .collect(),
        }
    }
}

/// What makes a result the same result as before, as a hash: everything but its wording and its times.
fn identity(result: &ReportResult) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    let ReportResult { check, result, severity: _, message: _, container, object, field, .. } = result;
    (check, result, container, object, field).hash(&mut hasher);
    hasher.finish()
}

/// Builds the report.
pub fn build(material: Material<'_>) -> ComplianceReport {
    // The API's times have seconds; a finer one would not come back as it was written.
    let now = Timestamp::from_second(material.now.as_second()).unwrap_or(material.now);
    let own = Tally::of(&material.evaluation.outcomes);
    let mut all = own;
    let mut compliant = worst(&material.evaluation.compliant);
    if let Some((counts, tally)) = material.workloads {
        all += tally;
        if counts.non_compliant > 0 {
            compliant = Truth::False;
        } else if counts.unknown > 0 && compliant == Truth::True {
            compliant = Truth::Unknown;
        }
    }
    let conditions = conditions(compliant, &material, now);
    let Material { key, meta, evaluation, policies, workloads, remediation, halted, known, now: _ } =
        material;
    let lists_passed = policies.iter().any(|policy| policy.lists_passed);
    let is_listed = |outcome: &Outcome| match outcome.result {
        ResultWord::Fail | ResultWord::Unknown | ResultWord::Exempt => true,
        // What passes thanks to an object of ours says so.
        ResultWord::Pass | ResultWord::NotApplicable => {
            lists_passed || remediation.contains_key(outcome.check.as_ref())
        }
    };
    let wanted = evaluation.outcomes.iter().filter(|outcome| is_listed(outcome)).count();
    let mut results = Vec::with_capacity(wanted.min(MAX_RESULTS));
    let listed = evaluation.outcomes.into_iter().filter(is_listed).take(MAX_RESULTS);
    results.extend(listed.map(|outcome| {
        let remediation = remediation.get(outcome.check.as_ref()).cloned();
        result(outcome, remediation, policies.len(), known, now)
    }));
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let mut report = ComplianceReport {
        metadata: metadata(key, meta, policies),
        scope: scope(key, meta),
        compliant,
        score: all.score(),
        policies: policies.iter().take(MAX_POLICIES).map(|policy| policy_ref(policy)).collect(),
        omitted_policies: policies.len().checked_sub(MAX_POLICIES).filter(|n| *n > 0).map(count),
        summary: own.summary,
        workloads: workloads.map(|(counts, _)| counts),
        omitted_results: None,
        results,
        halted_remediations: halted.iter().take(MAX_HALTED).cloned().collect(),
        conditions,
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    cut_to_size(&mut report);
    report.omitted_results = Some(wanted - report.results.len()).filter(|n| *n > 0).map(count);
    report
}

/// Leaves results out until the report is small enough. They are sorted worst first, so it is those that matter least.
fn cut_to_size(report: &mut ComplianceReport) {
    // Next to no report is near the limit, and that shows without writing it out.
    let texts = |r: &ReportResult| {
        let optional = [&r.container, &r.object, &r.field, &r.exemption, &r.exempt_reason];
        let optional = optional.into_iter().flatten();
        let policies: usize = r.policies.iter().map(|policy| policy.len() + 3).sum();
        let of_remedy = r.remediation.iter().flat_map(|remedy| remedy.object.iter().chain([&remedy.reason]));
        optional.chain([&r.message]).chain(of_remedy).map(|text| escaped_len(text)).sum::<usize>() + policies
    };
    let results: usize = report.results.iter().map(|r| MAX_RESULT_FRAME + texts(r)).sum();
    let is_plain = report.policies.len() == 1 && report.halted_remediations.is_empty();
    if is_plain && MAX_REPORT_FRAME + results <= MAX_BYTES {
        return;
    }
    let length = |json: serde_json::Result<Vec<u8>>| json.map_or(0, |json| json.len());
    let mut bytes = length(serde_json::to_vec(&report));
    while bytes > MAX_BYTES
        && let Some(result) = report.results.pop()
    {
        // With the comma before it.
        bytes = bytes.saturating_sub(length(serde_json::to_vec(&result)) + 1);
    }
}

/// At most so many bytes a text is in JSON.
fn escaped_len(text: &str) -> usize {
    // Counted one after the other, and not in one go, as machines do the first many bytes at a time.
    let count = |is: fn(u8) -> bool| text.bytes().filter(|byte| is(*byte)).count();
    text.len() + count(|byte| matches!(byte, b'"' | b'\\')) + 5 * count(|byte| byte < b' ')
}

fn worst(verdicts: &[Truth]) -> Truth {
    if verdicts.contains(&Truth::False) {
        Truth::False
    } else if verdicts.contains(&Truth::Unknown) {
        Truth::Unknown
    } else {
        Truth::True
    }
}

fn metadata(key: &SubjectKey, meta: Option<&Meta>, policies: &[&Policy]) -> ObjectMeta {
    let (kind, name) = kind_and_name(key);
    let mut labels = BTreeMap::from([
        ("app.kubernetes.io/managed-by".to_owned(), "seaworthy".to_owned()),
        ("seaworthy.dev/scope-kind".to_owned(), kind.name().to_owned()),
    ]);
    if name.len() <= 63 {
        labels.insert("seaworthy.dev/scope-name".to_owned(), name.to_owned());
    }
    let of_policy = |policy: &&Policy| (format!("policy.seaworthy.dev/{}", policy.name()), String::new());
    labels.extend(policies.iter().take(MAX_POLICIES).map(of_policy));
    let owner = meta.filter(|meta| !meta.uid.is_empty()).map(|meta| OwnerReference {
        api_version: kind.api_version(),
        kind: kind.name().to_owned(),
        name: name.to_owned(),
        uid: meta.uid.to_string(),
        controller: false,
        block_owner_deletion: false,
    });
    ObjectMeta {
        name: name_of(key),
        namespace: key.namespace().to_string(),
        labels,
        owner_references: owner.into_iter().collect(),
        ..ObjectMeta::default()
    }
}

fn kind_and_name(key: &SubjectKey) -> (Kind, &str) {
    match key {
        SubjectKey::Namespace(name) => (Kind::Namespace, name),
        SubjectKey::Workload(id) => (id.kind, &id.name),
    }
}

fn scope(key: &SubjectKey, meta: Option<&Meta>) -> Scope {
    let (kind, name) = kind_and_name(key);
    Scope {
        api_group: kind.info().group.to_owned(),
        kind: kind.name().to_owned(),
        name: name.to_owned(),
        uid: meta.map(|meta| meta.uid.to_string()).unwrap_or_default(),
        generation: meta.map(|meta| meta.generation).filter(|generation| *generation > 0),
    }
}

fn policy_ref(policy: &Policy) -> PolicyRef {
    PolicyRef {
        name: policy.name().to_string(),
        generation: Some(policy.generation).filter(|generation| *generation > 0),
        profile: policy.profile.clone(),
    }
}

fn result(
    outcome: Outcome,
    remediation: Option<ResultRemediation>,
    all: usize,
    known: Option<&Known>,
    now: Timestamp,
) -> ReportResult {
    // Those of the report are not said again with each of its results.
    let some = |policies: &[Text]| match policies.len() < all {
        true => policies.iter().take(MAX_POLICIES).map(ToString::to_string).collect(),
        false => Vec::new(),
    };
    let Outcome { check, result, severity, message, container, object, field, evidence, policies, exempt } =
        outcome;
    let exempt = exempt.as_deref();
    let mut result = ReportResult {
        check: check.into_owned(),
        result,
        severity,
        message: message.into_owned(),
        container: container.map(|c| cut(c.to_string(), 253)),
        object: object.map(|o| cut(o, 320)),
        field: field.map(|f| cut(f, 256)),
        evidence,
        policies: some(&policies),
        exemption: exempt.map(|exempt| cut(exempt.by.to_string(), 320)),
        exempt_reason: exempt.map(|exempt| cut(exempt.reason.to_string(), MAX_MESSAGE)),
        exempt_until: exempt.and_then(|exempt| exempt.until),
        remediation,
        since: None,
    };
    if let Some(known) = known {
        result.since = known.since.get(&identity(&result)).copied().unwrap_or(Some(now));
    }
    result
}

fn cut(text: String, most: usize) -> String {
    // No text has more characters than bytes, and next to none is cut.
    if text.len() <= most { text } else { text.chars().take(most).collect() }
}

fn conditions(compliant: Truth, material: &Material<'_>, now: Timestamp) -> Vec<Condition> {
    let Material { key: _, meta: _, evaluation, policies, workloads, known, .. } = material;
    // The strictest threshold is the one that the verdict had to clear.
    let threshold = policies.iter().map(|p| p.ruleset.threshold).min().unwrap_or(Severity::High);
    let at_bar = |word| {
        let mut checks: Vec<&str> = evaluation
            .outcomes
            .iter()
            .filter(|o| o.result == word && o.severity >= threshold)
            .map(|o| &*o.check)
            .collect();
        checks.dedup();
        checks
    };
    let (failing, unknown) = (at_bar(ResultWord::Fail), at_bar(ResultWord::Unknown));
    let counts = workloads.map(|(counts, _)| counts).filter(|counts| counts.non_compliant > 0);
    let of_workloads =
        counts.map(|c| format!("{} of {} workloads are not compliant", c.non_compliant, c.total));
    let (reason, message) = match compliant {
        Truth::True => {
            let exempt = evaluation.outcomes.iter().filter(|o| o.result == ResultWord::Exempt).count();
            let exempt = if exempt > 0 { format!("; {exempt} exempt") } else { String::new() };
            ("ChecksPassed", format!("no check fails at {threshold} or above{exempt}"))
        }
        Truth::False => {
            let own = (!failing.is_empty()).then(|| {
                let verb = if failing.len() == 1 { "check fails" } else { "checks fail" };
                format!("{} {verb} at {threshold} or above: {}", failing.len(), few(&failing))
            });
            let parts: Vec<String> = of_workloads.into_iter().chain(own).collect();
            ("ChecksFailed", parts.join("; "))
        }
        Truth::Unknown => {
            let own = (!unknown.is_empty()).then(|| {
                let noun = if unknown.len() == 1 { "check" } else { "checks" };
                format!(
                    "{} {noun} at {threshold} or above cannot be judged: {}",
                    unknown.len(),
                    few(&unknown)
                )
            });
            let open = workloads.map(|(counts, _)| counts).filter(|counts| counts.unknown > 0);
            let open =
                open.map(|c| format!("{} of {} workloads cannot be judged in full", c.unknown, c.total));
            let parts: Vec<String> = open.into_iter().chain(own).collect();
            ("NotJudged", parts.join("; "))
        }
    };
    let checks = evaluation.checks;
    let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let evaluated = format!(
        "{} of {} evaluated",
        plural(checks, "check", "checks"),
        plural(policies.len(), "policy", "policies")
    );
    let condition = |type_: &str, status: Truth, reason: &str, message: String| Condition {
        type_: type_.to_owned(),
        status,
        // That of a condition would be the report's own; its scope says the subject's.
        observed_generation: None,
        last_transition_time: known
            .and_then(|known| known.conditions.get(&(type_.to_owned(), status.as_str())))
            .copied()
            .unwrap_or(now),
        reason: reason.to_owned(),
        message,
    };
    vec![
        condition("Compliant", compliant, reason, message),
        condition("Evaluated", Truth::True, "Evaluated", evaluated),
    ]
}

/// The first few of a list.
pub(super) fn few<T: AsRef<str>>(names: &[T]) -> String {
    let join = |names: &[T]| names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.split_at_checked(5) {
        Some((first, rest)) if !rest.is_empty() => format!("{} and {} more", join(first), rest.len()),
        _ => join(names),
    }
}

/// `apiVersion` and `kind` around a report.
pub fn document(report: &ComplianceReport) -> Document<'_, ComplianceReport> {
    Document::new(REPORT_KIND, report)
}
