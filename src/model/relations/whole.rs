//! Looks at whole objects, for custom checks: the subject's own, its Namespace's, and those that stand in a relation to
//! it. An object is parsed once for all checks that look at it, and given up with the view.
//!
//! Secrets and ConfigMaps are not among them, nor pods that a workload owns. Not its job: what is kept (`whole`).

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::iter::repeat_with;

use super::super::{
    Allowance, Binding, HttpRoute, Ingress, Json, Keep, Kind, ServiceAccount, Text, Workload,
};
use super::{Obscured, Relations};

/// The most JSON that is parsed for one subject, in bytes and in values.
const MOST_BYTES: usize = 2 << 20;
const MOST_VALUES: usize = 128 << 10;

/// What a custom check can look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beheld {
    /// The subject.
    Subject,
    /// Its Namespace.
    Namespace,
    /// The objects of a kind that stand in a relation to it; for a namespace, those in it.
    Related(Kind),
}

/// Everything that custom checks can look at, by the names that they use.
pub const BEHELD: &[(&str, Beheld)] = &[
    ("object", Beheld::Subject),
    ("namespaceObject", Beheld::Namespace),
    ("related.services", Beheld::Related(Kind::Service)),
    ("related.ingresses", Beheld::Related(Kind::Ingress)),
    ("related.httpRoutes", Beheld::Related(Kind::HttpRoute)),
    ("related.podDisruptionBudgets", Beheld::Related(Kind::PodDisruptionBudget)),
    ("related.horizontalPodAutoscalers", Beheld::Related(Kind::HorizontalPodAutoscaler)),
    ("related.verticalPodAutoscalers", Beheld::Related(Kind::VerticalPodAutoscaler)),
    ("related.scaledObjects", Beheld::Related(Kind::ScaledObject)),
    ("related.networkPolicies", Beheld::Related(Kind::NetworkPolicy)),
    ("related.persistentVolumeClaims", Beheld::Related(Kind::PersistentVolumeClaim)),
    ("related.serviceAccounts", Beheld::Related(Kind::ServiceAccount)),
    ("related.roleBindings", Beheld::Related(Kind::RoleBinding)),
    ("related.roles", Beheld::Related(Kind::Role)),
    ("related.limitRanges", Beheld::Related(Kind::LimitRange)),
    ("related.resourceQuotas", Beheld::Related(Kind::ResourceQuota)),
];

/// What was parsed for one subject: without status and with it, each of `BEHELD`.
#[derive(Debug)]
pub(super) struct Parsed {
    cells: Vec<OnceCell<Result<Vec<Json>, String>>>,
    values: Allowance,
    bytes: std::cell::Cell<usize>,
}

impl Default for Parsed {
    fn default() -> Self {
        let cells = repeat_with(OnceCell::new).take(2 * BEHELD.len()).collect();
        Self { cells, values: Allowance::of_values(MOST_VALUES), bytes: std::cell::Cell::new(MOST_BYTES) }
    }
}

impl Parsed {
    fn parse(&self, texts: Vec<&str>, status: bool) -> Result<Vec<Json>, String> {
        let without = (!status).then_some("status");
        let parse = |text: &str| {
            let left =
                self.bytes.get().checked_sub(text.len()).ok_or("there is more of it than is looked at")?;
            self.bytes.set(left);
            Json::parse(text, without, &self.values)
        };
        texts.into_iter().map(parse).collect()
    }
}

impl<'a> Relations<'a> {
    /// What a custom check sees of one of `BEHELD`, with or without the objects' status.
    ///
    /// # Errors
    /// Why it cannot be looked at. What cannot be seen is noted as well, as at every look.
    pub fn behold(&self, subject: Option<&Workload>, number: usize, status: bool) -> Result<&[Json], String> {
        let Some((_, what)) = BEHELD.get(number) else { return Err("there is no such variable".to_owned()) };
        // A look is noted each time, as each check has to know what it did not see.
        let texts = self.texts(subject, *what, status)?;
        let parsed = self.parsed.get_or_init(Box::default);
        let cell = parsed.cells.get(2 * number + usize::from(status)).ok_or("there is no such variable")?;
        let parsed = cell.get_or_init(|| parsed.parse(texts, status));
        parsed.as_ref().map(Vec::as_slice).map_err(|why| format!("this cannot be looked at: {why}"))
    }

    fn texts(&self, subject: Option<&Workload>, what: Beheld, status: bool) -> Result<Vec<&'a str>, String> {
        let namespace = || (Kind::Namespace, vec![self.namespace.clone()]);
        let (kind, names) = match (what, subject) {
            (Beheld::Subject, Some(workload)) => (workload.kind, vec![workload.meta.name.clone()]),
            (Beheld::Subject, None) => namespace(),
            (Beheld::Namespace, _) => {
                self.look(Kind::Namespace, self.space.is_some_and(|space| space.object().is_some()));
                namespace()
            }
            (Beheld::Related(kind), Some(workload)) => (kind, self.related(workload, kind)),
            (Beheld::Related(kind), None) => (kind, self.within(kind)),
        };
        let text = |name: &Text| self.inventory.whole(kind, self.namespace, name);
        let texts: Option<Vec<&str>> = names.iter().map(text).collect();
        match texts {
            Some(texts) if self.inventory.wholes_of(kind) >= Keep::with_status(status) => Ok(texts),
            _ => {
                let why = format!("not all of the {} is here, which custom checks look at", kind.resource());
                self.note(|| Some((Text::new(&why), Obscured::ByAccident)));
                Err(why)
            }
        }
    }

    /// The names of the objects of a kind that stand in a relation to a workload.
    fn related(&self, workload: &Workload, kind: Kind) -> Vec<Text> {
        match kind {
            Kind::Service => self.services_of(workload).into_iter().map(|s| s.meta.name.clone()).collect(),
            Kind::PodDisruptionBudget => {
                self.budgets_of(workload).into_iter().map(|b| b.meta.name.clone()).collect()
            }
            Kind::NetworkPolicy => {
                self.network_policies_of(workload).into_iter().map(|p| p.meta.name.clone()).collect()
            }
            Kind::HorizontalPodAutoscaler | Kind::ScaledObject | Kind::VerticalPodAutoscaler => {
                let key = (workload.kind, workload.meta.name.clone());
                let of_kind = self.space.into_iter().flat_map(|space| space.autoscalers_of(&key));
                let names: Vec<Text> =
                    of_kind.filter(|a| a.kind == kind).map(|a| a.meta.name.clone()).collect();
                self.look(kind, !names.is_empty());
                names
            }
            Kind::Ingress => self.ingresses_of(workload),
            Kind::HttpRoute => self.routes_of(workload),
            Kind::PersistentVolumeClaim => {
                let claims =
                    workload.template.spec.volumes.iter().filter_map(|v| v.persistent_volume_claim());
                let names: BTreeSet<Text> = claims.map(|claim| claim.claim_name.clone()).collect();
                names.into_iter().filter(|name| self.volume_claim(name).is_some()).collect()
            }
            Kind::ServiceAccount => {
                let name = workload.template.spec.service_account();
                self.named::<ServiceAccount>(kind, &name)
                    .map(|found| found.meta.name.clone())
                    .into_iter()
                    .collect()
            }
            Kind::RoleBinding => self.bindings_of(workload).into_iter().map(|(name, _)| name).collect(),
            Kind::Role => {
                let bound: BTreeSet<Text> = self
                    .bindings_of(workload)
                    .into_iter()
                    .filter(|(_, binding)| binding.role.kind == "Role")
                    .map(|(_, binding)| binding.role.name.clone())
                    .collect();
                self.within(kind).into_iter().filter(|name| bound.contains(name)).collect()
            }
            // What holds for everything in the namespace.
            _ => self.within(kind),
        }
    }

    /// The names of the objects of a kind in the namespace.
    fn within(&self, kind: Kind) -> Vec<Text> {
        let in_space = self.space.map(|space| space.names(kind)).unwrap_or_default();
        let beside =
            self.inventory.objects().within(kind, self.namespace).map(|object| object.meta.name.clone());
        let names: Vec<Text> = in_space.into_iter().chain(beside).collect();
        self.look(kind, !names.is_empty());
        names
    }

    fn service_names(&self, workload: &Workload) -> BTreeSet<Text> {
        self.services_of(workload).into_iter().map(|service| service.meta.name.clone()).collect()
    }

    /// The Ingresses of the namespace that lead to a Service that selects the workload.
    fn ingresses_of(&self, workload: &Workload) -> Vec<Text> {
        let services = self.service_names(workload);
        let leads = |ingress: &Ingress| {
            let paths = ingress.rules.iter().flat_map(|rule| &rule.http.paths).map(|path| &path.backend);
            let mut backends =
                paths.chain(&ingress.default_backend).filter_map(|backend| backend.service.as_ref());
            backends.any(|service| services.contains(&service.name))
        };
        let found = self.beside::<Ingress>(Kind::Ingress).into_iter().filter(|found| leads(found.facts));
        found.map(|found| found.meta.name.clone()).collect()
    }

    /// The HTTPRoutes of the namespace that lead to a Service that selects the workload.
    fn routes_of(&self, workload: &Workload) -> Vec<Text> {
        let services = self.service_names(workload);
        let leads = |route: &HttpRoute| {
            let mut backends = route.rules.iter().flat_map(|rule| &rule.backend_refs);
            backends.any(|backend| {
                let here = backend.namespace.is_empty() || backend.namespace == *self.namespace;
                here && backend.group.is_empty()
                    && backend.kind == "Service"
                    && services.contains(&backend.name)
            })
        };
        let found = self.beside::<HttpRoute>(Kind::HttpRoute).into_iter().filter(|found| leads(found.facts));
        found.map(|found| found.meta.name.clone()).collect()
    }

    /// The RoleBindings of the namespace that bind the workload's ServiceAccount.
    fn bindings_of(&self, workload: &Workload) -> Vec<(Text, &'a Binding)> {
        let account = workload.template.spec.service_account();
        let covers = |binding: &Binding| {
            let home = self.namespace;
            binding.subjects.iter().any(|subject| subject.covers(home, home, &account))
        };
        let all = self.beside::<Binding>(Kind::RoleBinding).into_iter();
        all.filter(|found| covers(found.facts)).map(|found| (found.meta.name.clone(), found.facts)).collect()
    }
}
