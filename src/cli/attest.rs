//! `seaworthy attest`: writes a PracticeAttestation to standard output, to be reviewed, kept in Git and applied.
//!
//! What a cluster would refuse is refused here. Not its job: applying it.

use jiff::Timestamp;

use crate::api::{
    ATTESTATION_KIND, AttestationSpec, AttestedOutcome, EvidenceRef, ObjectMeta, PracticeAttestation,
    Statement,
};
#[cfg(feature = "operator")]
use crate::cluster::attestations;
use crate::model::{Kind, MAX_PRACTICE, is_link, is_practice, shortened};
use crate::output;
use crate::policy::instant;

use super::args::{AttestArgs, OutcomeWord};
#[cfg(feature = "operator")]
use super::cluster::Connection;
use super::subject::SubjectName;
use super::{End, Failure, print};

/// The most links that an attestation takes, and the most characters of each, of a summary, and of who it was.
const MAX_EVIDENCE: usize = 8;
const MAX_LINK: usize = 2048;
const MAX_SUMMARY: usize = 1024;
const MAX_WHO: usize = 253;

pub(super) fn run(args: &AttestArgs) -> Result<End, Failure> {
    let now = args.now.unwrap_or_else(Timestamp::now);
    let object = object(args, statement(args, now)?)?;
    let yaml = output::object_yaml(ATTESTATION_KIND, &object)?;
    #[cfg(feature = "operator")]
    if args.apply {
        return print(&Connection::open()?.apply(&attestations(), &yaml)?);
    }
    print(&yaml)
}

fn statement(args: &AttestArgs, now: Timestamp) -> Result<Statement, Failure> {
    let performed_time = date("--performed", &args.performed)?;
    if performed_time > now {
        return Err(format!(
            "--performed: {performed_time} is still to come; attest it when it is done (a day is its beginning in UTC)"
        ));
    }
    let expiration_time = args.until.as_ref().map(|until| date("--until", until)).transpose()?;
    if expiration_time.is_some_and(|until| until <= performed_time) {
        return Err(format!("--until: must be later than --performed, {performed_time}"));
    }
    bounded("--by", &args.by, MAX_WHO)?;
    if args.by.trim().is_empty() {
        return Err("--by: must say who carried it out".to_owned());
    }
    let summary = args.summary.clone().unwrap_or_default();
    bounded("--summary", &summary, MAX_SUMMARY)?;
    if args.evidence.len() > MAX_EVIDENCE {
        return Err(format!("--evidence: at most {MAX_EVIDENCE} links"));
    }
    for link in &args.evidence {
        bounded("--evidence", link, MAX_LINK)?;
        if !is_link(link) {
            return Err(format!(
                "--evidence: '{link}' is no link; write it with its scheme, as in https://..."
            ));
        }
    }
    Ok(Statement {
        performed_time,
        performed_by: args.by.trim().to_owned(),
        outcome: match args.outcome {
            OutcomeWord::Passed => AttestedOutcome::Passed,
            OutcomeWord::Failed => AttestedOutcome::Failed,
        },
        summary,
        evidence: args.evidence.iter().map(|uri| EvidenceRef { uri: uri.clone(), digest: None }).collect(),
        expiration_time,
    })
}

fn object(args: &AttestArgs, statement: Statement) -> Result<PracticeAttestation, Failure> {
    let practice = &args.practice;
    if !is_practice(practice) {
        return Err(format!(
            "'{practice}' is no name of a practice: at most {MAX_PRACTICE} small letters, digits and dashes"
        ));
    }
    if args.subject.is_none() && !args.namespace_wide {
        let what = "as in deployment/checkout, or all of the namespace with --namespace-wide";
        return Err(format!("say what it was carried out for: a workload, {what}"));
    }
    let target = args.subject.as_ref().filter(|subject| subject.kind != Kind::Namespace);
    let (own_name, namespace) = match (target, &args.subject) {
        (Some(target), _) => {
            let kind = target.kind.name().to_ascii_lowercase();
            (format!("{kind}-{}-{practice}", target.name), &args.namespace)
        }
        // `namespace/shop` says it, too.
        (None, Some(namespace)) => (practice.clone(), &namespace.name),
        (None, None) => (practice.clone(), &args.namespace),
    };
    Ok(PracticeAttestation {
        metadata: ObjectMeta {
            name: args.name.clone().unwrap_or_else(|| shortened(&own_name)),
            namespace: namespace.clone(),
            ..ObjectMeta::default()
        },
        spec: AttestationSpec {
            practice: practice.clone(),
            target_ref: target.map(SubjectName::target),
            statement,
        },
        status: None,
    })
}

fn date(option: &str, written: &str) -> Result<Timestamp, Failure> {
    instant(written).map_err(|why| format!("{option}: {why}"))
}

fn bounded(option: &str, text: &str, most: usize) -> Result<(), Failure> {
    let long = text.chars().count() > most;
    if long { Err(format!("{option}: at most {most} characters")) } else { Ok(()) }
}
