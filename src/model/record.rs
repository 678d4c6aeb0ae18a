//! One object as the model keeps it, whatever its kind.
//!
//! Not its job: reading it (`decode`), or where it is held (`inventory`).

use super::index::Local;
use super::{
    Attestation, Autoscaler, Beside, DisruptionBudget, Kept, Kind, LimitRange, Link, LivePod, Meta,
    Namespace, NetworkPolicy, ResourceQuota, Service, VolumeClaim, Workload,
};

/// One object as the model keeps it.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is named for the type that it holds")]
pub enum Record {
    Workload(Box<Workload>),
    Link(Link),
    /// A pod: what is known of it live, and the workload that it is when nothing controls it.
    Pod {
        meta: Meta,
        live: Option<LivePod>,
        workload: Option<Box<Workload>>,
    },
    Namespace(Namespace),
    Service(Service),
    Budget(DisruptionBudget),
    NetworkPolicy(NetworkPolicy),
    Autoscaler(Autoscaler),
    LimitRange(LimitRange),
    ResourceQuota(ResourceQuota),
    VolumeClaim(VolumeClaim),
    Beside(Box<Beside>),
}

impl Record {
    /// The kind of the object.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Workload(w) => w.kind,
            Self::Link(link) => link.kind,
            Self::Pod { .. } => Kind::Pod,
            Self::Namespace(_) => Kind::Namespace,
            Self::Service(_) => Kind::Service,
            Self::Budget(_) => Kind::PodDisruptionBudget,
            Self::NetworkPolicy(_) => Kind::NetworkPolicy,
            Self::Autoscaler(a) => a.kind,
            Self::LimitRange(_) => Kind::LimitRange,
            Self::ResourceQuota(_) => Kind::ResourceQuota,
            Self::VolumeClaim(_) => Kind::PersistentVolumeClaim,
            Self::Beside(beside) => beside.kind,
        }
    }

    /// The metadata of the object.
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Workload(w) => &w.meta,
            Self::Link(link) => &link.meta,
            Self::Pod { meta, .. } => meta,
            Self::Namespace(n) => &n.meta,
            Self::Service(s) => &s.meta,
            Self::Budget(b) => &b.meta,
            Self::NetworkPolicy(p) => &p.meta,
            Self::Autoscaler(a) => &a.meta,
            Self::LimitRange(l) => &l.meta,
            Self::ResourceQuota(q) => &q.meta,
            Self::VolumeClaim(c) => &c.meta,
            Self::Beside(beside) => &beside.meta,
        }
    }

    /// The metadata of the object, to add what only the reader of its manifest knows.
    pub fn meta_mut(&mut self) -> &mut Meta {
        match self {
            Self::Workload(w) => &mut w.meta,
            Self::Link(link) => &mut link.meta,
            Self::Pod { meta, workload, .. } => workload.as_mut().map_or(meta, |w| &mut w.meta),
            Self::Namespace(n) => &mut n.meta,
            Self::Service(s) => &mut s.meta,
            Self::Budget(b) => &mut b.meta,
            Self::NetworkPolicy(p) => &mut p.meta,
            Self::Autoscaler(a) => &mut a.meta,
            Self::LimitRange(l) => &mut l.meta,
            Self::ResourceQuota(q) => &mut q.meta,
            Self::VolumeClaim(c) => &mut c.meta,
            Self::Beside(beside) => &mut beside.meta,
        }
    }

    /// What it attests, where it is a PracticeAttestation.
    pub fn attestation(&self) -> Option<&Attestation> {
        match self {
            Self::Beside(beside) => Attestation::of(&beside.facts),
            _ => None,
        }
    }

    pub(super) fn key(&self) -> Local {
        (self.kind(), self.meta().name.clone())
    }
}
