//! Log lines, as text or JSON, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Begins to log.
///
/// # Errors
/// When the filter makes no sense.
pub fn start(filter: &str, json: bool) -> Result<(), String> {
    let filter: EnvFilter = filter.parse().map_err(|error| format!("{error}"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = if json { lines.json().try_init() } else { lines.try_init() };
    started.map_err(|error| error.to_string())
}
