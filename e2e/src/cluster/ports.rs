//! Free ports on loopback.
//!
//! Not here: keeping them. Between the choice and a server's use of it another process may take a port; the
//! start is then tried again with others.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use crate::error::{IoContext as _, Result};

/// One port for each listener of a cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) etcd: u16,
    pub(super) etcd_peer: u16,
    pub(super) api: u16,
    pub(super) controller_manager: u16,
    pub(super) scheduler: u16,
    pub(super) kwok: u16,
}

impl Ports {
    /// Asks the system for ports that nobody uses.
    pub(super) fn pick() -> Result<Self> {
        // Held until all are chosen, so that they differ.
        let mut held = Vec::new();
        let mut pick = || -> Result<u16> {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
            let chosen = listener.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
            let (port, listener) = chosen.at("find a free port on", Path::new("127.0.0.1"))?;
            held.push(listener);
            Ok(port)
        };
        Ok(Self {
            etcd: pick()?,
            etcd_peer: pick()?,
            api: pick()?,
            controller_manager: pick()?,
            scheduler: pick()?,
            kwok: pick()?,
        })
    }
}
