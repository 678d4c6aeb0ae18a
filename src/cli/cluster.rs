//! A cluster as commands see it: with the user's own rights, once, and without writing anything but what was asked for.
//!
//! Not its job: how it is listed (`crate::cluster`).

use kube::core::ApiResource;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::api::{ComplianceExemption, ProductionPolicy};
use crate::checks::CATALOGUE;
use crate::cluster::Snapshot;
use crate::manifest::Loaded;
use crate::model::{DeclaredKind, Needs};
use crate::output::clean;
use crate::policy::resolve;

use super::{Failure, say};

/// A way into the cluster.
pub(super) struct Connection {
    runtime: Runtime,
    snapshot: Snapshot,
}

impl Connection {
    pub(super) fn open() -> Result<Self, Failure> {
        let runtime = Runtime::new().map_err(|error| format!("cannot start the runtime: {error}"))?;
        let snapshot = runtime.block_on(Snapshot::connect()).map_err(|error| error.to_string())?;
        Ok(Self { runtime, snapshot })
    }

    /// The namespace of the kubeconfig's context.
    pub(super) fn namespace(&self) -> String {
        self.snapshot.namespace().to_owned()
    }

    /// Writes an object of ours that the user asked for, as its YAML says.
    pub(super) fn apply(&self, resource: &ApiResource, yaml: &str) -> Result<String, Failure> {
        let object: Value = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let text = |field: &str| object.pointer(field).and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let what = format!("{}.{}/{name}", resource.plural, resource.group);
        let written = self.runtime.block_on(self.snapshot.submit(resource, namespace, name, &object));
        written.map_err(|error| {
            format!("cannot apply {what} in namespace '{namespace}': {error}; without --apply it is written to standard output")
        })?;
        Ok(format!("{what} in namespace '{namespace}' is applied\n"))
    }

    /// The policies that rule the cluster. What is wrong with another is said; it rules nothing.
    pub(super) fn policies(&self) -> Result<Vec<(String, ProductionPolicy)>, Failure> {
        let found = self
            .runtime
            .block_on(self.snapshot.policies())
            .map_err(|error| format!("{error}; or give the policies with --policy"))?;
        let mut policies = Vec::new();
        for (name, policy) in found {
            let why = match policy {
                Ok(policy) if policy.metadata.deletion_timestamp.is_some() => continue,
                Ok(policy) => match resolve(&policy, &CATALOGUE) {
                    Ok(_) => {
                        policies.push((String::new(), policy));
                        continue;
                    }
                    Err(errors) => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
                },
                Err(error) => error.to_string(),
            };
            say(&clean(&format!("note: ProductionPolicy '{name}' rules nothing: {why}")));
        }
        Ok(policies)
    }

    /// The exemptions that the cluster holds.
    pub(super) fn exemptions(&self) -> Result<Vec<(String, ComplianceExemption)>, Failure> {
        let found = self.runtime.block_on(self.snapshot.exemptions()).map_err(|error| error.to_string())?;
        let mut exemptions = Vec::new();
        for (name, exemption) in found {
            match exemption {
                Ok(exemption) if exemption.metadata.deletion_timestamp.is_some() => {}
                Ok(exemption) => exemptions.push((String::new(), exemption)),
                Err(error) => {
                    say(&clean(&format!("note: ComplianceExemption '{name}' exempts nothing: {error}")));
                }
            }
        }
        Ok(exemptions)
    }

    /// What the cluster holds, with these kinds of workloads beside those that are always known.
    pub(super) fn read(&self, declared: Vec<DeclaredKind>, needs: &Needs) -> Result<Loaded, Failure> {
        DeclaredKind::put_in_force(&declared);
        let inventory = self.runtime.block_on(self.snapshot.inventory(declared, needs));
        let inventory = inventory.map_err(|error| error.to_string())?;
        for why in inventory.blind() {
            say(&clean(&format!("note: what rests on these is Unknown: {why}")));
        }
        Ok(Loaded::from(inventory))
    }
}
