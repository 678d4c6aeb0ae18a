//! A container's environment variables: their values, or where these come from.
//!
//! Not its job: whether what they refer to exists (`relations`).

use serde::Deserialize;

use super::Text;

/// `EnvVar`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EnvVar {
    /// `name`.
    pub name: Text,
    /// `value`; `None` when unset or when it comes from elsewhere.
    #[serde(default)]
    pub value: Option<Text>,
    /// `valueFrom`; boxed, since most variables are literals.
    #[serde(default, rename = "valueFrom")]
    pub source: Option<Box<EnvSource>>,
}

/// Where a variable's value comes from (`EnvVarSource`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "EnvSourceWire")]
pub enum EnvSource {
    /// `secretKeyRef`.
    Secret(KeyRef),
    /// `configMapKeyRef`.
    ConfigMap(KeyRef),
    /// `fieldRef`: the path of a field of the pod.
    Field(Text),
    /// `resourceFieldRef`: an amount of the container's own resources.
    Resource,
    /// `fileKeyRef`, or what this version does not know.
    Other,
}

/// `SecretKeySelector`, `ConfigMapKeySelector`: one key of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct KeyRef {
    /// `name` of the object.
    pub name: Text,
    /// `key`.
    pub key: Text,
    /// `optional`: the container starts without it.
    pub optional: bool,
}

/// `EnvFromSource`: every key of an object is a variable.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "EnvFromWire")]
pub enum EnvFrom {
    /// `secretRef`.
    Secret(ObjectRef),
    /// `configMapRef`.
    ConfigMap(ObjectRef),
    /// What this version does not know.
    Other,
}

/// `SecretEnvSource`, `ConfigMapEnvSource`: an object as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ObjectRef {
    /// `name` of the object.
    pub name: Text,
    /// `optional`: the container starts without it.
    pub optional: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EnvSourceWire {
    secret_key_ref: Option<KeyRef>,
    config_map_key_ref: Option<KeyRef>,
    field_ref: Option<FieldWire>,
    resource_field_ref: Option<ResourceWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FieldWire {
    field_path: Text,
}

#[derive(Default, Deserialize)]
struct ResourceWire {}

impl From<EnvSourceWire> for EnvSource {
    fn from(wire: EnvSourceWire) -> Self {
        // The API allows exactly one.
        match wire {
            EnvSourceWire { secret_key_ref: Some(secret), .. } => Self::Secret(secret),
            EnvSourceWire { config_map_key_ref: Some(map), .. } => Self::ConfigMap(map),
            EnvSourceWire { field_ref: Some(field), .. } => Self::Field(field.field_path),
            EnvSourceWire { resource_field_ref: Some(_), .. } => Self::Resource,
            _ => Self::Other,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EnvFromWire {
    secret_ref: Option<ObjectRef>,
    config_map_ref: Option<ObjectRef>,
}

impl From<EnvFromWire> for EnvFrom {
    fn from(wire: EnvFromWire) -> Self {
        match wire {
            EnvFromWire { secret_ref: Some(secret), .. } => Self::Secret(secret),
            EnvFromWire { config_map_ref: Some(map), .. } => Self::ConfigMap(map),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_wherever_it_points() {
        let variable = |source: &str| -> EnvVar {
            serde_json::from_str(&format!(r#"{{"name":"A","valueFrom":{source}}}"#)).unwrap()
        };
        let key = |name: &str| KeyRef { name: name.into(), key: "k".into(), optional: false };
        for (json, expected) in [
            (r#"{"secretKeyRef":{"name":"s","key":"k"}}"#, EnvSource::Secret(key("s"))),
            (r#"{"configMapKeyRef":{"name":"c","key":"k"}}"#, EnvSource::ConfigMap(key("c"))),
            (
                r#"{"fieldRef":{"apiVersion":"v1","fieldPath":"spec.nodeName"}}"#,
                EnvSource::Field("spec.nodeName".into()),
            ),
            (r#"{"resourceFieldRef":{"resource":"limits.cpu"}}"#, EnvSource::Resource),
            (r#"{"fileKeyRef":{"volumeName":"v"}}"#, EnvSource::Other),
        ] {
            assert_eq!(variable(json).source.as_deref(), Some(&expected), "{json}");
        }
        let from: EnvFrom =
            serde_json::from_str(r#"{"prefix":"X_","secretRef":{"name":"s","optional":true}}"#).unwrap();
        assert_eq!(from, EnvFrom::Secret(ObjectRef { name: "s".into(), optional: true }));
    }
}
