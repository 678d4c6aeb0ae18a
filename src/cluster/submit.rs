//! One object that a person asked for with a command, written once and with that person's own rights.
//!
//! Not its job: anything that the controller writes (`controller::apply`), which never comes here.

use kube::Api;
use kube::api::{DynamicObject, Patch, PatchParams, ValidationDirective};
use kube::core::ApiResource;
use serde_json::Value;

use super::snapshot::Snapshot;

/// The field manager of what commands write.
const COMMANDS: &str = "seaworthy-commands";

impl Snapshot {
    /// Applies an object of a namespace, on the server's side: what others wrote into it is left alone.
    ///
    /// # Errors
    /// When the API server refuses it, somebody else's field would change, or there is no connection.
    pub async fn submit(
        &self,
        resource: &ApiResource,
        namespace: &str,
        name: &str,
        object: &Value,
    ) -> Result<(), kube::Error> {
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), namespace, resource);
        let params = PatchParams {
            field_validation: Some(ValidationDirective::Strict),
            ..PatchParams::apply(COMMANDS)
        };
        api.patch(name, &params, &Patch::Apply(object)).await?;
        Ok(())
    }
}
