//! `TYPE/NAME`: a workload or a namespace as people name it on a command line, and which one of an input that is.
//!
//! A type is what kubectl takes: singular, plural or short, with or without its version and group, in any case.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::api::TargetRef;
use crate::model::{Inventory, Kind, Relations, Space, SubjectKey, Text, WorkloadId};

/// A workload or a namespace as it was written: which kinds there are is only known once policies are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectRef {
    type_: String,
    name: String,
}

impl FromStr for SubjectRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            Some((type_, name)) if !type_.is_empty() && !name.is_empty() && !name.contains('/') => {
                Ok(Self { type_: type_.to_owned(), name: name.to_owned() })
            }
            _ => Err("write it as TYPE/NAME, as in deployment/checkout".to_owned()),
        }
    }
}

/// The same with its kind, where those that need no declaration are all that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectName {
    pub(crate) kind: Kind,
    pub(crate) name: String,
}

impl SubjectName {
    /// The reference to it.
    pub(super) fn target(&self) -> TargetRef {
        TargetRef {
            api_group: self.kind.info().group.to_owned(),
            kind: self.kind.name().to_owned(),
            name: self.name.clone(),
        }
    }
}

impl FromStr for SubjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let SubjectRef { type_, name } = text.parse()?;
        Ok(Self { kind: kind(&type_)?, name })
    }
}

/// The short names that kubectl knows.
const SHORT: &[(&str, Kind)] = &[
    ("deploy", Kind::Deployment),
    ("sts", Kind::StatefulSet),
    ("ds", Kind::DaemonSet),
    ("rs", Kind::ReplicaSet),
    ("rc", Kind::ReplicationController),
    ("cj", Kind::CronJob),
    ("po", Kind::Pod),
    ("ro", Kind::Rollout),
    ("ns", Kind::Namespace),
];

/// Every kind that reports are about.
fn kinds() -> impl Iterator<Item = Kind> {
    Kind::all().filter(|kind| kind.is_workload() || *kind == Kind::Namespace)
}

/// What a kind is called without its group.
fn names(kind: Kind) -> Vec<String> {
    let singular = kind.name().to_lowercase();
    let plural = match kind {
        // What the resource of a declared kind is called only the API server knows; nearly always it is this.
        Kind::Declared(_) => format!("{singular}s"),
        _ => kind.info().plural.to_owned(),
    };
    let short = SHORT.iter().filter(|(_, of)| *of == kind).map(|(short, _)| (*short).to_owned());
    [singular, plural].into_iter().chain(short).collect()
}

/// A kind by a name of it.
fn kind(written: &str) -> Result<Kind, String> {
    let lower = written.to_lowercase();
    let (name, rest) = lower.split_once('.').unwrap_or((&lower, ""));
    let is_meant = |kind: &Kind| {
        let info = kind.info();
        let with_version = format!("{}.{}", info.version, info.group);
        let fits = rest.is_empty() || rest == info.group || rest == with_version.trim_end_matches('.');
        fits && names(*kind).iter().any(|of| of == name)
    };
    let found: Vec<Kind> = kinds().filter(is_meant).collect();
    match found.as_slice() {
        [kind] => Ok(*kind),
        [] => {
            let all: Vec<String> = kinds().flat_map(names).collect();
            let meant = nearest(name, all.iter().map(String::as_str));
            let hint = meant.map_or_else(
                || "; write it as in deployment/NAME or namespace/NAME".to_owned(),
                |near| format!("; did you mean '{near}'?"),
            );
            Err(format!("there is no kind of workload '{written}'{hint}"))
        }
        several => {
            let each: Vec<String> = several
                .iter()
                .map(|kind| format!("{}.{}", kind.name().to_lowercase(), kind.info().group))
                .collect();
            Err(format!("'{written}' may be {}; write one of them", each.join(" or ")))
        }
    }
}

/// The word that was probably meant.
fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|word| (strsim::osa_distance(written, word), word));
    near.filter(|(distance, _)| *distance <= 1 + written.len() / 4).min().map(|(_, word)| word)
}

impl SubjectRef {
    /// Which subject of the inventory is meant. `namespace`: where it has to be; anywhere if not given, as long as
    /// there is only one.
    pub(super) fn find(&self, inventory: &Inventory, namespace: Option<&str>) -> Result<SubjectKey, String> {
        let kind = kind(&self.type_)?;
        let subjects = inventory.subjects();
        let of_kind = |key: &&SubjectKey| match key {
            SubjectKey::Namespace(_) => kind == Kind::Namespace,
            SubjectKey::Workload(id) => id.kind == kind,
        };
        let is_there = |key: &&SubjectKey| {
            kind == Kind::Namespace || namespace.is_none_or(|namespace| key.namespace() == namespace)
        };
        let of_kind: Vec<&SubjectKey> = subjects.iter().filter(of_kind).collect();
        let named: Vec<&SubjectKey> =
            of_kind.iter().copied().filter(|key| name_of(key) == &*self.name).collect();
        let found: Vec<&SubjectKey> = named.iter().copied().filter(is_there).collect();
        match (found.as_slice(), named.as_slice()) {
            ([key], _) => Ok((*key).clone()),
            ([], []) => Err(self.unknown(inventory, kind, &of_kind, namespace)),
            ([], elsewhere) | (elsewhere, _) => {
                let spaces: BTreeSet<&str> = elsewhere.iter().map(|key| key.namespace().as_str()).collect();
                let spaces: Vec<String> = spaces.iter().map(|space| format!("'{space}'")).collect();
                let (spaces, name) = (spaces.join(", "), &self.name);
                Err(match namespace {
                    Some(namespace) => format!(
                        "there is no {kind} '{name}' in namespace '{namespace}', but in {spaces}; say which with -n"
                    ),
                    None => format!("{kind} '{name}' is in the namespaces {spaces}; say which with -n"),
                })
            }
        }
    }

    /// Why there is no such subject, and what may have been meant.
    fn unknown(
        &self,
        inventory: &Inventory,
        kind: Kind,
        of_kind: &[&SubjectKey],
        namespace: Option<&str>,
    ) -> String {
        let name = Text::new(&self.name);
        let mut spaces =
            inventory.spaces().filter(|(space, _)| namespace.is_none_or(|wanted| *space == wanted));
        // An object that is there and no subject: somebody else's.
        let owner = |space: &Text, held: &Space| {
            let of_link = Relations::of(inventory, space).owner_of(kind, &name);
            let controller = || held.meta_of(kind, &name)?.controller.as_ref();
            let of_meta = || controller().map(|owner| (owner.kind.to_string(), owner.name.clone()));
            of_link.map(|(kind, name)| (kind.to_string(), name)).or_else(of_meta)
        };
        if let Some((space, (owner_kind, owner))) =
            spaces.find_map(|(space, held)| Some((space, owner(space, held)?)))
        {
            return format!(
                "{kind} '{name}' of namespace '{space}' belongs to {owner_kind} '{owner}', and that is what is judged"
            );
        }
        let place = match namespace {
            Some(namespace) if kind != Kind::Namespace => format!(" in namespace '{namespace}'"),
            _ => String::new(),
        };
        let near = nearest(&self.name, of_kind.iter().map(|key| name_of(key).as_str()));
        let hint = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
        format!("there is no {kind} '{name}'{place}{hint}")
    }
}

fn name_of(key: &SubjectKey) -> &Text {
    match key {
        SubjectKey::Namespace(name) | SubjectKey::Workload(WorkloadId { name, .. }) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_for_kubectl() {
        for (written, kind) in [
            ("deployment/a", Kind::Deployment),
            ("Deployment/a", Kind::Deployment),
            ("deployments.apps/a", Kind::Deployment),
            ("deployments.v1.apps/a", Kind::Deployment),
            ("deployment.apps/a", Kind::Deployment),
            ("deploy/a", Kind::Deployment),
            ("DEPLOY.apps/a", Kind::Deployment),
            ("sts/a", Kind::StatefulSet),
            ("cronjobs/a", Kind::CronJob),
            ("rollouts.argoproj.io/a", Kind::Rollout),
            ("ns/a", Kind::Namespace),
        ] {
            assert_eq!(written.parse(), Ok(SubjectName { kind, name: "a".to_owned() }), "{written}");
        }
        for (written, error) in [
            ("a", "write it as TYPE/NAME, as in deployment/checkout"),
            ("deployment/", "write it as TYPE/NAME, as in deployment/checkout"),
            ("a/b/c", "write it as TYPE/NAME, as in deployment/checkout"),
            (
                "service/a",
                "there is no kind of workload 'service'; write it as in deployment/NAME or namespace/NAME",
            ),
            ("deploymnet/a", "there is no kind of workload 'deploymnet'; did you mean 'deployment'?"),
            (
                "deployment.batch/a",
                "there is no kind of workload 'deployment.batch'; did you mean 'deployment'?",
            ),
        ] {
            assert_eq!(written.parse::<SubjectName>().unwrap_err(), error, "{written}");
        }
    }
}
