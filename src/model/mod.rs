//! Kubernetes as the checks see it: plain values, slim and interned, and the relations between them.
//!
//! Pure: no client, no clock, no files. Not its job: reading JSON (`decode`) or judging anything (`checks`).

mod annotations;
mod autoscaler;
mod beside;
mod container;
mod declared;
mod effective;
mod environment;
mod index;
mod inventory;
mod json;
mod kind;
mod labels;
mod made;
mod name;
mod network;
mod pod;
mod probe;
mod quantity;
mod record;
mod related;
mod relations;
mod schedule;
mod security;
mod space;
mod text;
mod version;
mod volume;
mod whole;
mod workload;

pub use annotations::Annotations;
pub use autoscaler::*;
pub use beside::*;
pub use container::*;
pub use declared::{Declaration, DeclaredKind};
pub use effective::{Floor, FloorSource, Given, Giver, Obstacle, PodRequest};
pub use environment::*;
pub use inventory::{Inventory, Sight, SubjectKey, Touched};
pub use json::{Allowance, Json, Members};
pub use kind::{Kind, KindInfo, Provider};
pub use labels::{Labels, Operator, Requirement, Selector};
pub use made::{BudgetStanding, COMPONENT_LABEL, Made, Writer};
pub use name::{shortened, stable_hash};
pub use network::*;
pub use pod::*;
pub use probe::*;
pub use quantity::Quantity;
pub use record::Record;
pub use related::*;
pub use relations::{
    ATTEST, BEHELD, Beheld, Claims, Document, Done, Exercise, Found, Illegible, MonitoredPods, Relations,
    Told,
};
pub use schedule::{Schedule, duration_nanos};
pub use security::*;
pub use space::Space;
pub use text::Text;
pub use version::{KubernetesVersion, NoVersion};
pub use volume::*;
pub use whole::{Keep, Needs};
pub use workload::*;
