//! The name of a subject's report.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::model::SubjectKey;

/// The report of a namespace, in that namespace.
pub const NAMESPACE_REPORT: &str = "namespace";

/// The longest name of an object.
const MAX_NAME: usize = 253;

/// `<kind>-<name>` for a workload, `namespace` for a namespace. Kinds have no dash, so no two subjects share a name;
/// one that would be too long is cut and gets a hash of all of it.
pub fn name_of(key: &SubjectKey) -> String {
    let SubjectKey::Workload(id) = key else { return NAMESPACE_REPORT.to_owned() };
    let name = format!("{}-{}", id.kind.name().to_ascii_lowercase(), id.name);
    if name.len() <= MAX_NAME {
        return name;
    }
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let kept: String = name.chars().take(MAX_NAME - 17).collect();
    // A name may not have a dot or dash before the hash's dash.
    format!("{}-{:016x}", kept.trim_end_matches(['-', '.']), hasher.finish())
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
}
