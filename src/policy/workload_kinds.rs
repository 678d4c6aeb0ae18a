//! Kinds of workloads that policies declare, and which declaration holds where two differ.
//!
//! Not its job: what the model knows of such a kind (`model::DeclaredKind`).

use std::collections::BTreeMap;

use crate::api::WorkloadKind;
use crate::model::{Declaration, DeclaredKind, Kind, Text};

use super::resolve::{Policy, PolicyError};
use super::set::PolicySet;

/// The kinds of a policy.
pub(super) fn kinds(written: &[WorkloadKind], errors: &mut Vec<PolicyError>) -> Vec<DeclaredKind> {
    let mut kinds = Vec::new();
    for (index, written) in written.iter().enumerate() {
        let WorkloadKind { api_version, kind, template_path, replicas_path, selector_path } = written;
        let Some((group, version)) = api_version.split_once('/') else {
            errors.push(PolicyError::KindApiVersion { index, api_version: api_version.clone() });
            continue;
        };
        if Kind::ALL.iter().any(|known| known.name() == kind && known.info().group == group) {
            errors.push(PolicyError::KindKnown { index, kind: format!("{kind}.{group}") });
            continue;
        }
        let declaration = Declaration {
            group: group.to_owned(),
            version: version.to_owned(),
            name: kind.clone(),
            template: template_path.clone(),
            replicas: replicas_path.clone(),
            selector: selector_path.clone(),
        };
        match DeclaredKind::of(declaration) {
            Some(kind) => kinds.push(kind),
            None => errors.push(PolicyError::KindsExhausted { index }),
        }
    }
    kinds
}

impl PolicySet {
    /// The kinds that are in force: of two declarations of one kind, that of the policy whose name comes first.
    pub fn declared_kinds(&self) -> Vec<DeclaredKind> {
        self.deciding().into_values().map(|(_, kind)| kind).collect()
    }

    /// What of a policy's declarations does not hold because another policy's does.
    pub fn overruled(&self, policy: &Policy) -> Vec<String> {
        if policy.kinds.is_empty() {
            return Vec::new();
        }
        let deciding = self.deciding();
        let overruled = policy.kinds.iter().filter_map(|kind| {
            let (by, held) = deciding.get(&name_of(*kind)?)?;
            let name = Kind::from(*kind).resource();
            (held != kind).then(|| {
                format!("spec.workloadKinds: {name} is declared otherwise by '{by}', and that holds")
            })
        });
        overruled.collect()
    }

    fn deciding(&self) -> BTreeMap<(&'static str, &'static str), (&Text, DeclaredKind)> {
        let mut deciding = BTreeMap::new();
        for policy in self.iter() {
            for kind in &policy.kinds {
                if let Some(name) = name_of(*kind) {
                    deciding.entry(name).or_insert((policy.name(), *kind));
                }
            }
        }
        deciding
    }
}

fn name_of(kind: DeclaredKind) -> Option<(&'static str, &'static str)> {
    kind.declaration().map(|declaration| (&*declaration.group, &*declaration.name))
}
