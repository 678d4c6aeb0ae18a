//! What somebody says was done, where no API shows it: our own PracticeAttestation, and the annotation that says it in
//! one line.
//!
//! Not its job: whether a claim counts at an instant (`engine`), or who asks for it (`policy`).

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::index::Local;
use super::super::{Done, Kind, Text, WorkloadId};
use super::Reach;

/// The longest name of a practice: `attestation-<practice>` has to fit where a name of 63 characters does.
pub const MAX_PRACTICE: usize = 51;

/// Whether a text can be the name of a practice.
pub fn is_practice(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let firm = |end: Option<u8>| end.is_some_and(|byte| byte != b'-');
    (1..=MAX_PRACTICE).contains(&name.len())
        && name.bytes().all(inner)
        && firm(name.bytes().next())
        && firm(name.bytes().next_back())
}

/// A day or an instant, as people write it; a day is its beginning in UTC.
pub fn instant(written: &str) -> Option<Timestamp> {
    let of_day = |day: Date| Offset::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok();
    match written.len() {
        // `2026-09-01`: of a longer text the parser would take the day and forget the rest.
        10 => written.parse().ok().and_then(of_day),
        _ => written.parse().ok(),
    }
}

/// Whether a text begins with a scheme, as a link does.
pub fn is_link(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+.-".contains(&byte);
    scheme.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase()) && scheme.bytes().all(inner)
}

/// `spec` of a PracticeAttestation, as far as verdicts rest on it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Wire")]
pub struct Attestation {
    /// The practice.
    pub practice: Text,
    /// The workload that it is about; the whole namespace when there is none.
    pub target: Option<Target>,
    /// When it was carried out.
    pub performed: Timestamp,
    /// Whether it went well.
    pub passed: bool,
    /// When it stops counting, whatever a policy says.
    pub expires: Option<Timestamp>,
}

/// The workload that an attestation is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// `apiGroup`; empty for the core group.
    pub api_group: Text,
    /// `kind`.
    pub kind: Text,
    /// `name`.
    pub name: Text,
}

/// `spec` as it is written. What the API server refuses is refused here as well: offline nobody else does it, and a
/// misspelt `targetRef` would speak for the whole namespace.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    practice: Text,
    target_ref: Option<Target>,
    performed_time: Timestamp,
    performed_by: Text,
    #[serde(default)]
    outcome: Outcome,
    expiration_time: Option<Timestamp>,
    #[serde(default, rename = "summary")]
    _summary: IgnoredAny,
    #[serde(default, rename = "evidence")]
    _evidence: IgnoredAny,
}

#[derive(Default, PartialEq, Deserialize)]
enum Outcome {
    #[default]
    Passed,
    Failed,
}

impl TryFrom<Wire> for Attestation {
    type Error = String;
    fn try_from(wire: Wire) -> Result<Self, String> {
        let Wire { practice, target_ref, performed_time, performed_by, outcome, expiration_time, .. } = wire;
        if !is_practice(&practice) {
            return Err(format!(
                "practice: '{practice}' is no name of a practice: at most {MAX_PRACTICE} small letters, digits and dashes"
            ));
        }
        if performed_by.is_empty() {
            return Err("performedBy: must not be empty".to_owned());
        }
        if expiration_time.is_some_and(|expires| expires <= performed_time) {
            return Err("expirationTime: must be later than performedTime".to_owned());
        }
        Ok(Self {
            practice,
            target: target_ref,
            performed: performed_time,
            passed: outcome == Outcome::Passed,
            expires: expiration_time,
        })
    }
}

impl Target {
    /// The kind and name of the workload; `None` for a kind that has no reports.
    pub fn workload(&self) -> Option<Local> {
        let kind = Kind::find(&self.api_group, &self.kind).filter(|kind| kind.is_workload())?;
        Some((kind, self.name.clone()))
    }

    /// Whether it is the namespace of this name.
    pub fn is_namespace(&self, namespace: &Text) -> bool {
        Kind::find(&self.api_group, &self.kind) == Some(Kind::Namespace) && self.name == *namespace
    }
}

impl Attestation {
    /// What it says was done.
    pub fn done(&self) -> Done {
        Done { at: self.performed, passed: self.passed, expires: self.expires }
    }

    /// Whether it speaks of a workload of its namespace.
    pub fn concerns(&self, workload: &WorkloadId) -> bool {
        let is = |target: &Target| {
            target.is_namespace(&workload.namespace)
                || target.workload().is_some_and(|t| t == (workload.kind, workload.name.clone()))
        };
        self.target.as_ref().is_none_or(is)
    }

    /// The workload that it names, or its namespace.
    pub(super) fn reach(&self) -> Reach {
        match &self.target {
            None => Reach::Namespace,
            Some(target) if target.is_namespace(&target.name) => Reach::Namespace,
            Some(target) => Reach::Workloads(target.workload().into_iter().collect()),
        }
    }
}

/// What an annotation `attest.seaworthy.dev/<practice>` says: a day or an instant, and maybe a link to what shows it.
///
/// # Errors
/// When it says something else; why.
pub fn attested_at(value: &str) -> Result<Timestamp, &'static str> {
    let mut words = value.split_whitespace();
    let performed = words.next().ok_or("is empty")?;
    let performed = instant(performed).ok_or("does not begin with a day or an RFC 3339 time")?;
    match (words.next(), words.next()) {
        (None, _) => Ok(performed),
        (Some(link), None) if is_link(link) => Ok(performed),
        (Some(_), None) => Err("has something after the day that is no link"),
        (Some(_), Some(_)) => Err("has more than a day and a link"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_beginning_in_utc() {
        let at = |text: &str| instant(text).map(|at| at.to_string());
        assert_eq!(at("2026-09-01").as_deref(), Some("2026-09-01T00:00:00Z"));
        assert_eq!(at("2026-09-01T16:00:00+02:00").as_deref(), Some("2026-09-01T14:00:00Z"));
        for text in ["", "yesterday", "2026-13-01", "2026-09-01T14:00:00", "2026-09-01 later"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn an_annotation_is_a_day_and_maybe_a_link() {
        for good in
            ["2026-09-01", " 2026-09-01T14:00:00Z  https://ci.example.com/9", "2026-09-01 oci://r/x@sha256:0"]
        {
            assert!(attested_at(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", "is empty"),
            ("done", "does not begin with a day or an RFC 3339 time"),
            ("2026-09-01 done", "has something after the day that is no link"),
            ("2026-09-01 https://a https://b", "has more than a day and a link"),
        ] {
            assert_eq!(attested_at(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn names_of_practices_leave_room_for_what_stands_before_them() {
        let (longest, longer) = ("a".repeat(51), "a".repeat(52));
        for (name, fits) in [
            ("load-test", true),
            (&longest, true),
            (&longer, false),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("Load", false),
            ("a.b", false),
        ] {
            assert_eq!(is_practice(name), fits, "{name}");
        }
        assert_eq!("attestation-".len() + longest.len(), 63);
    }

    #[test]
    fn what_the_api_server_refuses_is_refused() {
        let read = |more: &str| {
            let json = format!(r#"{{"practice":"slo","performedTime":"2026-09-01T00:00:00Z"{more}}}"#);
            serde_json::from_str::<Attestation>(&json).map_err(|error| error.to_string())
        };
        assert!(read(r#","performedBy":"me","summary":"x","evidence":[{"uri":"a:b"}]"#).is_ok());
        for (more, why) in [
            ("", "performedBy"),
            (r#","performedBy":"me","targetref":{}"#, "targetref"),
            (r#","performedBy":"me","outcome":"Maybe""#, "Maybe"),
            (r#","performedBy":"me","expirationTime":"2026-09-01T00:00:00Z""#, "later than performedTime"),
        ] {
            let error = read(more).unwrap_err();
            assert!(error.contains(why), "{more}: {error}");
        }
    }
}
