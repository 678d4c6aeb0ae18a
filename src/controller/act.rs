//! One act of remediation, and what became of it.
//!
//! Not its job: deciding on it (`remediation`), or doing it (`apply`).

use crate::model::Text;
use crate::remedy::{Cause, Desired, Place, Standing, Trip};

use super::change::Announcement;

/// An object is made for somebody, changed, or taken away.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// Where the object stands, or will.
    pub(super) place: Place,
    /// What is done.
    pub(super) deed: Deed,
    /// The highest resourceVersion of objects of this kind that was ever seen: what the API server shows is newer.
    pub(super) seen: u64,
    /// What is announced once it is done.
    pub(super) announcement: Announcement,
}

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// Make it.
    Create(Box<Desired>),
    /// Make what stands what it should be.
    Update(Box<Desired>, Box<Standing>),
    /// Take it away.
    Withdraw(Box<Standing>, Cause),
}

/// What became of an act.
#[derive(Debug)]
pub(super) struct Answer {
    /// Where.
    pub(super) place: Place,
    /// Whether it took a token of the pace.
    pub(super) paced: bool,
    /// What the API server showed as its resourceVersion, as far as it came to that.
    pub(super) version: u64,
    /// How it ended.
    pub(super) end: End,
}

/// How an act ended.
#[derive(Debug)]
pub(super) enum End {
    /// It stands.
    Stands,
    /// The one with this uid is gone.
    Gone(Text, Cause),
    /// There was nothing to do any more, and nothing was written.
    Moot,
    /// It could not be written, and what else is to be made could not be either.
    Refused(Trip),
    /// It could not be written.
    Failed,
}
