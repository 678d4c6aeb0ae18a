//! What a check says about a subject.

use std::borrow::Cow;

use crate::api::Severity;
use crate::model::{Container, Kind, Text, Workload};

/// What a check says. Never a `Result`: what could not be decided is `Unknown`, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The requirement is met.
    Pass,
    /// It is not, for these reasons; never empty.
    Fail(Vec<Finding>),
    /// It does not concern this subject; why.
    NotApplicable(Cow<'static, str>),
    /// Nobody can tell from here; why.
    Unknown(Cow<'static, str>),
}

impl Verdict {
    /// A failure with one finding.
    pub fn fail(finding: Finding) -> Self {
        Self::Fail(vec![finding])
    }

    /// `NotApplicable`, with the reason.
    pub fn not_applicable(why: impl Into<Cow<'static, str>>) -> Self {
        Self::NotApplicable(why.into())
    }

    /// `Unknown`, with the reason.
    pub fn unknown(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Unknown(why.into())
    }
}

/// A pass when there is nothing to say against it.
impl From<Vec<Finding>> for Verdict {
    fn from(findings: Vec<Finding>) -> Self {
        if findings.is_empty() { Self::Pass } else { Self::Fail(findings) }
    }
}

impl From<Option<Finding>> for Verdict {
    fn from(finding: Option<Finding>) -> Self {
        finding.map_or(Self::Pass, Self::fail)
    }
}

/// One reason why a check fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, why it matters and what to do, with the value seen and the value wanted.
    pub message: String,
    /// The severity where it differs from the check's own.
    pub severity: Option<Severity>,
    /// The container at fault.
    pub container: Option<Text>,
    /// The object at fault where it is not the subject: `Kind/name`.
    pub object: Option<String>,
    /// The path of the field at fault, in `object` or else in the subject.
    pub field: Option<String>,
}

impl Finding {
    /// A finding about the subject as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), severity: None, container: None, object: None, field: None }
    }

    /// About this field of the subject (or of the object).
    #[must_use]
    pub fn field(mut self, path: impl Into<String>) -> Self {
        self.field = Some(path.into());
        self
    }

    /// About a container of the workload, and a field below it (`resources.limits.memory`; empty for all of it).
    #[must_use]
    pub fn container(mut self, workload: &Workload, container: &Container, below: &str) -> Self {
        self.container = Some(container.name.clone());
        let path = workload.pod_field(container.path());
        self.field(if below.is_empty() { path } else { format!("{path}.{below}") })
    }

    /// About an object other than the subject.
    #[must_use]
    pub fn object(mut self, kind: Kind, name: &str) -> Self {
        self.object = Some(format!("{kind}/{name}"));
        self
    }

    /// With a severity other than the check's own.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}
