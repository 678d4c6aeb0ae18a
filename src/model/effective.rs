//! What is in force for a workload once others have had their say: autoscalers about the number of its pods; limits,
//! LimitRanges and the pod as a whole about the resources of its containers.
//!
//! Follows Kubernetes 1.36, in its order: the API server fills requests from limits, container by container, then the
//! pod's own requests (what its containers request together, else its limit); only then does the LimitRanger give
//! containers what they still lack, whether or not the pod has amounts of its own. So the pod's own amounts and the
//! QoS class that follows from them never rest on a LimitRange. Ephemeral containers have no resources.
//! Not its job: judging whether that is enough.

use super::{Amounts, Container, Kind, PodSpec, Quantity, Relations, Resource, Role, Text, Workload};

/// The fewest pods that a workload is meant to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// How many.
    pub replicas: i64,
    /// What says so.
    pub source: FloorSource,
}

/// What decides the fewest pods of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FloorSource {
    /// The workload's own number at this path (`spec.replicas`), or its default of 1.
    Replicas(&'static str),
    /// The HorizontalPodAutoscaler of this name.
    HorizontalPodAutoscaler(Text),
    /// The ScaledObject of this name.
    ScaledObject(Text),
}

impl Floor {
    /// "2 replicas", "minReplicas 2 of HorizontalPodAutoscaler 'web'".
    pub fn describe(&self) -> String {
        let n = self.replicas;
        match &self.source {
            FloorSource::Replicas(_) if n == 1 => "1 replica".to_owned(),
            FloorSource::Replicas(_) => format!("{n} replicas"),
            FloorSource::HorizontalPodAutoscaler(name) => {
                format!("minReplicas {n} of HorizontalPodAutoscaler '{name}'")
            }
            FloorSource::ScaledObject(name) => format!("minReplicaCount {n} of ScaledObject '{name}'"),
        }
    }

    /// The field that sets it, in the workload or in the autoscaler.
    pub fn field(&self) -> &'static str {
        match self.source {
            FloorSource::Replicas(path) => path,
            FloorSource::HorizontalPodAutoscaler(_) => "spec.minReplicas",
            FloorSource::ScaledObject(_) => "spec.minReplicaCount",
        }
    }
}

/// An amount that is in force for a container, and who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given<'a> {
    /// How much.
    pub amount: &'a Quantity,
    /// Who said so.
    pub by: Giver<'a>,
}

/// Who gave an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver<'a> {
    /// The container itself; a request may come from its limit.
    Container,
    /// The LimitRange of this name.
    LimitRange(&'a Text),
}

/// What keeps a pod from the QoS class Guaranteed: the resource whose request and limit are not there and equal.
#[derive(Clone, Copy, Debug)]
pub struct Obstacle<'a> {
    /// The container; `None` where the pod has resources of its own, which then decide alone.
    pub container: Option<&'a Container>,
    /// The resource.
    pub resource: Resource,
    /// Its request, as somebody wrote it.
    pub request: Option<&'a Quantity>,
    /// Its limit.
    pub limit: Option<&'a Quantity>,
}

impl<'a> Relations<'a> {
    /// The fewest pods that the workload is meant to have; `None` for kinds whose number nobody sets.
    pub fn floor(&self, workload: &Workload) -> Option<Floor> {
        if !workload.kind.has_scale() {
            return None;
        }
        let autoscalers = self.autoscalers_of(workload);
        // A ScaledObject makes an HPA of its own, which counts as that ScaledObject.
        let scaled_object = autoscalers.iter().find(|a| a.kind == Kind::ScaledObject);
        let lowest = || autoscalers.iter().min_by_key(|a| a.min_replicas);
        Some(match scaled_object.or_else(lowest) {
            Some(a) => {
                let name = a.meta.name.clone();
                let source = match a.kind {
                    Kind::ScaledObject => FloorSource::ScaledObject(name),
                    _ => FloorSource::HorizontalPodAutoscaler(name),
                };
                Floor { replicas: a.min_replicas, source }
            }
            None => Floor {
                replicas: workload.replicas.unwrap_or(1),
                source: FloorSource::Replicas(workload.replicas_path()),
            },
        })
    }

    /// The request that is in force for a container: its own, else its limit, else what a LimitRange gives.
    pub fn request<'c>(&self, container: &'c Container, resource: Resource) -> Option<Given<'c>>
    where
        'a: 'c,
    {
        let own = container.own_request(resource).map(|amount| Given { amount, by: Giver::Container });
        own.or_else(|| self.default_of(|defaults| defaults.requests.of(resource)))
    }

    /// The limit that is in force for a container: its own, else what a LimitRange gives.
    pub fn limit<'c>(&self, container: &'c Container, resource: Resource) -> Option<Given<'c>>
    where
        'a: 'c,
    {
        let own = container.resources.limits.of(resource);
        let own = own.map(|amount| Given { amount, by: Giver::Container });
        own.or_else(|| self.default_of(|defaults| defaults.limits.of(resource)))
    }

    /// Where several LimitRanges give one, the API server takes them in no order that anybody promises.
    fn default_of(
        &self,
        pick: impl Fn(&'a super::ContainerDefaults) -> Option<&'a Quantity>,
    ) -> Option<Given<'a>> {
        self.limit_ranges().into_iter().find_map(|range| {
            let amount = range.containers.iter().find_map(&pick)?;
            Some(Given { amount, by: Giver::LimitRange(&range.meta.name) })
        })
    }

    /// Why the workload's pods are not of QoS class Guaranteed; `None` when they are.
    /// LimitRanges are looked at only where the answer rests on them.
    pub fn qos_obstacle<'w>(&self, workload: &'w Workload) -> Option<Obstacle<'w>>
    where
        'a: 'w,
    {
        const COUNTED: [Resource; 2] = [Resource::Cpu, Resource::Memory];
        let spec = &workload.template.spec;
        if let Some(whole) = &spec.resources {
            let equal = |resource: &Resource| {
                let request = spec.request(*resource).map(|request| request.nanos);
                is_guaranteed(request, whole.limits.of(*resource).map(Quantity::nanos))
            };
            let resource = COUNTED.into_iter().find(|resource| !equal(resource))?;
            let request = spec.request(resource).and_then(|request| request.written);
            return Some(Obstacle { container: None, resource, request, limit: whole.limits.of(resource) });
        }
        let each = || workload.sized_containers().flat_map(|c| COUNTED.map(|resource| (c, resource)));
        // The API wants each request to be within its limit, so unequal pairs never make up for each other.
        let certain = each().find_map(|(container, resource)| {
            let (request, limit) = (container.own_request(resource), container.resources.limits.of(resource));
            let settled = match (request, limit) {
                (Some(request), Some(limit)) => !is_guaranteed(Some(request.nanos()), Some(limit.nanos())),
                (Some(request), None) => request.is_zero(),
                (None, _) => false,
            };
            settled.then_some(Obstacle { container: Some(container), resource, request, limit })
        });
        let by_default = || {
            each().find_map(|(container, resource)| {
                let request = self.request(container, resource).map(|given| given.amount);
                let limit = self.limit(container, resource).map(|given| given.amount);
                let met = is_guaranteed(request.map(Quantity::nanos), limit.map(Quantity::nanos));
                (!met).then_some(Obstacle { container: Some(container), resource, request, limit })
            })
        };
        certain.or_else(by_default)
    }
}

/// Whether a request and a limit are there and equal, in the thousandths that the API server keeps.
fn is_guaranteed(request: Option<i128>, limit: Option<i128>) -> bool {
    let milli = |nanos: i128| nanos.div_euclid(1_000_000) + i128::from(nanos.rem_euclid(1_000_000) != 0);
    match (request, limit) {
        (Some(request), Some(limit)) => limit > 0 && milli(request) == milli(limit),
        _ => false,
    }
}

/// What a pod as a whole requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodRequest<'a> {
    /// In billionths of the base unit.
    pub nanos: i128,
    /// As the pod itself says it; otherwise it follows from its containers.
    pub written: Option<&'a Quantity>,
}

impl PodSpec {
    fn amounts(&self, resource: Resource) -> (Option<&Quantity>, Option<&Quantity>) {
        // The pod as a whole has no ephemeral storage.
        match self.resources.as_ref().filter(|_| resource != Resource::EphemeralStorage) {
            Some(whole) => (whole.requests.of(resource), whole.limits.of(resource)),
            None => (None, None),
        }
    }

    /// The limit of the pod as a whole.
    pub fn limit(&self, resource: Resource) -> Option<&Quantity> {
        self.amounts(resource).1
    }

    /// The request of the pod as a whole where it has resources of its own: what it says; where it has any limit, what
    /// its containers request together; else its limit.
    pub fn request(&self, resource: Resource) -> Option<PodRequest<'_>> {
        let (request, limit) = self.amounts(resource);
        if let Some(request) = request {
            return Some(PodRequest { nanos: request.nanos(), written: Some(request) });
        }
        let limits = self.resources.as_ref().map(|whole| &whole.limits)?;
        let together = (*limits != Amounts::default()).then(|| self.requested_together(resource)).flatten();
        let limit = || limit.map(|limit| PodRequest { nanos: limit.nanos(), written: Some(limit) });
        together.map(|nanos| PodRequest { nanos, written: None }).or_else(limit)
    }

    /// Whether the pod itself says anything about the resource.
    pub fn sizes(&self, resource: Resource) -> bool {
        let (request, limit) = self.amounts(resource);
        request.is_some() || limit.is_some()
    }

    /// The most that the containers request at any one time; `None` when none requests anything.
    fn requested_together(&self, resource: Resource) -> Option<i128> {
        let (mut sidecars, mut applications, mut most_at_start) = (0_i128, 0_i128, 0_i128);
        let mut any = false;
        for container in &self.containers {
            let Some(request) = container.own_request(resource) else { continue };
            any = true;
            match container.role {
                Role::Init => most_at_start = most_at_start.max(sidecars.saturating_add(request.nanos())),
                Role::Sidecar => sidecars = sidecars.saturating_add(request.nanos()),
                Role::Application => applications = applications.saturating_add(request.nanos()),
                Role::Ephemeral => {}
            }
        }
        any.then(|| most_at_start.max(sidecars.saturating_add(applications)))
    }
}

impl Container {
    /// What it requests by itself: its request, else its limit.
    pub fn own_request(&self, resource: Resource) -> Option<&Quantity> {
        self.resources.requests.of(resource).or(self.resources.limits.of(resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decoded, decode};
    use crate::model::{Inventory, Record};

    fn workload(pod: &str) -> Workload {
        let json = format!(
            r#"{{"metadata":{{"name":"a","namespace":"n"}},"spec":{{"template":{{"spec":{pod}}}}}}}"#
        );
        match decode(Kind::Deployment, &json, "").unwrap() {
            Decoded::Record(Record::Workload(workload)) => *workload,
            other => panic!("{other:?}"),
        }
    }

    /// The obstacle, and whether a LimitRange that is not in the input was asked for.
    fn obstacle(pod: &str) -> (Option<(bool, Resource)>, bool) {
        let (inventory, namespace) = (Inventory::offline(false), Text::new("n"));
        let relations = Relations::of(&inventory, &namespace);
        let workload = workload(pod);
        let obstacle = relations.qos_obstacle(&workload).map(|o| (o.container.is_some(), o.resource));
        (obstacle, relations.take_blind().is_some())
    }

    #[test]
    fn what_is_set_needs_no_look_at_limit_ranges() {
        let workload =
            workload(r#"{"containers": [{"name": "a", "resources": {"requests": {"memory": "1Gi"}}}]}"#);
        let (inventory, namespace) = (Inventory::offline(false), Text::new("n"));
        let relations = Relations::of(&inventory, &namespace);
        let container = &workload.template.spec.containers[0];
        assert!(relations.request(container, Resource::Memory).is_some());
        assert_eq!(relations.take_blind(), None);
        assert!(relations.limit(container, Resource::Memory).is_none());
        assert!(relations.take_blind().is_some());
    }

    #[test]
    fn guaranteed_needs_equal_requests_and_limits_of_every_container() {
        let full = r#"{"limits": {"cpu": "0.1", "memory": "1Gi"}, "requests": {"cpu": "100m"}}"#;
        let pod = |second: &str| {
            format!(r#"{{"containers": [{{"resources": {full}}}, {{"resources": {second}}}]}}"#)
        };
        assert_eq!(obstacle(&pod(full)), (None, false));
        assert_eq!(obstacle(&pod("{}")), (Some((true, Resource::Cpu)), true));
        assert_eq!(obstacle(&pod(r#"{"limits": {"cpu": 1}}"#)), (Some((true, Resource::Memory)), true));
        // Whatever a LimitRange gives the memory, the CPU is settled.
        let settled = r#"{"limits": {"cpu": 1}, "requests": {"cpu": "0.5"}}"#;
        assert_eq!(obstacle(&pod(settled)), (Some((true, Resource::Cpu)), false));
        assert_eq!(
            obstacle(&pod(r#"{"requests": {"memory": "0"}}"#)),
            (Some((true, Resource::Memory)), false)
        );
    }

    #[test]
    fn a_pod_with_resources_of_its_own_is_judged_by_them_alone() {
        let pod = |own: &str, container: &str| {
            format!(r#"{{"resources": {own}, "containers": [{{"resources": {container}}}]}}"#)
        };
        let limits = r#"{"limits": {"cpu": 1, "memory": "1Gi"}}"#;
        assert_eq!(obstacle(&pod(limits, "{}")), (None, false));
        // What its container requests becomes the request of the pod.
        let less = r#"{"requests": {"cpu": "0.5"}}"#;
        assert_eq!(obstacle(&pod(limits, less)), (Some((false, Resource::Cpu)), false));
        assert_eq!(
            obstacle(&pod(r#"{"limits": {"cpu": 1}}"#, limits)),
            (Some((false, Resource::Memory)), false)
        );
        assert_eq!(obstacle(&pod("{}", limits)), (Some((false, Resource::Cpu)), false));
    }

    #[test]
    fn what_containers_request_together_is_the_most_at_any_one_time() {
        let of = |cpu: &str| format!(r#"{{"requests": {{"cpu": "{cpu}"}}}}"#);
        let pod = format!(
            r#"{{"resources": {{"limits": {{"cpu": 9}}}},
                "initContainers": [{{"resources": {}}}, {{"restartPolicy": "Always", "resources": {}}}, {{"resources": {}}}],
                "containers": [{{"resources": {}}}, {{}}]}}"#,
            of("2"),
            of("1"),
            of("3"),
            of("2")
        );
        let request = |pod: &str| workload(pod).template.spec.request(Resource::Cpu).map(|r| r.nanos);
        assert_eq!(request(&pod), Some(4_000_000_000));
        assert_eq!(
            request(r#"{"resources": {"limits": {"cpu": 9}}, "containers": [{}]}"#),
            Some(9_000_000_000)
        );
        assert_eq!(request(r#"{"resources": {"requests": {"memory": 9}}, "containers": [{}]}"#), None);
    }
}
