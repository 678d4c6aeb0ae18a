//! Kinds of workloads that policies declare: what the model knows of them, and which of them are in force.
//!
//! One table for the whole process, as the interned texts are: a process serves one cluster, or one input. Its places
//! are few and are never given up, so that a `Kind` stays a small value that can be copied.
//! Not its job: which policies declare them (`policy`), or watching them (`controller`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::kind::{Kind, KindInfo, Provider};

/// How many there can be in the life of a process.
const MAX: usize = 128;
/// How many of them reports may take up whose kind nobody declares any more: anybody can write a report.
const MAX_LEFT_BEHIND: usize = 32;

/// What a policy says of a kind of workload. Paths are members joined by dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The API group.
    pub group: String,
    /// The version of the API.
    pub version: String,
    /// The kind's name.
    pub name: String,
    /// Where the pod template stands: `spec.template`.
    pub template: String,
    /// Where the number of replicas stands: `spec.replicas`.
    pub replicas: String,
    /// Where the selector of its pods stands: `spec.selector`.
    pub selector: String,
}

/// A kind that was declared: its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclaredKind(u8);

struct Place {
    declared: OnceLock<Declared>,
    in_force: AtomicBool,
}

#[derive(Debug)]
struct Declared {
    declaration: Declaration,
    pod: String,
}

static TABLE: [Place; MAX] =
    [const { Place { declared: OnceLock::new(), in_force: AtomicBool::new(false) } }; MAX];
/// How many places are taken.
static TAKEN: Mutex<usize> = Mutex::new(0);

impl DeclaredKind {
    /// The kind of a declaration, whether or not it is in force; `None` when the table is full.
    pub fn of(declaration: Declaration) -> Option<Self> {
        Self::within(declaration, MAX)
    }

    /// A stand-in for a kind that a report is about and that nobody declares any more.
    pub fn left_behind(group: &str, name: &str) -> Option<Self> {
        let path = String::new;
        let (group, name) = (group.to_owned(), name.to_owned());
        let declaration = Declaration {
            group,
            version: path(),
            name,
            template: path(),
            replicas: path(),
            selector: path(),
        };
        Self::within(declaration, MAX_LEFT_BEHIND)
    }

    fn within(declaration: Declaration, most: usize) -> Option<Self> {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = TABLE.iter().enumerate().take(*taken);
        let known = all.find(|(_, place)| place.declaration() == Some(&declaration));
        if let Some((at, _)) = known {
            return u8::try_from(at).ok().map(Self);
        }
        let at = u8::try_from(*taken).ok().filter(|_| *taken < most)?;
        let pod = format!("{}.spec", declaration.template);
        // Nobody else fills a place: the lock is held.
        TABLE.get(*taken)?.declared.set(Declared { declaration, pod }).ok()?;
        *taken += 1;
        Some(Self(at))
    }

    /// Puts these kinds in force, and no others.
    pub fn put_in_force(kinds: &[Self]) {
        for (at, place) in TABLE.iter().enumerate() {
            place.in_force.store(kinds.iter().any(|kind| usize::from(kind.0) == at), Ordering::Release);
        }
    }

    /// The kinds in force.
    pub(super) fn in_force() -> impl Iterator<Item = Self> {
        let places = (0u8..).zip(&TABLE).take_while(|(_, place)| place.declared.get().is_some());
        places.filter(|(_, place)| place.in_force.load(Ordering::Acquire)).map(|(at, _)| Self(at))
    }

    /// The kind in force of this group and name.
    pub(super) fn find(group: &str, name: &str) -> Option<Self> {
        let is = |kind: &Self| {
            kind.declared().is_some_and(|d| d.declaration.name == name && d.declaration.group == group)
        };
        Self::in_force().find(is)
    }

    /// What was declared.
    pub fn declaration(self) -> Option<&'static Declaration> {
        self.declared().map(|declared| &declared.declaration)
    }

    /// Where its pod spec stands.
    pub(super) fn pod_path(self) -> &'static str {
        self.declared().map_or("", |declared| &declared.pod)
    }

    pub(super) fn info(self) -> KindInfo {
        let (group, version, name) = match self.declaration() {
            Some(declaration) => (&*declaration.group, &*declaration.version, &*declaration.name),
            None => ("", "", ""),
        };
        // What its resource is called only the API server knows; people are told of the kind.
        KindInfo { group, version, name, plural: name, namespaced: true, provider: Provider::Team }
    }

    fn declared(self) -> Option<&'static Declared> {
        TABLE.get(usize::from(self.0))?.declared.get()
    }
}

impl Place {
    fn declaration(&self) -> Option<&Declaration> {
        self.declared.get().map(|declared| &declared.declaration)
    }
}

impl From<DeclaredKind> for Kind {
    fn from(kind: DeclaredKind) -> Self {
        Self::Declared(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_while_it_is_in_force() {
        let declaration = Declaration {
            group: "declared.example.com".to_owned(),
            version: "v1".to_owned(),
            name: "Fleet".to_owned(),
            template: "spec.template".to_owned(),
            replicas: "spec.replicas".to_owned(),
            selector: "spec.selector".to_owned(),
        };
        let fleet = DeclaredKind::of(declaration.clone()).unwrap();
        assert_eq!(DeclaredKind::of(declaration), Some(fleet), "one place for one declaration");
        assert_eq!(Kind::find("declared.example.com", "Fleet"), None);
        DeclaredKind::put_in_force(&[fleet]);
        let kind = Kind::find("declared.example.com", "Fleet").unwrap();
        assert_eq!(kind, Kind::from(fleet));
        assert!(kind.is_workload() && kind.has_scale());
        assert_eq!(kind.api_version(), "declared.example.com/v1");
        DeclaredKind::put_in_force(&[]);
        assert_eq!(Kind::find("declared.example.com", "Fleet"), None);
        let left = DeclaredKind::left_behind("declared.example.com", "Fleet").unwrap();
        assert_ne!(left, fleet, "what nobody declares is no declaration");
    }
}
