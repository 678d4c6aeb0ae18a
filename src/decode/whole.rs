//! All of an object as compact JSON, for who looks at whole objects.
//!
//! What is left out changes all the time and says nothing about what somebody wants: the bookkeeping of field managers,
//! kubectl's copy of the manifest, the resource version, and, where nobody asks for it, the status. What lists of the
//! API server leave out is put in: the version and the kind. Not its job: reading anything from an object.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::model::{Keep, Kind};

const MANIFEST: &str = "kubectl.kubernetes.io/last-applied-configuration";

type Members<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// So much of an object as is kept; `None` where that is nothing, or where it is no object.
pub fn whole(kind: Kind, json: &str, default_namespace: &str, keep: Keep) -> Option<Arc<str>> {
    if keep == Keep::Nothing {
        return None;
    }
    let mut object: Members<'_> = serde_json::from_str(json).ok()?;
    if keep < Keep::All {
        object.remove("status");
    }
    let raw = |text: &str| {
        RawValue::from_string(serde_json::to_string(text).unwrap_or_default()).ok().map(Cow::Owned)
    };
    if let Some(metadata) = object.get_mut("metadata") {
        let mut members: Members<'_> = serde_json::from_str(metadata.get()).ok()?;
        for name in ["managedFields", "resourceVersion", "selfLink"] {
            members.remove(name);
        }
        if kind.info().namespaced && !default_namespace.is_empty() && !members.contains_key("namespace") {
            members.insert("namespace".into(), raw(default_namespace)?);
        }
        if members.get("annotations").is_some_and(|annotations| annotations.get().contains(MANIFEST)) {
            let mut annotations: Members<'_> =
                serde_json::from_str(members.get("annotations")?.get()).ok()?;
            annotations.remove(MANIFEST);
            let annotations = Cow::Owned(serde_json::value::to_raw_value(&annotations).ok()?);
            members.insert("annotations".into(), annotations);
        }
        let members = serde_json::value::to_raw_value(&members).ok()?;
        object.insert("metadata".into(), Cow::Owned(members));
    }
    if !object.contains_key("apiVersion") {
        object.insert("apiVersion".into(), raw(&kind.api_version())?);
    }
    if !object.contains_key("kind") {
        object.insert("kind".into(), raw(kind.name())?);
    }
    serde_json::to_string(&object).ok().map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = r#"{"spec":{"replicas":3,"b":[1.0,"é"]},"metadata":{"name":"api","resourceVersion":"7",
        "managedFields":[{"manager":"m"}],"annotations":{"a":"b",
        "kubectl.kubernetes.io/last-applied-configuration":"{}"}},"status":{"replicas":2}}"#;

    #[test]
    fn what_changes_all_the_time_is_left_out() {
        let kept = |keep| whole(Kind::Deployment, OBJECT, "shop", keep).map(|text| text.to_string());
        let desired = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{"a":"b"},"name":"api","namespace":"shop"},"spec":{"replicas":3,"b":[1.0,"é"]}"#;
        assert_eq!(kept(Keep::Nothing), None);
        assert_eq!(kept(Keep::Desired), Some(format!("{desired}}}")));
        assert_eq!(kept(Keep::All), Some(format!(r#"{desired},"status":{{"replicas":2}}}}"#)));
    }

    #[test]
    fn what_is_written_stays() {
        let json =
            r#"{"apiVersion":"extensions/v1beta1","kind":"Ingress","metadata":{"name":"a","namespace":"n"}}"#;
        assert_eq!(whole(Kind::Ingress, json, "shop", Keep::All).as_deref(), Some(json));
        assert_eq!(whole(Kind::Ingress, "[]", "shop", Keep::All), None);
    }
}
