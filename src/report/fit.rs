//! The status of a policy has so much room, whatever it counts and whatever there is to say: etcd and every watcher hold
//! it, and it is written again and again.
//!
//! Not its job: what it says (`status`).

use crate::api::{MAX_PREVIEW_CHECKS, PolicyStatus, PreviewCheck};

/// The most bytes of a status, as JSON. Room is left for what the API server adds.
pub const MAX_STATUS: usize = 3584;
/// The most bytes of the checks that a preview lists.
const MAX_PREVIEW: usize = 1536;
/// What stands where something was cut off.
const CUT: &str = "…";

/// The first checks of a list that there is room for.
pub(super) fn listed<'c>(checks: impl Iterator<Item = (&'c str, i32)>) -> Vec<PreviewCheck> {
    let mut left = MAX_PREVIEW;
    let each = checks.map(|(name, subjects)| PreviewCheck { name: name.to_owned(), subjects });
    let fits = |check: &PreviewCheck| {
        let rest = left.checked_sub(json_bytes(check).saturating_add(1));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    each.take(MAX_PREVIEW_CHECKS).take_while(fits).collect()
}

/// The status with as much of its messages as there is room for; the longest are cut first.
pub(super) fn fitted(mut status: PolicyStatus) -> PolicyStatus {
    let over = json_bytes(&status).saturating_sub(MAX_STATUS);
    if over == 0 {
        return status;
    }
    let mut messages: Vec<&mut String> = status.conditions.iter_mut().map(|c| &mut c.message).collect();
    messages.sort_by_cached_key(|message| std::cmp::Reverse(json_bytes(message)));
    // The bytes that all of them may have, shared out from the shortest on: what one does not need is for the others.
    let total: usize = messages.iter().map(|message| text_bytes(message)).sum();
    let mut room = total.saturating_sub(over);
    while let Some(message) = messages.pop() {
        let share = room / messages.len().saturating_add(1);
        cut(message, share);
        room = room.saturating_sub(text_bytes(message));
    }
    status
}

/// Cuts a text off where it would have more bytes as JSON.
fn cut(text: &mut String, most: usize) {
    if text_bytes(text) <= most {
        return;
    }
    let mut left = most.saturating_sub(CUT.len());
    let fits = |c: &char| {
        let rest = left.checked_sub(text_bytes(c.encode_utf8(&mut [0; 4])));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    let kept: String = text.chars().take_while(fits).collect();
    *text = if most < CUT.len() { kept } else { kept + CUT };
}

/// The bytes of a text within a JSON document, without its quotes.
fn text_bytes(text: &str) -> usize {
    json_bytes(text).saturating_sub(2)
}

fn json_bytes<T: serde::Serialize + ?Sized>(value: &T) -> usize {
    // None of our types has a map without texts for keys, which is all that could fail.
    serde_json::to_string(value).map_or(usize::MAX, |json| json.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{
        Condition, ExemptionCounts, Failures, PreviewStatus, RemediationStatus, RemedyCounts, Truth,
    };

    fn status(messages: [&str; 4], checks: &[String]) -> PolicyStatus {
        let condition = |message: &&str| Condition {
            type_: "Compliant".to_owned(),
            status: Truth::Unknown,
            observed_generation: Some(i64::MAX),
            last_transition_time: "2026-11-21T12:34:56Z".parse().unwrap(),
            reason: "AcceptedInPart".to_owned(),
            message: (*message).to_owned(),
        };
        let most = i32::MAX;
        let remedies = RemedyCounts {
            made: most,
            planned: most,
            pending: most,
            refused: most,
            contested: most,
            rolled_back: most,
            conflicting: most,
        };
        PolicyStatus {
            observed_generation: i64::MAX,
            profile: "x".repeat(32),
            checks: most,
            namespaces: most,
            workloads: most,
            non_compliant_workloads: most,
            score: Some(100),
            failures: Failures { critical: most, high: most, medium: most, low: most, info: most },
            preview: Some(PreviewStatus {
                workloads: most,
                namespaces: most,
                checks: listed(checks.iter().map(|name| (name.as_str(), most))),
                omitted_checks: Some(most),
            }),
            remediation: Some(RemediationStatus {
                pod_disruption_budgets: remedies,
                network_policies: remedies,
            }),
            exempt_results: most,
            exemptions: ExemptionCounts {
                active: most,
                pending: most,
                unused: most,
                expired: most,
                refused: most,
            },
            conditions: messages.iter().map(condition).collect(),
        }
    }

    #[test]
    fn nothing_makes_it_larger() {
        let names: Vec<String> = (0..200).map(|n| format!("{n:063}")).collect();
        let long = ["x".repeat(9000), "\"\\\n\u{1}ä😀".repeat(2000), String::new(), "short".to_owned()];
        for one in &long {
            for two in &long {
                for three in &long {
                    let before = status([one, two, three, one], &names);
                    let after = fitted(before.clone());
                    let bytes = json_bytes(&after);
                    assert!(bytes <= MAX_STATUS, "{bytes}");
                    // Nothing is cut for nothing, and what is short stays.
                    assert!(json_bytes(&before) <= MAX_STATUS || bytes > MAX_STATUS - 16, "{bytes}");
                    for (was, is) in before.conditions.iter().zip(&after.conditions) {
                        assert!(was.message.len() > 5 || was.message == is.message);
                        assert!(was.message == is.message || is.message.ends_with(CUT));
                    }
                }
            }
        }
    }

    #[test]
    fn a_list_ends_where_there_is_no_room_and_what_fits_is_left_alone() {
        assert_eq!(listed((0..40).map(|_| ("a", 1))).len(), MAX_PREVIEW_CHECKS);
        let name = "x".repeat(63);
        assert_eq!(listed((0..40).map(|_| (name.as_str(), 1))).len(), MAX_PREVIEW / 90);
        let small = status(["one", "two", "three", "four"], &[]);
        assert_eq!(fitted(small.clone()), small);
    }
}
