//! Exemptions, wherever they are written, and THE decision whether one holds under a policy at an instant.
//!
//! Controller and command line both ask `decide`; nobody else compares an exemption with a clock or with a policy.
//! Not its job: reading them (`grant`), finding those of a subject (`exempting`), or what they come to (`standing`).

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::api::{Approval, ExemptionPolicy, Permission};
use crate::engine::Catalogue;
use crate::model::{Kind, Labels, Selector, SubjectKey, Text};

/// The label that every namespace has.
pub(super) const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Which exemption.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExemptionId {
    /// An entry of a policy.
    Entry {
        /// The policy.
        policy: Text,
        /// The entry.
        name: Text,
    },
    /// A ComplianceExemption.
    Object {
        /// Its namespace.
        namespace: Text,
        /// Its name.
        name: Text,
    },
    /// An annotation.
    Annotation {
        /// The workload or namespace that has it.
        on: SubjectKey,
        /// The check in its key.
        check: Text,
    },
}

/// As reports show it, beside a result's check and in its namespace.
impl fmt::Display for ExemptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { policy, name } => write!(f, "ProductionPolicy/{policy}/{name}"),
            Self::Object { name, .. } => write!(f, "ComplianceExemption/{name}"),
            Self::Annotation { on: SubjectKey::Namespace(name), .. } => {
                write!(f, "Annotation/{}/{name}", Kind::Namespace)
            }
            Self::Annotation { on: SubjectKey::Workload(id), .. } => {
                write!(f, "Annotation/{}/{}", id.kind, id.name)
            }
        }
    }
}

/// Whom an exemption is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// All of a namespace, its own results included.
    Namespace(Text),
    /// One workload, or the namespace's own results.
    Subject(SubjectKey),
    /// The same, by its kind's name: which kinds of workloads there are, policies may change.
    Target {
        /// The namespace.
        namespace: Text,
        /// The API group.
        group: Text,
        /// The kind.
        kind: Text,
        /// The name.
        name: Text,
    },
    /// The workloads of a namespace that are selected.
    Workloads(Text, Selector),
    /// What its policy covers, narrowed by labels.
    Covered {
        /// Of namespaces.
        namespaces: Option<Selector>,
        /// Of workloads; the namespace's own results are none.
        workloads: Option<Selector>,
    },
}

impl Whom {
    /// Whether it is for a subject: with the labels of its namespace, and for a workload its own, where known.
    pub fn selects(&self, key: &SubjectKey, namespace: Option<&Labels>, own: Option<&Labels>) -> bool {
        let is_workload = matches!(key, SubjectKey::Workload(_));
        match self {
            Self::Namespace(name) => key.namespace() == name,
            Self::Subject(subject) => subject == key,
            Self::Target { namespace, group, kind, name } => {
                let (is, called) = match key {
                    SubjectKey::Namespace(name) => (Kind::Namespace, name),
                    SubjectKey::Workload(id) => (id.kind, &id.name),
                };
                let info = is.info();
                key.namespace() == namespace && called == name && kind == info.name && group == info.group
            }
            Self::Workloads(name, selector) => {
                key.namespace() == name && is_workload && own.is_some_and(|labels| selector.matches(labels))
            }
            Self::Covered { namespaces, workloads } => {
                let in_namespace = match (namespaces, namespace) {
                    (None, _) => true,
                    (Some(selector), Some(labels)) => selector.matches(labels),
                    (Some(selector), None) => selects_unseen(selector, key.namespace()),
                };
                let of_workloads =
                    |selector: &Selector| is_workload && own.is_some_and(|labels| selector.matches(labels));
                in_namespace && workloads.as_ref().is_none_or(of_workloads)
            }
        }
    }

    /// Whether it takes in all that it could.
    pub(super) fn is_everybody(&self) -> bool {
        let all = |selector: &Option<Selector>| selector.as_ref().is_none_or(Selector::is_empty);
        match self {
            Self::Namespace(_) => true,
            Self::Workloads(_, selector) => selector.is_empty(),
            Self::Covered { namespaces, workloads } => all(namespaces) && all(workloads),
            Self::Subject(_) | Self::Target { .. } => false,
        }
    }
}

/// Whether a selector selects a namespace of which nothing but the name is known: where labels that nobody sees would
/// decide, nothing is exempt.
fn selects_unseen(selector: &Selector, name: &Text) -> bool {
    let keys = selector.match_labels.iter().map(|(key, _)| key);
    let keys = keys.chain(selector.match_expressions.iter().map(|requirement| &requirement.key));
    let known = Labels::from_iter([(Text::new(NAMESPACE_NAME), name.clone())]);
    keys.into_iter().all(|key| key == NAMESPACE_NAME) && selector.matches(&known)
}

/// Which results an exemption is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checks {
    /// All.
    Every,
    /// Those of these names.
    Named(Vec<Text>),
}

impl Checks {
    /// Whether results of this name are among them.
    pub fn cover(&self, check: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Named(names) => names.iter().any(|name| name == check),
        }
    }
}

/// An exemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// Which one.
    pub id: ExemptionId,
    /// Whom it is for.
    pub whom: Whom,
    /// Which results it is for.
    pub checks: Checks,
    /// Why it is acceptable.
    pub reason: Text,
    /// When it ends, if ever.
    pub until: Option<Timestamp>,
    /// When it was made, where that is known: what an annotation says has no date.
    pub created: Option<Timestamp>,
    /// Whether somebody who may approve did.
    pub approved: bool,
    /// What is wrong with it, whatever a policy permits.
    pub flaw: Option<String>,
}

/// What a policy permits of the exemptions of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permits {
    policy: Text,
    annotations: bool,
    needs_approval: bool,
    max_days: Option<i32>,
    allowed: Option<BTreeSet<Text>>,
}

impl Permits {
    /// What a policy's `exemptionPolicy` permits.
    pub fn new(policy: &Text, written: &ExemptionPolicy, catalogue: &Catalogue) -> Self {
        let ExemptionPolicy { annotations, approval, max_duration_days, allowed_checks } = written;
        let id = |name: &String| Text::new(catalogue.get(name).map_or(name, |check| check.id));
        Self {
            policy: policy.clone(),
            annotations: *annotations == Permission::Allowed,
            needs_approval: *approval == Approval::Required,
            max_days: *max_duration_days,
            allowed: allowed_checks.as_ref().map(|names| names.iter().map(id).collect()),
        }
    }
}

/// How an exemption stands towards a policy. The best first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It holds.
    InForce,
    /// It holds as soon as somebody approves it, under this policy.
    Pending(Text),
    /// It does not hold, and why.
    Refused(Refusal),
    /// It is over.
    Expired,
}

/// Why an exemption does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("{0}")]
    Flaw(String),
    #[error("policy '{policy}' takes no exemptions by annotation; write a ComplianceExemption")]
    Annotation { policy: Text },
    #[error("policy '{policy}' lets nobody exempt '{check}' (exemptionPolicy.allowedChecks)")]
    Check { policy: Text, check: Text },
    #[error("policy '{policy}' wants an end within {days} days; {}", fix(*latest))]
    Endless { policy: Text, days: i32, latest: Option<Timestamp> },
    #[error("it runs longer than the {days} days that policy '{policy}' allows; {}", fix(*latest))]
    TooLong { policy: Text, days: i32, latest: Option<Timestamp> },
    #[error("policy '{policy}' wants an approval, which no annotation can have; write a ComplianceExemption")]
    Unapprovable { policy: Text },
}

fn fix(latest: Option<Timestamp>) -> String {
    match latest {
        Some(latest) => format!("set an end at {latest} at the latest"),
        None => "set an end that is no further ahead".to_owned(),
    }
}

/// What `decide` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// How it stands now.
    pub standing: Standing,
    /// When that will change by the clock alone.
    pub changes_at: Option<Timestamp>,
}

/// Decides how an exemption stands, at an instant, towards results of a name under a policy.
///
/// It ends exactly at its end: at that instant it holds no more. The duration counts from the creation of the
/// object; of an annotation, whose age nobody knows, from now on.
pub fn decide(exemption: &Exemption, permits: &Permits, check: &str, now: Timestamp) -> Decision {
    let Exemption { id, whom: _, checks: _, reason: _, until, created, approved, flaw } = exemption;
    let until = *until;
    let for_good = |standing| Decision { standing, changes_at: None };
    let for_now = |standing| Decision { standing, changes_at: until };
    let policy = || permits.policy.clone();
    if let Some(flaw) = flaw {
        return for_good(Standing::Refused(Refusal::Flaw(flaw.clone())));
    }
    if until.is_some_and(|until| until <= now) {
        return for_good(Standing::Expired);
    }
    let by_annotation = match id {
        // Who sets the bounds is not bound by them.
        ExemptionId::Entry { .. } => return for_now(Standing::InForce),
        ExemptionId::Object { .. } => false,
        ExemptionId::Annotation { .. } => true,
    };
    if by_annotation && !permits.annotations {
        return for_now(Standing::Refused(Refusal::Annotation { policy: policy() }));
    }
    if permits.allowed.as_ref().is_some_and(|allowed| !allowed.contains(check)) {
        return for_now(Standing::Refused(Refusal::Check { policy: policy(), check: Text::new(check) }));
    }
    if let Some(days) = permits.max_days {
        let longest = SignedDuration::from_hours(24 * i64::from(days));
        let latest = created.unwrap_or(now).saturating_add(longest).unwrap_or(Timestamp::MAX);
        // What counts from now on is another instant at each look, and would be another message.
        let shown = created.map(|_| latest);
        let Some(until) = until else {
            return for_good(Standing::Refused(Refusal::Endless { policy: policy(), days, latest: shown }));
        };
        if until > latest {
            let standing = Standing::Refused(Refusal::TooLong { policy: policy(), days, latest: shown });
            let near_enough = until.saturating_sub(longest).ok().filter(|_| created.is_none());
            return Decision { standing, changes_at: near_enough.or(Some(until)) };
        }
    }
    if permits.needs_approval && by_annotation {
        return for_now(Standing::Refused(Refusal::Unapprovable { policy: policy() }));
    }
    if permits.needs_approval && !approved {
        return for_now(Standing::Pending(policy()));
    }
    for_now(Standing::InForce)
}
