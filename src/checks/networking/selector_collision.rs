//! selector-collision: workloads that take each other's pods for their own.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api::{Category, Level, Severity};
use crate::checks::support::selection::names;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{IntOrString, Kind, Role, Service, Workload};

pub(super) static CHECK: Check = Check {
    id: "selector-collision",
    title: "No two workloads select one another's pods",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-18", "PE"],
    remediation: "Give each workload a label of its own, in its selector and in its pod template.",
    rule: &PerWorkload(judge),
    page: include_str!("selector_collision.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable(format!("the pods of a {} belong to one run", workload.kind));
    }
    let rivals = rivals(cx, workload);
    if !rivals.is_empty() {
        let theirs = if rivals.len() == 1 { "its selector matches" } else { "their selectors match" };
        let finding = Finding::new(format!(
            "its selector matches the pods of {} as well, and {theirs} the pods here: each may adopt, count or scale what \
             another made; give each a label of its own, in selector and template",
            names(&rivals)
        ));
        return Verdict::fail(finding.field(workload.selector_path()));
    }
    let services = cx.services_of(workload);
    services.into_iter().filter_map(|service| mixed(cx, workload, service)).collect::<Vec<_>>().into()
}

/// The workloads that claim the pods of this one, while it claims theirs.
fn rivals<'a>(cx: &Context<'a>, workload: &Workload) -> Vec<&'a Arc<Workload>> {
    let Some(selector) = workload.selector.as_ref().filter(|_| workload.claims_pods()) else {
        return Vec::new();
    };
    let mut others = cx.selected(selector);
    others.retain(|other| {
        let theirs = other.selector.as_ref().filter(|_| other.claims_pods());
        theirs.is_some_and(|theirs| theirs.matches_template(workload.pod_labels()))
            && runs_beside(workload, other)
    });
    others
}

/// Whether it is another workload, with pods of its own.
fn runs_beside(workload: &Workload, other: &Workload) -> bool {
    let lends = |one: &Workload, to: &Workload| {
        let lender = to.template_ref.as_ref().and_then(|lender| lender.workload());
        lender == Some((one.kind, one.meta.name.clone()))
    };
    other.id() != workload.id()
        && other.replicas != Some(0)
        && !other.suspended
        && other.is_subject()
        && !lends(workload, other)
        && !lends(other, workload)
}

/// A Service that leads to this workload and to others that run something else.
fn mixed(cx: &Context<'_>, workload: &Workload, service: &Service) -> Option<Finding> {
    // Whoever asks a headless Service gets all pods by name, to find the members of a cluster.
    if service.headless || !is_behind(service, workload) {
        return None;
    }
    let mut others = cx.selected(service.selector.as_ref()?);
    let images = images(workload);
    others.retain(|other| {
        runs_beside(workload, other)
            && is_behind(service, other)
            && !self::images(other).iter().any(|image| images.contains(image))
    });
    if others.is_empty() {
        return None;
    }
    let name = &service.meta.name;
    let finding = Finding::new(format!(
        "Service '{name}' spreads its connections over this workload and {}, which runs other images: what is meant for \
         one reaches the other; add a label to spec.selector that only the pods meant have",
        names(&others)
    ));
    Some(finding.object(Kind::Service, name).field("spec.selector").severity(Severity::Low))
}

/// Whether a port of the Service leads to the workload's pods.
fn is_behind(service: &Service, workload: &Workload) -> bool {
    service.ports.iter().any(|port| match port.target() {
        IntOrString::Int(_) => true,
        IntOrString::String(name) => !workload.ports_named(port.protocol, &name).is_empty(),
    })
}

/// The images of the application, without tag and digest: a canary runs another version of the same.
fn images(workload: &Workload) -> BTreeSet<&str> {
    let applications = workload.template.spec.containers.iter().filter(|c| c.role == Role::Application);
    let bare = |image: &'_ str| -> usize {
        let name = image.find('@').unwrap_or(image.len());
        let path = image.get(..name).and_then(|image| image.rfind('/')).map_or(0, |slash| slash + 1);
        let tag = image.get(path..name).and_then(|last| last.find(':'));
        tag.map_or(name, |colon| path + colon)
    };
    applications.filter_map(|container| container.image.get(..bare(&container.image))).collect()
}
