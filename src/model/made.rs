//! What is known of an object that says that Seaworthy made it: who wrote to it since, and how it stands.
//!
//! Kept only of objects that carry `COMPONENT_LABEL`, since nobody asks it of others.
//! Not its job: whether the object is ours (`remedy::ownership`).

use jiff::Timestamp;

use super::Text;

/// The label of every object that Seaworthy makes for others. Its value says which part of Seaworthy did.
pub const COMPONENT_LABEL: &str = "seaworthy.dev/component";

/// What is known of an object that says that Seaworthy made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// `metadata.resourceVersion`.
    pub resource_version: Text,
    /// Who wrote to it, its status aside.
    pub writers: Vec<Writer>,
    /// What its status says, of a PodDisruptionBudget.
    pub standing: BudgetStanding,
}

/// An entry of `managedFields`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    /// `manager`.
    pub name: Text,
    /// Whether fields of the spec are this one's.
    pub owns_spec: bool,
    /// `time`.
    pub at: Option<Timestamp>,
}

/// What the status of a PodDisruptionBudget says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BudgetStanding {
    /// Whether the disruption controller has taken in the spec as it is; until then no eviction is allowed.
    pub observed: bool,
    /// Where the condition `DisruptionAllowed` is False: its reason, and since when.
    pub blocked: Option<(Text, Option<Timestamp>)>,
}
