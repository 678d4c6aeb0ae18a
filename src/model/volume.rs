//! A pod's volumes: what each is made from.
//!
//! Not its job: where it is mounted (`container`), or whether what it names exists (`relations`).

use std::fmt;

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{AccessModes, ObjectRef, Quantity, Text};

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// `name`.
    pub name: Text,
    /// What it is made from.
    pub source: VolumeSource,
}

impl Volume {
    /// The claim that it mounts.
    pub fn persistent_volume_claim(&self) -> Option<&ClaimRef> {
        match &self.source {
            VolumeSource::PersistentVolumeClaim(claim) => Some(claim),
            _ => None,
        }
    }

    /// The image that it mounts.
    pub fn image(&self) -> Option<&ImageVolume> {
        match &self.source {
            VolumeSource::Image(image) => Some(image),
            _ => None,
        }
    }

    /// The path on the node that it mounts.
    pub fn host_path(&self) -> Option<&Text> {
        match &self.source {
            VolumeSource::HostPath(HostPath { path }) => Some(path),
            _ => None,
        }
    }
}

/// Where a volume's files come from; the API allows exactly one, and makes none an `emptyDir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeSource {
    /// `emptyDir`, also where no source is given.
    EmptyDir(EmptyDir),
    /// `hostPath`.
    HostPath(HostPath),
    /// `configMap`.
    ConfigMap(ObjectRef),
    /// `secret`.
    Secret(ObjectRef),
    /// `projected`: its sources.
    Projected(Box<[Projection]>),
    /// `downwardAPI`.
    DownwardApi,
    /// `persistentVolumeClaim`.
    PersistentVolumeClaim(ClaimRef),
    /// `ephemeral`: the claim that every pod makes for itself.
    Ephemeral(Box<EphemeralClaim>),
    /// `csi`.
    Csi(Box<CsiVolume>),
    /// `image`.
    Image(ImageVolume),
    /// Any other, by its field: `nfs`.
    Other(Text),
}

impl VolumeSource {
    /// The API's field for it: `hostPath`.
    pub fn field(&self) -> &str {
        match self {
            Self::EmptyDir(_) => "emptyDir",
            Self::HostPath(_) => "hostPath",
            Self::ConfigMap(_) => "configMap",
            Self::Secret(_) => "secret",
            Self::Projected(_) => "projected",
            Self::DownwardApi => "downwardAPI",
            Self::PersistentVolumeClaim(_) => "persistentVolumeClaim",
            Self::Ephemeral(_) => "ephemeral",
            Self::Csi(_) => "csi",
            Self::Image(_) => "image",
            Self::Other(field) => field,
        }
    }
}

/// `EmptyDirVolumeSource`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmptyDir {
    /// `medium`: empty for the node's disk, `Memory`, `HugePages`.
    pub medium: Text,
    /// `sizeLimit`.
    pub size_limit: Option<Quantity>,
}

/// `HostPathVolumeSource`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct HostPath {
    /// `path`.
    pub path: Text,
}

/// `persistentVolumeClaim` of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRef {
    /// `claimName`.
    pub claim_name: Text,
}

/// `image` of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageVolume {
    /// `reference`.
    pub reference: Text,
    /// `pullPolicy`; `None` when unset.
    pub pull_policy: Option<Text>,
}

/// `volumeClaimTemplate.spec` of an `ephemeral` volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EphemeralClaim {
    /// `storageClassName`; `Some("")` binds to a volume without a class.
    pub storage_class_name: Option<Text>,
    /// `accessModes`.
    pub access_modes: AccessModes,
}

/// `CSIVolumeSource`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsiVolume {
    /// `driver`.
    pub driver: Text,
    /// `volumeAttributes.secretProviderClass`: the SecretProviderClass of the Secrets Store driver.
    pub secret_provider_class: Option<Text>,
}

/// One source of a `projected` volume.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "ProjectionWire")]
pub enum Projection {
    /// `configMap`.
    ConfigMap(ObjectRef),
    /// `secret`.
    Secret(ObjectRef),
    /// `serviceAccountToken`, `downwardAPI`, or what else makes files without an object of the namespace.
    Other,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProjectionWire {
    config_map: Option<ObjectRef>,
    secret: Option<ObjectRef>,
}

impl From<ProjectionWire> for Projection {
    fn from(wire: ProjectionWire) -> Self {
        match wire {
            ProjectionWire { secret: Some(secret), .. } => Self::Secret(secret),
            ProjectionWire { config_map: Some(map), .. } => Self::ConfigMap(map),
            ProjectionWire { .. } => Self::Other,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProjectedWire {
    sources: Vec<Projection>,
}

/// Here, and only here, the Secret's name is `secretName`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SecretWire {
    secret_name: Text,
    optional: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EphemeralWire {
    volume_claim_template: ClaimTemplateWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClaimTemplateWire {
    spec: EphemeralClaim,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CsiWire {
    driver: Text,
    volume_attributes: AttributesWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AttributesWire {
    secret_provider_class: Option<Text>,
}

impl<'de> Deserialize<'de> for Volume {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(VolumeVisitor)
    }
}

// By hand, because a source that nobody here knows still has to be told by its name.
struct VolumeVisitor;

impl<'de> Visitor<'de> for VolumeVisitor {
    type Value = Volume;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a volume")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Volume, A::Error> {
        let (mut name, mut source) = (None, None);
        while let Some(key) = map.next_key::<Text>()? {
            if key == "name" {
                name = map.next_value()?;
                continue;
            }
            let found = source_of(&key, &mut map)?;
            // The API server refuses two; what mounts the node must not hide behind another.
            if !matches!(source, Some(VolumeSource::HostPath(_))) {
                source = found.or(source);
            }
        }
        let source = source.unwrap_or_else(|| VolumeSource::EmptyDir(EmptyDir::default()));
        Ok(Volume { name: name.ok_or_else(|| de::Error::missing_field("name"))?, source })
    }
}

fn source_of<'de, A: MapAccess<'de>>(key: &Text, map: &mut A) -> Result<Option<VolumeSource>, A::Error> {
    Ok(match key.as_str() {
        "emptyDir" => map.next_value::<Option<_>>()?.map(VolumeSource::EmptyDir),
        "hostPath" => map.next_value::<Option<_>>()?.map(VolumeSource::HostPath),
        "configMap" => map.next_value::<Option<_>>()?.map(VolumeSource::ConfigMap),
        "secret" => map.next_value::<Option<_>>()?.map(|SecretWire { secret_name, optional }| {
            VolumeSource::Secret(ObjectRef { name: secret_name, optional })
        }),
        "projected" => map
            .next_value::<Option<_>>()?
            .map(|ProjectedWire { sources }| VolumeSource::Projected(sources.into_boxed_slice())),
        "downwardAPI" => map.next_value::<Option<IgnoredAny>>()?.map(|_| VolumeSource::DownwardApi),
        "persistentVolumeClaim" => map.next_value::<Option<_>>()?.map(VolumeSource::PersistentVolumeClaim),
        "ephemeral" => map
            .next_value::<Option<EphemeralWire>>()?
            .map(|wire| VolumeSource::Ephemeral(Box::new(wire.volume_claim_template.spec))),
        "csi" => map.next_value::<Option<_>>()?.map(|CsiWire { driver, volume_attributes }| {
            let secret_provider_class = volume_attributes.secret_provider_class;
            VolumeSource::Csi(Box::new(CsiVolume { driver, secret_provider_class }))
        }),
        "image" => map.next_value::<Option<_>>()?.map(VolumeSource::Image),
        _ => map.next_value::<Option<IgnoredAny>>()?.map(|_| VolumeSource::Other(key.clone())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(json: &str) -> VolumeSource {
        serde_json::from_str::<Volume>(&format!(r#"{{"name":"v"{json}}}"#)).unwrap().source
    }

    #[test]
    fn every_source_is_read() {
        let named = |name: &str| ObjectRef { name: name.into(), optional: false };
        let optional = |name: &str| ObjectRef { name: name.into(), optional: true };
        for (json, expected) in [
            ("", VolumeSource::EmptyDir(EmptyDir::default())),
            (r#","hostPath":null"#, VolumeSource::EmptyDir(EmptyDir::default())),
            (r#","hostPath":{"path":"/run"}"#, VolumeSource::HostPath(HostPath { path: "/run".into() })),
            (r#","configMap":{"name":"c","optional":true}"#, VolumeSource::ConfigMap(optional("c"))),
            (r#","secret":{"secretName":"s","items":[]}"#, VolumeSource::Secret(named("s"))),
            (
                r#","projected":{"sources":[{"secret":{"name":"s"}},{"configMap":{"name":"c"}},{"serviceAccountToken":{"path":"t"}}]}"#,
                VolumeSource::Projected(Box::new([
                    Projection::Secret(named("s")),
                    Projection::ConfigMap(named("c")),
                    Projection::Other,
                ])),
            ),
            (r#","downwardAPI":{"items":[]}"#, VolumeSource::DownwardApi),
            (r#","nfs":{"server":"a","path":"/b"}"#, VolumeSource::Other("nfs".into())),
            (
                r#","csi":{"driver":"d","volumeAttributes":{"secretProviderClass":"p","x":"y"}}"#,
                VolumeSource::Csi(Box::new(CsiVolume {
                    driver: "d".into(),
                    secret_provider_class: Some("p".into()),
                })),
            ),
            (
                r#","ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":""}}}"#,
                VolumeSource::Ephemeral(Box::new(EphemeralClaim {
                    storage_class_name: Some("".into()),
                    access_modes: AccessModes { single_node: true },
                })),
            ),
        ] {
            assert_eq!(source(json), expected, "{json}");
        }
        assert!(matches!(
            source(r#","emptyDir":{"sizeLimit":"1Gi"}"#),
            VolumeSource::EmptyDir(EmptyDir { size_limit: Some(_), .. })
        ));
    }

    #[test]
    fn a_path_of_the_node_does_not_hide() {
        for json in [r#","hostPath":{"path":"/"},"emptyDir":{}"#, r#","emptyDir":{},"hostPath":{"path":"/"}"#]
        {
            assert!(matches!(source(json), VolumeSource::HostPath(_)), "{json}");
        }
    }

    #[test]
    fn a_volume_has_a_name() {
        assert!(serde_json::from_str::<Volume>(r#"{"emptyDir":{}}"#).is_err());
    }
}
