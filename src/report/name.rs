//! The name of a subject's report.

use crate::model::{SubjectKey, shortened};

/// The report of a namespace, in that namespace.
pub const NAMESPACE_REPORT: &str = "namespace";

/// The groups whose kinds need no group to be told from each other.
const PLAIN: &[&str] = &["", "apps", "batch", "argoproj.io"];

/// `<kind>-<name>` for a workload, `<kind>.<group>-<name>` where its group is not one of the usual, `namespace` for a
/// namespace. Kinds have no dash, so no two subjects share a name.
pub fn name_of(key: &SubjectKey) -> String {
    let SubjectKey::Workload(id) = key else { return NAMESPACE_REPORT.to_owned() };
    let (kind, group) = (id.kind.name().to_ascii_lowercase(), id.kind.info().group);
    shortened(&match PLAIN.contains(&group) {
        true => format!("{kind}-{}", id.name),
        false => format!("{kind}.{group}-{}", id.name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, WorkloadId};

    #[test]
    fn names_say_kind_and_name() {
        let orders =
            WorkloadId { namespace: "shop".into(), kind: Kind::StatefulSet, name: "orders-db".into() };
        assert_eq!(name_of(&SubjectKey::Workload(orders)), "statefulset-orders-db");
        assert_eq!(name_of(&SubjectKey::Namespace("shop".into())), "namespace");
    }
}
