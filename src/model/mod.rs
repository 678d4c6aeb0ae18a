//! Kubernetes as the checks see it: plain values, slim and interned, and the relations between them.
//!
//! Pure: no client, no clock, no files. Not its job: reading JSON (`decode`) or judging anything (`checks`).

mod autoscaler;
mod container;
mod effective;
mod index;
mod inventory;
mod kind;
mod labels;
mod pod;
mod probe;
mod quantity;
mod related;
mod relations;
mod space;
mod text;
mod workload;

pub use autoscaler::*;
pub use container::*;
pub use effective::{Floor, FloorSource, Given, Giver, Obstacle, PodRequest};
pub use inventory::{Inventory, Record, Sight, SubjectKey, Touched};
pub use kind::{Kind, KindInfo, Provider};
pub use labels::{Labels, Operator, Requirement, Selector};
pub use pod::*;
pub use probe::*;
pub use quantity::Quantity;
pub use related::*;
pub use relations::Relations;
pub use space::Space;
pub use text::Text;
pub use workload::*;
