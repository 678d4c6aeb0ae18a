//! The kernel parameters that Pod Security takes for safe.

use super::Table;

pub(super) static TABLE: Table =
    Table { file: "safe-sysctls.txt", columns: &["name", "since"], text: include_str!("safe-sysctls.txt") };

/// Whether the baseline level of Pod Security allows a pod to set the kernel parameter of exactly this name.
pub fn is_safe_sysctl(name: &str) -> bool {
    TABLE.rows().any(|row| row.first() == Some(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_as_pod_security_has_them() {
        assert!(is_safe_sysctl("net.ipv4.tcp_rmem"));
        assert!(!is_safe_sysctl("net/ipv4/tcp_rmem") && !is_safe_sysctl("net.core.somaxconn"));
    }
}
