//! What can end the controller.

/// Why the controller ended. Each says what was being done and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ControllerError {
    /// No connection can be made.
    #[error("cannot find a cluster: {0}; set KUBECONFIG, or run in a pod with a ServiceAccount")]
    Config(#[source] kube::config::InferConfigError),
    /// The client cannot be built.
    #[error("cannot build a client for the cluster: {0}")]
    Client(#[source] kube::Error),
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The log filter makes no sense.
    #[error("--log '{filter}': {reason}")]
    LogFilter {
        /// The filter.
        filter: String,
        /// Why.
        reason: String,
    },
    /// A task that has to live as long as the process ended. The process ends as well, and is started anew.
    #[error("the task '{0}' ended; the process ends with it, so that it is started anew as a whole")]
    TaskEnded(String),
    /// The runtime cannot start.
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] std::io::Error),
    /// Signals cannot be received.
    #[error("cannot receive signals: {0}")]
    Signals(#[source] std::io::Error),
}
