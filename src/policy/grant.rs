//! Exemptions as they are written (objects, entries of a policy, annotations) to what `exemption` decides about.
//!
//! What the API server would refuse is refused here as well: files and annotations never met it.
//! Not its job: deciding whether one holds.

use jiff::Timestamp;

use crate::api::{
    ComplianceExemption, EVERY_CHECK, EXEMPT_PREFIX, EXEMPT_UNTIL_PREFIX, ExemptionSpec, MAX_REASON,
    MIN_REASON, PolicyExemption, TargetRef, Terms,
};
use crate::engine::selector;
use crate::model::{self, Annotations, Kind, SubjectKey, Text};

use super::exemption::{Checks, Exemption, ExemptionId, Whom};

/// The exemption that a ComplianceExemption is.
pub fn of_object(object: &ComplianceExemption) -> Exemption {
    let namespace = Text::new(&object.metadata.namespace);
    let spec = &object.spec;
    let whom = match (&spec.target_ref, &spec.object_selector) {
        (Some(TargetRef { api_group, kind, name }), _) => Whom::Target {
            namespace: namespace.clone(),
            group: Text::new(api_group),
            kind: Text::new(kind),
            name: Text::new(name),
        },
        (None, Some(written)) => Whom::Workloads(namespace.clone(), selector(written)),
        (None, None) => Whom::Namespace(namespace.clone()),
    };
    let terms = spec.terms();
    Exemption {
        id: ExemptionId::Object { namespace, name: Text::new(&object.metadata.name) },
        whom,
        checks: checks(&terms),
        reason: Text::new(terms.reason),
        until: terms.expiration_time,
        created: object.metadata.creation_timestamp,
        approved: object.is_approved(),
        flaw: flaws(object).into_iter().next(),
    }
}

/// Everything that is wrong with a ComplianceExemption, each with its field.
pub fn flaws(object: &ComplianceExemption) -> Vec<String> {
    let ExemptionSpec { target_ref, object_selector, .. } = &object.spec;
    let mut flaws = flaws_of(&object.spec.terms(), "spec");
    if target_ref.is_some() && object_selector.is_some() {
        flaws.push(
            "spec.objectSelector: only one of `targetRef` and `objectSelector` may be specified".to_owned(),
        );
    }
    let namespace = &object.metadata.namespace;
    if let Some(TargetRef { api_group, kind, name }) = target_ref {
        match Kind::find(api_group, kind) {
            Some(Kind::Namespace) if name != namespace => flaws.push(format!(
                "spec.targetRef.name: '{name}' is not the namespace of the exemption, which is '{namespace}'"
            )),
            Some(known) if known != Kind::Namespace && !known.is_workload() => flaws.push(format!(
                "spec.targetRef: a {kind} is nothing that is judged; name a workload or the Namespace"
            )),
            // A kind that is not known may be one that a policy declares.
            _ => {}
        }
    }
    flaws
}

/// The exemption that an entry of a policy is; what is wrong with it, each with its field below the entry.
pub(super) fn of_entry(policy: &Text, entry: &PolicyExemption) -> (Exemption, Vec<String>) {
    let PolicyExemption { name, namespace_selector, .. } = entry;
    let terms = entry.terms();
    let flaws = flaws_of(&terms, "");
    let exemption = Exemption {
        id: ExemptionId::Entry { policy: policy.clone(), name: Text::new(name) },
        whom: Whom::Covered {
            namespaces: namespace_selector.as_ref().map(selector),
            workloads: terms.object_selector.map(selector),
        },
        checks: checks(&terms),
        reason: Text::new(terms.reason),
        until: terms.expiration_time,
        created: None,
        approved: true,
        flaw: flaws.first().cloned(),
    };
    (exemption, flaws)
}

fn checks(terms: &Terms<'_>) -> Checks {
    match terms.checks {
        [every] if every == EVERY_CHECK => Checks::Every,
        named => Checks::Named(named.iter().map(|name| Text::new(name)).collect()),
    }
}

fn flaws_of(terms: &Terms<'_>, below: &str) -> Vec<String> {
    let field = |name: &str| if below.is_empty() { name.to_owned() } else { format!("{below}.{name}") };
    let mut flaws = Vec::new();
    match terms.checks {
        [] => flaws.push(format!("{}: must name at least one check", field("checks"))),
        [_] => {}
        several if several.iter().any(|name| name == EVERY_CHECK) => {
            flaws.push(format!("{}: '*' stands for all and must be the only entry", field("checks")));
        }
        _ => {}
    }
    if terms.reason.trim().chars().count() < MIN_REASON {
        let what = "characters why the risk is acceptable";
        flaws.push(format!("{}: must say in at least {MIN_REASON} {what}", field("reason")));
    } else if terms.reason.chars().count() > MAX_REASON {
        flaws.push(format!("{}: must have no more than {MAX_REASON} characters", field("reason")));
    }
    for (at, link) in terms.references.iter().enumerate() {
        if !link.starts_with("https://") && !link.starts_with("http://") {
            flaws.push(format!(
                "{}[{at}]: '{link}' is no link that begins with https://",
                field("references")
            ));
        }
    }
    flaws
}

/// The exemptions that a workload's or namespace's annotations are, by check.
pub(super) fn of_annotations(on: &SubjectKey, annotations: &Annotations) -> Vec<Exemption> {
    let reasons = annotations.below(EXEMPT_PREFIX);
    let mut found: Vec<Exemption> = reasons.map(|(check, why)| of_annotation(on, check, why)).collect();
    for (check, written) in annotations.below(EXEMPT_UNTIL_PREFIX) {
        let at = found.iter().position(|e| e.checks.cover(check)).unwrap_or_else(|| {
            found.push(of_annotation(on, check, ""));
            found.len() - 1
        });
        let Some(exemption) = found.get_mut(at) else { continue };
        match instant(written) {
            Ok(until) => exemption.until = Some(until),
            Err(why) => {
                exemption.flaw.get_or_insert(format!("annotation '{EXEMPT_UNTIL_PREFIX}{check}': {why}"));
            }
        }
    }
    found
}

fn of_annotation(on: &SubjectKey, check: &str, reason: &str) -> Exemption {
    let whom = match on {
        SubjectKey::Namespace(name) => Whom::Namespace(name.clone()),
        SubjectKey::Workload(_) => Whom::Subject(on.clone()),
    };
    let reason = reason.trim();
    let flaw = reason
        .is_empty()
        .then(|| format!("annotation '{EXEMPT_PREFIX}{check}' must say why the risk is acceptable"));
    let check = Text::new(check);
    Exemption {
        id: ExemptionId::Annotation { on: on.clone(), check: check.clone() },
        whom,
        checks: Checks::Named(vec![check]),
        reason: Text::new(reason),
        until: None,
        created: None,
        approved: false,
        flaw,
    }
}

/// A day, which is its beginning in UTC, or an instant, as people write it.
///
/// # Errors
/// What to write instead.
pub fn instant(written: &str) -> Result<Timestamp, String> {
    let written = written.trim();
    model::instant(written).ok_or_else(|| {
        format!("'{written}' is no date; write it as 2027-03-31, or with a time as 2027-03-31T18:00:00Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotations(json: &str) -> Vec<Exemption> {
        let annotations: Annotations = serde_json::from_str(json).unwrap();
        of_annotations(&SubjectKey::Namespace("shop".into()), &annotations)
    }

    #[test]
    fn annotations_say_what_why_and_until_when() {
        let found = annotations(
            r#"{"exempt.seaworthy.dev/host-port": " node agent ", "exempt-until.seaworthy.dev/host-port": "2027-03-31"}"#,
        );
        let [exemption] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((exemption.reason.as_str(), &exemption.flaw), ("node agent", &None));
        assert_eq!(exemption.until, Some("2027-03-31T00:00:00Z".parse().unwrap()));
        assert!(exemption.checks.cover("host-port") && !exemption.checks.cover("host-path-volume"));
    }

    #[test]
    fn what_an_annotation_leaves_open_is_a_flaw() {
        for (json, wanted) in [
            (r#"{"exempt.seaworthy.dev/a": ""}"#, "'exempt.seaworthy.dev/a' must say why"),
            (r#"{"exempt.seaworthy.dev/a": "  "}"#, "'exempt.seaworthy.dev/a' must say why"),
            (r#"{"exempt-until.seaworthy.dev/a": "2027-01-01"}"#, "'exempt.seaworthy.dev/a' must say why"),
            (
                r#"{"exempt.seaworthy.dev/a": "why", "exempt-until.seaworthy.dev/a": "31.12.2027"}"#,
                "'31.12.2027' is no date",
            ),
        ] {
            let found = annotations(json);
            assert!(
                found.len() == 1 && found[0].flaw.as_ref().is_some_and(|f| f.contains(wanted)),
                "{found:?}"
            );
        }
    }
}
