//! The helpers that loop: a check is a plain function over one workload, one container or one namespace.

use std::collections::BTreeMap;
use std::fmt;

use schemars::Schema;
use serde_json::Value;

use super::params::{self, ParamError, ParamValue, Params};
use super::{Context, Finding, Verdict};
use crate::model::{Container, Workload};

/// What a check is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A workload.
    Workload(&'a Workload),
    /// The namespace of the context.
    Namespace,
}

/// What sort of subject a rule judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Workloads.
    Workload,
    /// Namespaces.
    Namespace,
}

impl Scope {
    /// Every sort.
    pub const ALL: [Self; 2] = [Self::Workload, Self::Namespace];
}

/// What the definition of a check says to people, where that is a policy's and not the catalogue's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// One line: the requirement.
    pub title: String,
    /// What to do, and what is asked for.
    pub how_to_fix: String,
}

/// How a check judges, with its parameters' type hidden.
pub trait Rule: Sync {
    /// Whether it judges subjects of a sort.
    fn judges(&self, scope: Scope) -> bool;
    /// The same with these parameters, where they have a say in it.
    fn judges_with(&self, scope: Scope, _: &ParamValue) -> bool {
        self.judges(scope)
    }
    /// What the parameters say in the place of the check, where they are what defines it.
    fn defined_by(&self, _: &ParamValue) -> Option<Definition> {
        None
    }
    /// The verdict on a subject.
    fn judge(&self, cx: &Context<'_>, params: &ParamValue, subject: Subject<'_>) -> Verdict;
    /// Parses parameters; what is not given has its default.
    ///
    /// # Errors
    /// When a member is unknown or has the wrong type.
    fn parse(&self, given: &BTreeMap<String, Value>) -> Result<ParamValue, ParamError>;
    /// The schema of each parameter.
    fn schema(&self) -> BTreeMap<String, Schema>;
}

impl fmt::Debug for dyn Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judged: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| self.judges(*scope)).collect();
        write!(f, "rule over {judged:?}")
    }
}

/// A rule over a workload as a whole.
pub struct PerWorkload<P>(pub fn(&Context<'_>, &P, &Workload) -> Verdict);

/// A rule over the containers of a workload that `which` picks; each may give one finding.
pub struct PerContainer<P> {
    /// The containers that the rule concerns.
    pub which: fn(&Container) -> bool,
    /// What is wrong with one of them, if anything.
    pub judge: fn(&Context<'_>, &P, &Workload, &Container) -> Option<Finding>,
}

/// A rule over the namespace of the context.
pub struct PerNamespace<P>(pub fn(&Context<'_>, &P) -> Verdict);

/// A rule over manifests: a workload's own, and those of the objects that are told of on it or on the namespace.
pub struct PerManifest<P> {
    /// Judges a workload.
    pub workload: fn(&Context<'_>, &P, &Workload) -> Verdict,
    /// Judges the namespace of the context.
    pub namespace: fn(&Context<'_>, &P) -> Verdict,
}

/// A bug and not an input: a rule was given another rule's parameters, or a subject that it does not judge.
fn mismatch() -> Verdict {
    Verdict::unknown("internal error: the rule was asked about something that it does not judge")
}

impl<P: Params> Rule for PerWorkload<P> {
    fn judges(&self, scope: Scope) -> bool {
        scope == Scope::Workload
    }
    fn judge(&self, cx: &Context<'_>, params: &ParamValue, subject: Subject<'_>) -> Verdict {
        match (params.get::<P>(), subject) {
            (Some(params), Subject::Workload(workload)) => (self.0)(cx, params, workload),
            _ => mismatch(),
        }
    }
    fn parse(&self, given: &BTreeMap<String, Value>) -> Result<ParamValue, ParamError> {
        params::parse::<P>(given)
    }
    fn schema(&self) -> BTreeMap<String, Schema> {
        params::schema::<P>()
    }
}

impl<P: Params> Rule for PerContainer<P> {
    fn judges(&self, scope: Scope) -> bool {
        scope == Scope::Workload
    }
    fn judge(&self, cx: &Context<'_>, params: &ParamValue, subject: Subject<'_>) -> Verdict {
        let (Some(params), Subject::Workload(workload)) = (params.get::<P>(), subject) else {
            return mismatch();
        };
        let mut containers = workload.template.spec.containers.iter().filter(|c| (self.which)(c)).peekable();
        if containers.peek().is_none() {
            return Verdict::not_applicable("there is no container that this concerns");
        }
        containers.filter_map(|c| (self.judge)(cx, params, workload, c)).collect::<Vec<_>>().into()
    }
    fn parse(&self, given: &BTreeMap<String, Value>) -> Result<ParamValue, ParamError> {
        params::parse::<P>(given)
    }
    fn schema(&self) -> BTreeMap<String, Schema> {
        params::schema::<P>()
    }
}

impl<P: Params> Rule for PerNamespace<P> {
    fn judges(&self, scope: Scope) -> bool {
        scope == Scope::Namespace
    }
    fn judge(&self, cx: &Context<'_>, params: &ParamValue, subject: Subject<'_>) -> Verdict {
        match (params.get::<P>(), subject) {
            (Some(params), Subject::Namespace) => (self.0)(cx, params),
            _ => mismatch(),
        }
    }
    fn parse(&self, given: &BTreeMap<String, Value>) -> Result<ParamValue, ParamError> {
        params::parse::<P>(given)
    }
    fn schema(&self) -> BTreeMap<String, Schema> {
        params::schema::<P>()
    }
}

impl<P: Params> Rule for PerManifest<P> {
    fn judges(&self, _: Scope) -> bool {
        true
    }
    fn judge(&self, cx: &Context<'_>, params: &ParamValue, subject: Subject<'_>) -> Verdict {
        match (params.get::<P>(), subject) {
            (Some(params), Subject::Workload(workload)) => (self.workload)(cx, params, workload),
            (Some(params), Subject::Namespace) => (self.namespace)(cx, params),
            (None, _) => mismatch(),
        }
    }
    fn parse(&self, given: &BTreeMap<String, Value>) -> Result<ParamValue, ParamError> {
        params::parse::<P>(given)
    }
    fn schema(&self) -> BTreeMap<String, Schema> {
        params::schema::<P>()
    }
}
