//! One object of a list or watch, read leniently: its metadata, and the rest as JSON that is parsed later.
//!
//! An object that makes no sense is then a fact about that object, and never the end of a list or a watch.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::core::ApiResource;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::decode::{Decoded, decode};
use crate::model::{Kind, Meta, Text};

/// An object as it came.
#[derive(Clone, Debug)]
pub struct Element {
    metadata: ObjectMeta,
    json: Box<RawValue>,
}

impl Element {
    /// The whole object as JSON.
    pub fn json(&self) -> &str {
        self.json.get()
    }

    /// The object as one of a kind. Whatever is wrong with it is a fact about it.
    pub fn decode(&self, kind: Kind) -> Decoded {
        decode(kind, self.json(), "").unwrap_or_else(|error| {
            let text = |value: &Option<String>| Text::new(value.as_deref().unwrap_or_default());
            let meta = &self.metadata;
            let meta = Meta { namespace: text(&meta.namespace), name: text(&meta.name), ..Meta::default() };
            Decoded::Unreadable(meta, error)
        })
    }
}

#[derive(Deserialize)]
struct Head {
    metadata: HeadMeta,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadMeta {
    name: Option<String>,
    namespace: Option<String>,
    resource_version: Option<String>,
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        // The API server itself writes these three, so they are there whatever the rest looks like.
        let Head { metadata } = serde_json::from_str(json.get()).map_err(serde::de::Error::custom)?;
        let HeadMeta { name, namespace, resource_version } = metadata;
        let metadata = ObjectMeta { name, namespace, resource_version, ..ObjectMeta::default() };
        Ok(Self { metadata, json })
    }
}

impl Resource for Element {
    type DynamicType = ApiResource;
    type Scope = kube::core::DynamicResourceScope;

    fn kind(dt: &ApiResource) -> Cow<'_, str> {
        dt.kind.as_str().into()
    }
    fn group(dt: &ApiResource) -> Cow<'_, str> {
        dt.group.as_str().into()
    }
    fn version(dt: &ApiResource) -> Cow<'_, str> {
        dt.version.as_str().into()
    }
    fn plural(dt: &ApiResource) -> Cow<'_, str> {
        dt.plural.as_str().into()
    }
    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }
    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::{ObjectList, WatchEvent};

    const BROKEN: &str =
        r#"{"metadata":{"name":"a","namespace":"n","resourceVersion":"7"},"spec":{"replicas":"many"}}"#;

    #[test]
    fn a_list_with_a_broken_object_is_still_a_list() {
        let json =
            format!(r#"{{"kind":"List","apiVersion":"v1","metadata":{{}},"items":[{BROKEN},{BROKEN}]}}"#);
        let list: ObjectList<Element> = serde_json::from_str(&json).unwrap();
        assert_eq!(list.items.len(), 2);
        assert_eq!(list.items[0].json(), BROKEN);
        assert_eq!(list.items[0].meta().resource_version.as_deref(), Some("7"));
    }

    #[test]
    fn a_watch_event_with_a_broken_object_is_still_an_event() {
        let json = format!(r#"{{"type":"ADDED","object":{BROKEN}}}"#);
        let event: WatchEvent<Element> = serde_json::from_str(&json).unwrap();
        let WatchEvent::Added(element) = event else { panic!("{event:?}") };
        assert_eq!(element.json(), BROKEN);
    }
}
