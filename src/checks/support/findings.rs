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
            Some(why) if self.sure.is_empty() => Verdict::unknown(why.to_string()),
            _ => self.sure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Inventory, Kind, Presence};

    #[test]
    fn what_is_not_seen_decides_only_where_nothing_is_sure() {
        let (inventory, namespace) = (Inventory::offline(false), Text::new("shop"));
        let cx = Context::new(&inventory, &namespace, Timestamp::UNIX_EPOCH);
        // Nobody knows which Secrets there are, but all Canaries are in the input.
        let missing = |kind| {
            let found = cx.named::<Presence>(kind, &Text::new("db"));
            found.is_none().then(|| Finding::new(format!("no {kind}")))
        };
        let mut findings = Findings::default();
        findings.look(&cx, || missing(Kind::Secret));
        assert!(matches!(findings.verdict(), Verdict::Unknown(_)));
        let mut findings = Findings::default();
        findings.look(&cx, || missing(Kind::Secret));
        findings.look(&cx, || missing(Kind::Canary));
        assert_eq!(findings.verdict(), Verdict::fail(Finding::new("no Canary")));
        assert_eq!(cx.take_blind(), None);
    }
}
