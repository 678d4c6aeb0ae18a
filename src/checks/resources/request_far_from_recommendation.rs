//! request-far-from-recommendation: a request that measurements do not bear out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Amounts, Autoscaler, Container, Resource, Workload};

pub(super) static CHECK: Check = Check {
    id: "request-far-from-recommendation",
    title: "Requests are close to what a VerticalPodAutoscaler recommends",
    category: Category::Resources,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-38", "SE-11", "SE-12", "RE-05", "HA-07"],
    remediation: "Set the request to about what the VerticalPodAutoscaler recommends.",
    rule: &PerWorkload(judge),
    page: include_str!("request_far_from_recommendation.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// factor is how many times the recommendation a request may be, and the other way round.
    #[schemars(range(min = 1, max = 1000))]
    factor: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { factor: 2 }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let factor = parameters.factor.unsigned_abs();
    let scalers = cx.vertical_autoscalers_of(workload);
    let Some(first) = scalers.first() else {
        return Verdict::not_applicable("no VerticalPodAutoscaler targets it");
    };
    let mut recommended = false;
    let mut findings = Vec::new();
    for scaler in &scalers {
        for (name, target) in scaler.sizing.iter().flat_map(|sizing| &sizing.targets) {
            recommended = true;
            let containers = workload.running_containers().filter(|container| container.name == *name);
            for container in containers {
                findings.extend(far_off(cx, workload, container, (scaler, target), factor));
            }
        }
    }
    if !recommended {
        return Verdict::unknown(format!("{} shows no recommendation", first.describe()));
    }
    findings.into()
}

fn far_off(
    cx: &Context<'_>,
    workload: &Workload,
    container: &Container,
    (scaler, target): (&Autoscaler, &Amounts),
    factor: u32,
) -> Vec<Finding> {
    let finding = |resource: Resource| {
        let target = target.of(resource).filter(|target| !target.is_zero())?;
        // Where there is none, that is for another check.
        let request = cx.request(container, resource).filter(|given| !given.amount.is_zero())?.amount;
        let (relation, effect) = if request.exceeds(factor, target) {
            (format!("more than {factor} times"), "nodes are paid for that stand idle")
        } else if target.exceeds(factor, request) {
            (format!("less than 1/{factor} of"), "nodes are promised more than they can bear")
        } else {
            return None;
        };
        let (noun, field) = (resource.noun(), format!("resources.requests.{}", resource.name()));
        let subject = format!("{} '{}'", container.role.noun(), container.name);
        let message = format!(
            "{subject} has a {noun} request of {request}, {relation} the {target} that {} recommends: {effect}; set {field} \
             to about {target}",
            scaler.describe()
        );
        Some(Finding::new(message).container(workload, container, &field))
    };
    [Resource::Cpu, Resource::Memory].into_iter().filter_map(finding).collect()
}
