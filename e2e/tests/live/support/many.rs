//! Many objects at once, as tests that live from chance need them.
//!
//! Not here: a few that belong together, which are applied in order (`apply`).

use std::collections::BTreeSet;
use std::time::Duration;

use e2e::wait_for;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, DynamicObject, ListParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, ResourceExt as _};
use serde_json::Value;

/// Requests under way at one time.
pub const AT_ONCE: usize = 24;

/// Creates objects side by side.
pub async fn create(client: &Client, objects: Vec<Value>) {
    let created = futures::stream::iter(objects).map(async |object| {
        let (group, version) = object["apiVersion"].as_str().unwrap().rsplit_once('/').unwrap_or(("", "v1"));
        let kind = GroupVersionKind::gvk(group, version, object["kind"].as_str().unwrap());
        let resource = ApiResource::from_gvk(&kind);
        let api: Api<DynamicObject> = match object["metadata"]["namespace"].as_str() {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
            None => Api::all_with(client.clone(), &resource),
        };
        let parsed: DynamicObject = serde_json::from_value(object.clone()).unwrap();
        let created = api.create(&PostParams::default(), &parsed).await;
        created.err().map(|error| format!("{object}: {error}"))
    });
    let refused: Vec<String> =
        created.buffer_unordered(AT_ONCE).filter_map(async |refused| refused).collect().await;
    assert!(refused.is_empty(), "refused: {}", refused.join("\n"));
}

/// Waits until pods may be made in these namespaces.
pub async fn accounts(client: &Client, namespaces: &BTreeSet<String>) {
    let api: Api<ServiceAccount> = Api::all(client.clone());
    wait_for("the ServiceAccounts of all namespaces", Duration::from_secs(60), || async {
        let list = api.list_metadata(&ListParams::default()).await.map_err(|error| error.to_string())?;
        let of_pods = list.iter().filter(|account| account.name_any() == "default");
        let there: BTreeSet<String> = of_pods.filter_map(|account| account.namespace()).collect();
        match namespaces.difference(&there).count() {
            0 => Ok(Some(())),
            missing => Err(format!("{missing} are missing")),
        }
    })
    .await
    .unwrap();
}
