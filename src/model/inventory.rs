//! The inventory: what is known of the cluster, or of an offline input, at this moment.
//!
//! `apply`, `remove` and a listing (`begin` .. `finish`) keep it current and say which subjects a change touches.
//! It also knows what it does not know: a kind that could not be listed is not the same as a kind without objects.
//! Not its job: where the records come from, or what they are worth.

mod listing;
mod sight;
mod whole;

pub use sight::Sight;

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::beside::{Objects, Reach};
use super::space::{Space, Touch, Touches, Unreadable};
use super::whole::Wholes;
use super::{Beside, Facts, Kind, KubernetesVersion, Meta, Record, Text, WorkloadId};

/// The subject of a report.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectKey {
    /// A namespace.
    Namespace(Text),
    /// A workload.
    Workload(WorkloadId),
}

impl SubjectKey {
    /// The namespace that it is in, or is.
    pub fn namespace(&self) -> &Text {
        match self {
            Self::Namespace(name) => name,
            Self::Workload(id) => &id.namespace,
        }
    }
}

/// The subjects whose evaluation a change may have changed.
pub type Touched = BTreeSet<SubjectKey>;

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    spaces: BTreeMap<Text, Space>,
    objects: Objects,
    wholes: Wholes,
    sights: BTreeMap<Kind, Sight>,
    /// Where an object of a kind and name is, for the kinds that near misses are looked for among.
    by_name: HashMap<(Kind, Text), BTreeSet<Text>>,
    /// What a listing in progress has not shown yet.
    unseen: HashMap<Kind, BTreeSet<(Text, Text)>>,
    /// Kinds whose listing in progress showed something that concerns everybody.
    news: BTreeSet<Kind>,
    live: bool,
    complete: bool,
    kubernetes: Option<KubernetesVersion>,
}

impl Inventory {
    /// The inventory of a cluster: live, and blind to every kind until it was listed.
    pub fn live() -> Self {
        let sights = Kind::ALL.iter().map(|kind| (*kind, listing::unlisted(*kind))).collect();
        Self { live: true, sights, ..Self::default() }
    }

    /// The inventory of an offline input. `complete`: the input is everything there is.
    pub fn offline(complete: bool) -> Self {
        Self { complete, ..Self::default() }
    }

    /// The same contents, as a cluster would show them if there were nothing else.
    #[must_use]
    pub fn into_live(self) -> Self {
        let sights = Kind::all().map(|kind| (kind, Sight::Full)).collect();
        Self { live: true, sights, ..self }
    }

    /// The same contents, meant for a version of Kubernetes.
    #[must_use]
    pub fn for_kubernetes(self, version: Option<KubernetesVersion>) -> Self {
        Self { kubernetes: version, ..self }
    }

    /// Whether every namespace that there is can be here.
    pub(super) fn is_complete(&self) -> bool {
        self.live || self.complete
    }

    /// The version of Kubernetes that the contents are meant for, where somebody said it.
    pub fn kubernetes(&self) -> Option<KubernetesVersion> {
        self.kubernetes
    }

    /// Whether it shows what runs, and not only what was written.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Whether it is everything there is, but for kinds that cannot be seen.
    pub(super) fn is_everything(&self) -> bool {
        self.live || self.complete
    }

    /// One namespace; `None` when nothing is known of it.
    pub fn space(&self, namespace: &str) -> Option<&Space> {
        self.spaces.get(namespace)
    }

    /// Every namespace of which anything is known, by name.
    pub fn spaces(&self) -> impl Iterator<Item = (&Text, &Space)> {
        self.spaces.iter()
    }

    /// Whether the namespace is a subject: its object is known, or the input is said to be everything.
    pub fn is_subject(&self, namespace: &str) -> bool {
        self.spaces.get(namespace).is_some_and(|space| space.object.is_some() || self.complete)
    }

    /// The objects that stand beside workloads.
    pub(super) fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The namespaces that have an object of a kind that teams write and of this name.
    pub(super) fn namespaces_with(&self, kind: Kind, name: &Text) -> impl Iterator<Item = &Text> {
        self.by_name.get(&(kind, name.clone())).into_iter().flatten()
    }

    /// Every subject there is, unreadable workloads included.
    pub fn subjects(&self) -> Touched {
        self.spaces.keys().flat_map(|namespace| self.subjects_in(namespace)).collect()
    }

    /// Every subject of one namespace.
    pub fn subjects_in(&self, namespace: &Text) -> Touched {
        let Some(space) = self.spaces.get(namespace) else { return Touched::new() };
        let id = |kind, name: &Text| {
            SubjectKey::Workload(WorkloadId { namespace: namespace.clone(), kind, name: name.clone() })
        };
        let workloads = space.subjects().map(|w| id(w.kind, &w.meta.name));
        let unreadable = space.unreadable.keys().filter(|(kind, _)| kind.is_workload());
        let unreadable = unreadable.map(|(kind, name)| id(*kind, name));
        let own = self.is_subject(namespace).then(|| SubjectKey::Namespace(namespace.clone()));
        workloads.chain(unreadable).chain(own).collect()
    }

    /// Puts an object in, in place of what stood there.
    pub fn apply(&mut self, record: Record) -> Touched {
        let namespace = space_of(record.kind(), record.meta());
        self.saw(record.kind(), &namespace, &record.meta().name);
        match record {
            Record::Beside(beside) => {
                let (kind, name) = (beside.kind, beside.meta.name.clone());
                self.set_beside(kind, &namespace, &name, Some(Ok(*beside)))
            }
            other => {
                let touches = self.put(&namespace, other);
                self.touched(&namespace, touches)
            }
        }
    }

    /// Puts an object in before anything is judged, so that nobody has to know what it touches.
    pub fn fill(&mut self, record: Record) {
        let namespace = space_of(record.kind(), record.meta());
        match record {
            Record::Beside(beside) => {
                let (kind, name) = (beside.kind, beside.meta.name.clone());
                self.objects.set(kind, &namespace, &name, Some(Ok(*beside)));
            }
            other => {
                self.put(&namespace, other);
            }
        }
    }

    fn put(&mut self, namespace: &Text, record: Record) -> Touches {
        if is_named_by_people(record.kind()) {
            let at = (record.kind(), record.meta().name.clone());
            self.by_name.entry(at).or_default().insert(namespace.clone());
        }
        self.spaces.entry(namespace.clone()).or_default().apply(record)
    }

    /// Notes an object that is there but cannot be read.
    pub fn apply_unreadable(&mut self, kind: Kind, meta: Meta, reason: String) -> Touched {
        let namespace = space_of(kind, &meta);
        self.saw(kind, &namespace, &meta.name);
        self.wholes.set(kind, &namespace, &meta.name, None);
        if Facts::are_kept_of(kind) {
            return self.set_beside(kind, &namespace, &meta.name, Some(Err(reason)));
        }
        let space = self.spaces.entry(namespace.clone()).or_default();
        let touches = space.apply_unreadable(kind, Unreadable { meta, reason });
        self.touched(&namespace, touches)
    }

    /// Takes an object out. `namespace` is ignored for cluster-scoped kinds.
    pub fn remove(&mut self, kind: Kind, namespace: &Text, name: &Text) -> Touched {
        self.forget_whole(kind, namespace, name);
        if Facts::are_kept_of(kind) {
            let nowhere = Text::default();
            let namespace = if kind.info().namespaced { namespace } else { &nowhere };
            return self.set_beside(kind, namespace, name, None);
        }
        let namespace = if kind == Kind::Namespace { name } else { namespace };
        let at = (kind, name.clone());
        if let Some(namespaces) = self.by_name.get_mut(&at)
            && namespaces.remove(namespace)
            && namespaces.is_empty()
        {
            self.by_name.remove(&at);
        }
        let Some(space) = self.spaces.get_mut(namespace) else { return Touched::new() };
        // Before the change, as a namespace that goes takes its subjects with it.
        let touches = space.remove(kind, name);
        let touched = self.touched(namespace, touches);
        if self.spaces.get(namespace).is_some_and(Space::is_empty) {
            self.spaces.remove(namespace);
        }
        touched
    }

    fn set_beside(
        &mut self,
        kind: Kind,
        namespace: &Text,
        name: &Text,
        new: Option<Result<Beside, String>>,
    ) -> Touched {
        match self.objects.set(kind, namespace, name, new) {
            None => Touched::new(),
            Some(Reach::Workloads(workloads)) => {
                let id = |(kind, name)| WorkloadId { namespace: namespace.clone(), kind, name };
                workloads.into_iter().map(|local| SubjectKey::Workload(id(local))).collect()
            }
            Some(Reach::Namespace) => self.subjects_in(namespace),
            Some(Reach::Namespaces(named)) => {
                let known = named.into_iter().filter(|namespace| self.spaces.contains_key(namespace));
                known.map(SubjectKey::Namespace).collect()
            }
            // A list of a thousand that concern everybody concerns everybody once.
            Some(Reach::Cluster) if self.unseen.contains_key(&kind) => {
                self.news.insert(kind);
                Touched::new()
            }
            Some(Reach::Cluster) => self.subjects(),
        }
    }

    fn touched(&self, namespace: &Text, touches: Touches) -> Touched {
        let mut touched = Touched::new();
        for touch in touches {
            match touch {
                Touch::Everything => {
                    touched.extend(self.subjects_in(namespace));
                    touched.insert(SubjectKey::Namespace(namespace.clone()));
                }
                Touch::Namespace => {
                    touched.insert(SubjectKey::Namespace(namespace.clone()));
                }
                // An owner or target may be of any kind, but only workloads have reports.
                Touch::Workload((kind, name)) if kind.is_workload() => {
                    touched.insert(SubjectKey::Workload(WorkloadId {
                        namespace: namespace.clone(),
                        kind,
                        name,
                    }));
                }
                Touch::Workload(_) => {}
            }
        }
        touched
    }
}

/// Pods and ReplicaSets are many, and their names are made up: nobody misplaces one.
fn is_named_by_people(kind: Kind) -> bool {
    kind.info().namespaced && !matches!(kind, Kind::Pod | Kind::ReplicaSet | Kind::Job)
}

fn space_of(kind: Kind, meta: &Meta) -> Text {
    if kind == Kind::Namespace { meta.name.clone() } else { meta.namespace.clone() }
}
