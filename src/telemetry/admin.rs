//! The admin server: /livez, /readyz, /metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use super::Metrics;

/// Whether the controller can do its work.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Everything was listed once. A replica that does not lead is ready all the same.
    pub ready: Arc<AtomicBool>,
}

/// Serves until the process ends.
pub async fn serve(listener: TcpListener, metrics: Metrics, health: Health) {
    let ready = move || {
        let ready = health.ready.load(Ordering::Relaxed);
        async move {
            if ready {
                (StatusCode::OK, "ready\n")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "still listing\n")
            }
        }
    };
    let text = move || {
        let text = metrics.encode();
        async move { ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text) }
    };
    // That this answers at all says that the process lives; a task that ends takes the process with it.
    let router = Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(text));
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the admin server ended");
    }
}
