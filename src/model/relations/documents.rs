//! The manifests of a namespace beside those of its workloads, and on whose report each is to be told of.
//!
//! They are told of on the Namespace. An offline input often has no Namespace object, and then they are told of on the
//! workloads that they are about, or, where that does not show, on the namespace's first workload, so that nothing
//! is lost. Not its job: what is wrong with a manifest.

use super::super::index::Selects;
use super::super::{DisruptionBudget, Kind, Meta, Selector, Space, Workload};
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
type About<'a> = Box<dyn Fn(&Workload) -> bool + 'a>;

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
        let documents = self.documents().into_iter().filter(|(document, _)| odd(document));
        let Some(workload) = subject else { return documents.map(|(document, _)| document).collect() };
        let subjects = || self.space.into_iter().flat_map(Space::subjects);
        let is_first = subjects().next().is_some_and(|first| first.meta.name == workload.meta.name);
        let concerns = |about: &About<'_>| about(workload) || (is_first && !subjects().any(|w| about(w)));
        documents.filter(|(_, about)| concerns(about)).map(|(document, _)| document).collect()
    }

    fn documents(&self) -> Vec<(Document<'a>, About<'a>)> {
        let document = |kind, meta| Document { kind, meta, budget: None };
        let nobody = || -> About<'a> { Box::new(|_| false) };
        let mut found: Vec<(Document<'a>, About<'a>)> = Vec::new();
        if let Some(space) = self.space {
            let by_selector = |selector: Option<&'a Selector>| -> About<'a> {
                Box::new(move |w| selector.is_some_and(|selector| selector.matches_template(w.pod_labels())))
            };
            for s in space.services.iter() {
                found.push((document(Kind::Service, &s.meta), by_selector(s.selector())));
            }
            for b in space.budgets.iter() {
                let document = Document { budget: Some(b), ..document(Kind::PodDisruptionBudget, &b.meta) };
                found.push((document, by_selector(b.selector())));
            }
            for p in space.network_policies.iter() {
                found.push((document(Kind::NetworkPolicy, &p.meta), by_selector(p.selector())));
            }
            for a in space.autoscalers.values() {
                let about = move |w: &Workload| {
                    a.target_id().is_some_and(|id| id.kind == w.kind && id.name == w.meta.name)
                };
                found.push((document(a.kind, &a.meta), Box::new(about)));
            }
            let ranges = space.limit_ranges.values().map(|l| (Kind::LimitRange, &l.meta));
            let quotas = space.resource_quotas.values().map(|q| (Kind::ResourceQuota, &q.meta));
            let claims = space.volume_claims.values().map(|c| (Kind::PersistentVolumeClaim, &c.meta));
            let own = space.object.iter().map(|n| (Kind::Namespace, &n.meta));
            let others = ranges.chain(quotas).chain(claims).chain(own);
            found.extend(others.map(|(kind, meta)| (document(kind, meta), nobody())));
        }
        for kind in Kind::ALL.iter().filter(|kind| kind.info().namespaced) {
            let objects = self.inventory.objects().within(*kind, self.namespace);
            found.extend(objects.map(|object| (document(*kind, &object.meta), nobody())));
        }
        found
    }

    /// The version of Kubernetes that the manifests are for, where somebody said it.
    pub fn kubernetes(&self) -> Option<super::super::KubernetesVersion> {
        self.inventory.kubernetes()
    }
}
