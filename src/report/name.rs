//! The name of a subject's report.

use crate::model::SubjectKey;

/// The report of a namespace, in that namespace.
pub const NAMESPACE_REPORT: &str = "namespace";

/// The longest name of an object.
const MAX_NAME: usize = 253;

/// The groups whose kinds need no group to be told from each other.
const PLAIN: &[&str] = &["", "apps", "batch", "argoproj.io"];

/// `<kind>-<name>` for a workload, `<kind>.<group>-<name>` where its group is not one of the usual, `namespace` for a
/// namespace. Kinds have no dash, so no two subjects share a name; one that would be too long is cut and gets a hash of
/// all of it.
pub fn name_of(key: &SubjectKey) -> String {
    let SubjectKey::Workload(id) = key else { return NAMESPACE_REPORT.to_owned() };
    let (kind, group) = (id.kind.name().to_ascii_lowercase(), id.kind.info().group);
    shortened(&match PLAIN.contains(&group) {
        true => format!("{kind}-{}", id.name),
        false => format!("{kind}.{group}-{}", id.name),
    })
}

/// A name as it is, or where it is too long for an object, cut and with a hash of all of it.
pub fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let kept: String = name.chars().take(MAX_NAME - 17).collect();
    // A name may not have a dot or dash before the hash's dash.
    format!("{}-{:016x}", kept.trim_end_matches(['-', '.']), stable_hash(name))
}

/// A hash that is the same in every build: FNV-1a. Names are stored, and Rust's own hasher may give others with the next compiler.
pub fn stable_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, WorkloadId};

    fn name(name: &str) -> String {
        name_of(&SubjectKey::Workload(WorkloadId {
            namespace: "shop".into(),
            kind: Kind::StatefulSet,
            name: name.into(),
        }))
    }

    #[test]
    fn names_say_kind_and_name() {
        assert_eq!(name("orders-db"), "statefulset-orders-db");
        assert_eq!(name_of(&SubjectKey::Namespace("shop".into())), "namespace");
    }

    #[test]
    fn long_names_are_cut_and_stay_distinct() {
        let (a, b) = (name(&format!("{}a", "x".repeat(252))), name(&format!("{}b", "x".repeat(252))));
        assert!(a.len() <= 253 && b.len() <= 253 && a != b);
    }

    #[test]
    fn the_hash_is_the_same_in_every_build() {
        // The published test values of FNV-1a.
        assert_eq!((stable_hash(""), stable_hash("foobar")), (0xcbf2_9ce4_8422_2325, 0x8594_4171_f739_67e8));
    }
}
