//! Network policies of every sort, as far as they say who may connect to whom.
//!
//! NetworkPolicies are kept whole; of the policies of other APIs (Cilium, Calico, ClusterNetworkPolicy) what they
//! select and what becomes of a connection that none of their narrower rules names. All here is pure: what a policy
//! selects is asked of an `Endpoint`, and the answer may be that it cannot be told.
//! Not its job: which of several policies wins (`checks::support::network`).

mod calico;
mod cilium;
mod cluster;
mod endpoint;
mod expression;
mod flow;
mod policy;

pub use calico::CalicoPolicy;
pub use cilium::{CiliumAllow, CiliumPolicy, CiliumPort, CiliumRule, CiliumSide};
pub use cluster::{ClusterPolicy, ClusterTier};
pub use endpoint::{Endpoint, LabelValue, PodLabels};
pub use expression::Expression;
pub use flow::{Flow, Gate, Party, Passage};
pub use policy::{IpBlock, NetworkPolicy, NetworkPolicyRule, PolicyPeer, PolicyPort};

/// Which way a connection goes, as seen from the pods that a policy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// To the pods.
    Ingress,
    /// From the pods.
    Egress,
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Ingress => "Ingress",
            Self::Egress => "Egress",
        })
    }
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It gets through, whatever policies that come later say.
    Allow,
    /// It does not.
    Deny,
    /// The policies of the next tier decide.
    Pass,
}

/// What a policy says about one direction, its narrower rules left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicySide {
    /// Whether the pods that it selects are closed to what no policy allows.
    pub isolates: bool,
    /// What becomes of a connection that no narrower rule of it names: its first rule for everything, if any.
    pub otherwise: Option<Action>,
    /// Whether it has rules at all.
    pub rules: bool,
}
