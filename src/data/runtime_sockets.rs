//! The sockets by which container runtimes take orders.

use std::sync::LazyLock;

use super::Table;

pub(super) static TABLE: Table = Table {
    file: "runtime-sockets.txt",
    columns: &["socket", "up to", "runtime"],
    text: include_str!("runtime-sockets.txt"),
};

/// A socket by which a container runtime takes orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuntimeSocket {
    /// Its path on the node.
    pub path: &'static str,
    /// The uppermost folder by which it is reached.
    pub up_to: &'static str,
    /// Whose it is.
    pub runtime: &'static str,
}

static ROWS: LazyLock<Vec<RuntimeSocket>> = LazyLock::new(|| {
    let socket = |row: Vec<&'static str>| match row.as_slice() {
        [path, up_to, runtime] => Some(RuntimeSocket { path, up_to, runtime }),
        _ => None,
    };
    TABLE.rows().filter_map(socket).collect()
});

/// Every socket that is known, the most common first.
pub fn runtime_sockets() -> &'static [RuntimeSocket] {
    &ROWS
}
