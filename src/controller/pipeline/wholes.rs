//! Which objects are kept whole, as custom checks come and go, and who waits until they are here.
//!
//! The watch of a kind is begun anew when more of its objects is needed. Until they have come, nothing is said about
//! whom the policy covers: an Unknown now and a verdict in a second would be two reports. What is needed no more is
//! given up at the next full pass, so that a policy that is edited back and forth lists nothing again.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Keep, Kind, Needs, SubjectKey};

use super::super::queue::Lane;
use super::Pipeline;

/// So long a subject waits for objects that are being listed. Then what rests on them is Unknown.
const MOST_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// Who waits for what.
#[derive(Debug, Default)]
pub(super) struct Wholes {
    needs: Needs,
    /// The kinds of which not all is here yet that is needed.
    missing: Vec<Kind>,
    waiting: HashSet<SubjectKey>,
    until: Option<Timestamp>,
}

impl Wholes {
    /// Nobody waits any more.
    pub(super) fn forget(&mut self) {
        self.waiting.clear();
    }

    /// Whether somebody waits.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl Pipeline {
    /// How much the watches are to keep of which kinds.
    pub(in super::super) fn needs(&self) -> &Needs {
        &self.wholes.needs
    }

    /// How many objects are kept whole.
    #[cfg(test)]
    pub(in super::super) fn kept_whole(&self) -> usize {
        self.inventory.count_whole()
    }

    /// Gives up what no policy needs any more.
    pub(in super::super) fn give_up_wholes(&mut self) {
        let needs = self.set.needs();
        if needs != self.wholes.needs {
            self.wholes.needs = needs;
            self.inventory.keep_only(&self.wholes.needs);
            self.review_wholes();
        }
    }

    /// The policies have changed: more may be needed.
    pub(super) fn need_wholes(&mut self) {
        let needs = self.set.needs();
        if !self.wholes.needs.covers(&needs) {
            self.wholes.needs.merge(&needs);
            self.review_wholes();
        }
    }

    /// A kind was listed, and so much of each of its objects was kept.
    pub(super) fn listed_whole(&mut self, kind: Kind, keep: Keep) {
        self.inventory.complete_whole(kind, keep);
        self.review_wholes();
    }

    /// Looks at what is still missing; whoever waited for what is not is looked at.
    pub(super) fn review_wholes(&mut self) {
        if self.wholes.needs.is_empty() && self.wholes.missing.is_empty() {
            return;
        }
        let lacks = |kind: &Kind| {
            // Of a kind that may not be listed nothing will come.
            self.inventory.is_seen(*kind) && !self.inventory.is_whole(*kind, &self.wholes.needs)
        };
        let missing: Vec<Kind> = Kind::all().filter(lacks).collect();
        let came = self.wholes.missing.iter().any(|kind| !missing.contains(kind));
        self.wholes.missing = missing;
        if self.wholes.missing.is_empty() {
            self.wholes.until = None;
        }
        if came {
            for key in std::mem::take(&mut self.wholes.waiting) {
                self.queue.push(key, Lane::Background);
            }
        }
    }

    /// Whether a subject has to wait for objects that are being listed.
    pub(super) fn waits(&mut self, key: &SubjectKey, now: Timestamp) -> bool {
        if self.wholes.missing.is_empty() {
            return false;
        }
        let until = *self.wholes.until.get_or_insert_with(|| now.saturating_add(MOST_WAIT).unwrap_or(now));
        let covering = self.set.covering(&self.inventory, key);
        let needs = |kind: &Kind| covering.iter().any(|policy| policy.needs.of(*kind) > Keep::Nothing);
        if now >= until || !self.wholes.missing.iter().any(needs) {
            self.wholes.waiting.remove(key);
            return false;
        }
        self.wholes.waiting.insert(key.clone());
        self.queue.push_at(key.clone(), until);
        true
    }
}
