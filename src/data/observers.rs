//! Programs that take logs and traces, known by their images and by the variables that point to them.

use std::sync::LazyLock;

use super::Table;

pub(super) static LOG_SHIPPERS: Table = Table {
    file: "log-shippers.txt",
    columns: &["name", "date", "source"],
    text: include_str!("log-shippers.txt"),
};

pub(super) static TRACERS: Table = Table {
    file: "tracers.txt",
    columns: &["name", "sign", "date", "source"],
    text: include_str!("tracers.txt"),
};

static SHIPPING: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| LOG_SHIPPERS.rows().filter_map(|row| row.first().copied()).collect());
static TRACING: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let pair = |row: Vec<&'static str>| match row.as_slice() {
        [name, sign, ..] => Some((*sign, *name)),
        _ => None,
    };
    TRACERS.rows().filter_map(pair).collect()
});

/// Whether an image of this full name reads log files and sends them on.
pub fn is_log_shipper(image: &str) -> bool {
    SHIPPING.iter().any(|known| is_named(image, known))
}

/// Whether an image of this full name takes traces.
pub fn is_tracer(image: &str) -> bool {
    TRACING.iter().any(|(sign, known)| *sign == "image" && is_named(image, known))
}

/// Whether a variable of this name configures tracing.
pub fn configures_tracing(variable: &str) -> bool {
    TRACING.iter().any(|(sign, prefix)| *sign == "variable" && variable.starts_with(prefix))
}

/// Whether the last parts of an image's name are the known ones.
fn is_named(image: &str, known: &str) -> bool {
    let prefix = known.strip_suffix('*');
    let mut parts = image.rsplit('/');
    known.rsplit('/').enumerate().all(|(from_end, wanted)| match (parts.next(), prefix) {
        (Some(part), Some(_)) if from_end == 0 => part.starts_with(wanted.trim_end_matches('*')),
        (Some(part), _) => part == wanted,
        (None, _) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_the_end_of_its_name() {
        assert!(is_log_shipper("docker.io/fluent/fluent-bit"));
        assert!(is_log_shipper("registry.example.com/mirror/fluentd-kubernetes-daemonset"));
        assert!(is_log_shipper("docker.io/grafana/agent") && !is_log_shipper("docker.io/shop/agent"));
        assert!(!is_log_shipper("docker.io/timberio/vectors") && !is_log_shipper("vector-db"));
        assert!(is_tracer("docker.io/otel/opentelemetry-collector-contrib") && !is_tracer("OTEL_"));
        assert!(configures_tracing("OTEL_SERVICE_NAME") && !configures_tracing("HOTEL_NAME"));
    }
}
