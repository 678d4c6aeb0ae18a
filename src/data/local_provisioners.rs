//! Provisioners whose volumes are on the disk of one node.

use super::Table;

pub(super) static TABLE: Table = Table {
    file: "local-provisioners.txt",
    columns: &["provisioner", "source"],
    text: include_str!("local-provisioners.txt"),
};

/// Whether the volumes of a provisioner are on the disk of one node, with no copy anywhere else.
pub fn is_local_provisioner(provisioner: &str) -> bool {
    TABLE.rows().any(|row| row.first() == Some(&provisioner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_copies_is_known() {
        assert!(is_local_provisioner("kubernetes.io/no-provisioner"));
        assert!(!is_local_provisioner("ebs.csi.aws.com"));
    }
}
