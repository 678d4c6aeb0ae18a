//! no-tracing: requests that nobody can follow.

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::Reference;
use crate::data::{configures_tracing, is_tracer};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Annotations, Container, EnvFrom, Workload};

pub(super) static CHECK: Check = Check {
    id: "no-tracing",
    title: "Programs send traces",
    category: Category::Observability,
    severity: Severity::Medium,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-33", "ST-37", "ST-39", "RE-28"],
    remediation: "Instrument the program with OpenTelemetry, or let its operator inject that.",
    rule: &PerWorkload(judge),
    page: include_str!("no_tracing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end and serve nobody");
    }
    let annotated = [
        Some(&workload.template.metadata.annotations),
        Some(&workload.meta.annotations),
        cx.namespace_annotations(),
    ];
    if annotated.into_iter().flatten().any(asks_for_injection) {
        return Verdict::Pass;
    }
    let containers = || workload.running_containers();
    if containers().any(|c| is_tracer(&Reference::of(&c.image).name) || has_variables(c)) {
        return Verdict::Pass;
    }
    if let Some(source) = containers().flat_map(|c| &c.env_from).find_map(object) {
        return Verdict::unknown(format!(
            "the variables that {source} gives may set up tracing, and its data is not read"
        ));
    }
    Verdict::fail(Finding::new(
        "nothing shows that it is traced (no OTEL_* variables, no annotation for injection, no sidecar that takes traces): \
         when a request is slow or fails, nobody can say in which service; instrument it with OpenTelemetry",
    ))
}

/// Whether an operator is asked to put tracing into the pods. What is set to `false` is not.
fn asks_for_injection(annotations: &Annotations) -> bool {
    let wanted = |value: &str| !value.is_empty() && !value.eq_ignore_ascii_case("false");
    let instrumented = annotations
        .below("instrumentation.opentelemetry.io/")
        .any(|(key, value)| key.starts_with("inject-") && wanted(value));
    let sidecar = ["sidecar.opentelemetry.io/inject", "sidecar.jaegertracing.io/inject"];
    let datadog = annotations
        .below("admission.datadoghq.com/")
        .any(|(key, value)| key.ends_with("-lib.version") && wanted(value));
    instrumented
        || datadog
        || sidecar.iter().any(|key| annotations.get(key).is_some_and(|value| wanted(value)))
}

/// Whether a container's variables set up tracing, and do not turn it off.
fn has_variables(container: &Container) -> bool {
    let off = |name: &str, value: &str| {
        matches!((name, value), ("OTEL_SDK_DISABLED", "true") | ("OTEL_TRACES_EXPORTER", "none"))
    };
    let mut variables = container.env.iter();
    let turned_off = variables.any(|v| v.value.as_ref().is_some_and(|value| off(&v.name, value)));
    !turned_off && container.env.iter().any(|variable| configures_tracing(&variable.name))
}

fn object(source: &EnvFrom) -> Option<String> {
    match source {
        EnvFrom::ConfigMap(map) => Some(format!("ConfigMap '{}'", map.name)),
        EnvFrom::Secret(secret) => Some(format!("Secret '{}'", secret.name)),
        EnvFrom::Other => None,
    }
}
