//! invalid-object: a manifest that the API server refuses, or takes without what it does not know.
//!
//! That an object is not what its kind says at all is found while it is read, and told by the engine under this id.

use crate::api::{Category, Level, Severity};
use crate::checks::support::dns;
use crate::engine::{Check, Context, Finding, NoParams, PerManifest, Sees, Verdict};
use crate::model::{
    Container, ContainerPort, Document, IntOrString, Kind, Meta, Probe, Protocol, UnknownField, Workload,
};

pub(super) static CHECK: Check = Check {
    id: "invalid-object",
    title: "Manifests are such that the API server takes them as they are",
    category: Category::Delivery,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Manifest,
    sources: &["PE"],
    remediation: "Correct the field that the finding names.",
    rule: &PerManifest { workload, namespace },
    page: include_str!("invalid_object.md"),
};

fn workload(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let mut findings = unknown_fields(&workload.meta);
    findings.extend(restart_policy(workload));
    findings.extend(container_names(workload));
    for container in &workload.template.spec.containers {
        findings.extend(port_names(workload, container));
        findings.extend(udp_probes(workload, container));
    }
    findings.extend(on_others(cx, Some(workload)));
    findings.into()
}

fn namespace(cx: &Context<'_>, _: &NoParams) -> Verdict {
    on_others(cx, None).into()
}

/// What is wrong with the manifests of other objects that are told of here.
fn on_others(cx: &Context<'_>, subject: Option<&Workload>) -> Vec<Finding> {
    let documents = cx.documents_on(subject, |document| !of_document(document).is_empty());
    let about = |document: &Document<'_>| {
        let (kind, name) = (document.kind, document.meta.name.clone());
        let findings = of_document(document).into_iter();
        // The report of a namespace is about the Namespace itself.
        let object = move |finding: Finding| {
            if kind == Kind::Namespace { finding } else { finding.object(kind, &name) }
        };
        findings.map(object).collect::<Vec<_>>()
    };
    documents.iter().flat_map(about).collect()
}

fn of_document(document: &Document<'_>) -> Vec<Finding> {
    let mut findings = unknown_fields(document.meta);
    if let Some(budget) = document.budget
        && budget.min_available.is_some()
        && budget.max_unavailable.is_some()
    {
        let message = format!(
            "PodDisruptionBudget '{}' sets both minAvailable and maxUnavailable: the API server refuses it, and nothing limits \
             evictions; keep one of them",
            budget.meta.name
        );
        findings.push(Finding::new(message).field("spec.minAvailable"));
    }
    findings
}

fn unknown_fields(meta: &Meta) -> Vec<Finding> {
    let finding = |field: &UnknownField| {
        let advice = match field.meant {
            Some(meant) => format!("write '{meant}'"),
            None => "correct its name or its place, or remove it".to_owned(),
        };
        let message = format!(
            "there is no field '{}': kubectl refuses the manifest, and what does not validate applies it without the field; \
             {advice}",
            field.path
        );
        Finding::new(message).field(field.path.clone())
    };
    meta.unknown_fields.iter().map(finding).collect()
}

fn restart_policy(workload: &Workload) -> Option<Finding> {
    let policy = workload.template.spec.restart_policy.as_str();
    let (allowed, advice) = match workload.kind {
        Kind::Pod => (&["", "Always", "OnFailure", "Never"][..], "set Always, OnFailure or Never"),
        Kind::Job | Kind::CronJob => (&["OnFailure", "Never"][..], "set OnFailure or Never"),
        _ => (&["", "Always"][..], "leave it out: only Always is allowed there"),
    };
    if allowed.contains(&policy) {
        return None;
    }
    let seen = if policy.is_empty() {
        "restartPolicy is unset, which means Always".to_owned()
    } else {
        format!("restartPolicy is {policy}")
    };
    let message =
        format!("{seen}, and the API server refuses that in the pods of a {}; {advice}", workload.kind);
    Some(Finding::new(message).field(workload.pod_field("restartPolicy")))
}

fn container_names(workload: &Workload) -> Vec<Finding> {
    let containers = &workload.template.spec.containers;
    let finding = |(index, container): (usize, &Container)| {
        let name = &container.name;
        let message = if !dns::is_label(name) {
            format!(
                "container name '{name}' is malformed: the API server refuses the object; use at most 63 lower-case letters, \
                 digits and dashes, with a letter or digit at both ends"
            )
        } else if containers.iter().take(index).any(|other| other.name == *name) {
            format!(
                "container name '{name}' stands twice in the pod: the API server refuses the object; give each container, \
                 init containers too, a name of its own"
            )
        } else {
            return None;
        };
        Some(Finding::new(message).container(workload, container, "name"))
    };
    containers.iter().enumerate().filter_map(finding).collect()
}

fn port_names(workload: &Workload, container: &Container) -> Vec<Finding> {
    let place = format!("{} '{}'", container.role.noun(), container.name);
    let finding = |(index, port): (usize, &ContainerPort)| {
        let (name, number) = (&port.name, port.number);
        let (message, field) = if !(1..=65535).contains(&number) {
            let message = format!(
                "containerPort {number} of {place} is no port: the API server refuses the object; use a number from 1 to 65535"
            );
            (message, "containerPort")
        } else if name.is_empty() {
            return None;
        } else if !dns::is_port_name(name) {
            let message = format!(
                "port name '{name}' of {place} is malformed: the API server refuses the object; use at most 15 lower-case \
                 letters, digits and single dashes, with a letter among them"
            );
            (message, "name")
        } else if container.ports.iter().take(index).any(|other| other.name == *name) {
            let message = format!(
                "port name '{name}' stands twice in {place}: the API server refuses the object; give each port a name of its own"
            );
            (message, "name")
        } else {
            return None;
        };
        Some(Finding::new(message).container(workload, container, &format!("ports[{index}].{field}")))
    };
    container.ports.iter().enumerate().filter_map(finding).collect()
}

fn udp_probes(workload: &Workload, container: &Container) -> Vec<Finding> {
    let probes = [
        ("livenessProbe", container.liveness_probe.as_ref()),
        ("readinessProbe", container.readiness_probe.as_ref()),
        ("startupProbe", container.startup_probe.as_deref()),
    ];
    let finding = |(field, probe): (&str, Option<&Probe>)| {
        let (handler, port) = asked_port(probe?)?;
        let is_meant = |declared: &&ContainerPort| match &port {
            IntOrString::Int(number) => declared.number == *number,
            IntOrString::String(name) => declared.name == *name,
        };
        let mut declared = container.ports.iter().filter(is_meant).peekable();
        declared.peek()?;
        let udp_only = declared.all(|declared| declared.protocol == Protocol::Udp);
        udp_only.then(|| {
            let message = format!(
                "the {field} of {} '{}' asks port '{port}', which the container declares for UDP: probes speak TCP, so it \
                 always fails; ask a TCP port, or use an exec probe",
                container.role.noun(),
                container.name
            );
            Finding::new(message).container(workload, container, &format!("{field}.{handler}.port"))
        })
    };
    probes.into_iter().filter_map(finding).collect()
}

fn asked_port(probe: &Probe) -> Option<(&'static str, IntOrString)> {
    let handler = &probe.handler;
    let http = handler.http_get.as_ref().map(|get| ("httpGet", get.port.clone()));
    let tcp = || handler.tcp_socket.as_ref().map(|socket| ("tcpSocket", socket.port.clone()));
    let grpc = || handler.grpc.as_ref().map(|grpc| ("grpc", IntOrString::Int(grpc.port)));
    http.or_else(tcp).or_else(grpc)
}
