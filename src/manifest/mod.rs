//! Manifests: files, folders and standard input to an inventory, with the place of everything in them.
//!
//! Not its job: judging, or saying what was found.

mod input;
mod load;
mod node;
mod own;
mod places;
mod plain;
mod problem;
mod scalar;
mod stream;
mod yaml;

pub use input::{InputError, Source, Texts, read};
pub use load::{Document, Loaded, Options, load};
pub use node::Place;
pub use own::Own;
pub use problem::{About, Problem};
