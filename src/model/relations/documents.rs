//! The manifests of a namespace beside those of its workloads, and on whose report each is to be told of.
//!
//! They are told of on the Namespace. An offline input often has no Namespace object, and then they are told of on the
//! workloads that they are about, or, where that does not show, on the namespace's first workload, so that nothing
//! is lost. Not its job: what is wrong with a manifest.

use super::super::index::Selects;
use super::super::{Autoscaler, DisruptionBudget, Kind, Meta, Selector, Space, Workload};
use super::Relations;

/// A manifest.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its metadata.
    pub meta: &'a Meta,
    /// All of it where it is a PodDisruptionBudget.
    pub budget: Option<&'a DisruptionBudget>,
}

/// Which workloads a manifest is about, as far as it shows.
#[derive(Clone, Copy)]
enum About<'a> {
    /// Those whose pods it selects.
    Selected(Option<&'a Selector>),
    /// The one that it scales.
    Scaled(&'a Autoscaler),
    /// It does not show.
    Nobody,
}

impl About<'_> {
    fn is(self, workload: &Workload) -> bool {
        match self {
            Self::Selected(selector) => {
                selector.is_some_and(|selector| selector.matches_template(workload.pod_labels()))
            }
            Self::Scaled(autoscaler) => autoscaler
                .target_id()
                .is_some_and(|id| id.kind == workload.kind && id.name == workload.meta.name),
            Self::Nobody => false,
        }
    }
}

impl<'a> Relations<'a> {
    /// The manifests, but those of workloads, that are to be told of on the report of a workload, or, `None`, of the
    /// namespace, if they are `odd`.
    pub fn documents_on(
        &self,
        subject: Option<&Workload>,
        odd: impl Fn(&Document<'a>) -> bool,
    ) -> Vec<Document<'a>> {
        let on_namespace = self.inventory.is_subject(self.namespace);
        if on_namespace != subject.is_none() {
            return Vec::new();
        }
        let documents = self.documents().filter(|(document, _)| odd(document));
        let Some(workload) = subject else { return documents.map(|(document, _)| document).collect() };
        let subjects = || self.space.into_iter().flat_map(Space::subjects);
        let is_first = || subjects().next().is_some_and(|first| first.meta.name == workload.meta.name);
        let concerns =
            |about: About<'_>| about.is(workload) || (is_first() && !subjects().any(|w| about.is(w)));
        documents.filter(|(_, about)| concerns(*about)).map(|(document, _)| document).collect()
    }

    fn documents(&self) -> impl Iterator<Item = (Document<'a>, About<'a>)> {
        let document = |kind, meta| Document { kind, meta, budget: None };
        let in_space = self.space.into_iter().flat_map(move |space| {
            let services = space.services.iter().map(move |service| {
                (document(Kind::Service, &service.meta), About::Selected(service.selector()))
            });
            let budgets = space.budgets.iter().map(move |budget| {
                let of_budget = document(Kind::PodDisruptionBudget, &budget.meta);
                (Document { budget: Some(budget), ..of_budget }, About::Selected(budget.selector()))
            });
            let policies = space.network_policies.iter().map(move |policy| {
                (document(Kind::NetworkPolicy, &policy.meta), About::Selected(policy.selector()))
            });
            let autoscalers = space.autoscalers.values();
            let autoscalers =
                autoscalers.map(move |scaler| (document(scaler.kind, &scaler.meta), About::Scaled(scaler)));
            let ranges = space.limit_ranges.values().map(|l| (Kind::LimitRange, &l.meta));
            let quotas = space.resource_quotas.values().map(|q| (Kind::ResourceQuota, &q.meta));
            let claims = space.volume_claims.values().map(|c| (Kind::PersistentVolumeClaim, &c.meta));
            let own = space.object.iter().map(|n| (Kind::Namespace, &n.meta));
            let others = ranges.chain(quotas).chain(claims).chain(own);
            let others = others.map(move |(kind, meta)| (document(kind, meta), About::Nobody));
            services.chain(budgets).chain(policies).chain(autoscalers).chain(others)
        });
        let namespaced = self.inventory.objects().kinds().filter(|kind| kind.info().namespaced);
        let beside = namespaced.flat_map(move |kind| {
            let objects = self.inventory.objects().within(kind, self.namespace);
            objects.map(move |object| (document(kind, &object.meta), About::Nobody))
        });
        in_space.chain(beside)
    }

    /// The version of Kubernetes that the manifests are for, where somebody said it.
    pub fn kubernetes(&self) -> Option<super::super::KubernetesVersion> {
        self.inventory.kubernetes()
    }
}
