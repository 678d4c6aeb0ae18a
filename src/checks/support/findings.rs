//! Several looks of one check, of which each alone may give a finding.
//!
//! What one of them could not see does not unsay what another has seen. Not its job: what is looked at.

use crate::engine::{Context, Finding, Verdict};
use crate::model::Text;

/// What was found, and what could not be seen.
#[derive(Default)]
pub(crate) struct Findings {
    sure: Vec<Finding>,
    unseen: Option<Text>,
}

impl Findings {
    /// Looks for a finding. Where the look could not see, it says nothing.
    pub(crate) fn look(&mut self, cx: &Context<'_>, judge: impl FnOnce() -> Option<Finding>) {
        match cx.seen(judge) {
            Ok(finding) => self.sure.extend(finding),
            Err(why) => drop(self.unseen.get_or_insert(why)),
        }
    }

    /// What is sure fails; without that, what could not be seen decides.
    pub(crate) fn verdict(self) -> Verdict {
        match self.unseen {
            Some(why) if self.sure.is_empty() => Verdict::unknown(why.as_str()),
            _ => self.sure.into(),
        }
    }
}
