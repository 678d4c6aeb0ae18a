//! The ConfigMaps and Secrets that a workload refers to, and who makes Secrets in place of people.
//!
//! Not its job: verdicts.

use crate::data::operator_of_secret;
use crate::engine::{Context, Finding};
use crate::model::{
    Certificate, Container, EnvFrom, EnvSource, ExternalSecret, Found, Kind, Presence, Projection,
    SecretProviderClass, Text, Volume, VolumeSource, Workload,
};

/// An object that a workload takes configuration from.
pub(crate) struct Reference<'w> {
    /// ConfigMap or Secret.
    pub(crate) kind: Kind,
    /// Its name.
    pub(crate) name: &'w Text,
    /// Whether the pods start without it.
    pub(crate) optional: bool,
    /// What takes it: "variable 'X' of container 'api'".
    pub(crate) by: String,
    container: Option<&'w Container>,
    field: String,
}

impl Reference<'_> {
    /// A finding about it.
    pub(crate) fn finding(&self, workload: &Workload, message: String) -> Finding {
        match self.container {
            Some(container) => Finding::new(message).container(workload, container, &self.field),
            None => Finding::new(message).field(workload.pod_field(&self.field)),
        }
    }

    /// Whether it is a volume, and not the environment of a container.
    pub(crate) fn is_volume(&self) -> bool {
        self.container.is_none()
    }
}

/// What a workload refers to, each object once: where it is needed, if anywhere it is.
pub(crate) fn references_of(workload: &Workload) -> Vec<Reference<'_>> {
    let spec = &workload.template.spec;
    let containers = spec.containers.iter().flat_map(of_container);
    let volumes = spec.volumes.iter().enumerate().flat_map(|(index, volume)| of_volume(index, volume));
    let mut references: Vec<Reference<'_>> = Vec::new();
    for reference in containers.chain(volumes) {
        let same = |other: &&mut Reference<'_>| other.kind == reference.kind && other.name == reference.name;
        match references.iter_mut().find(same) {
            Some(known) if known.optional && !reference.optional => *known = reference,
            Some(_) => {}
            None => references.push(reference),
        }
    }
    references.retain(|reference| !reference.name.is_empty());
    references
}

fn of_container(container: &Container) -> impl Iterator<Item = Reference<'_>> {
    let owner = format!("{} '{}'", container.role.noun(), container.name);
    let of = owner.clone();
    let variables = container.env.iter().enumerate().filter_map(move |(index, variable)| {
        let (kind, key, field) = match variable.source.as_deref()? {
            EnvSource::Secret(key) => (Kind::Secret, key, "secretKeyRef"),
            EnvSource::ConfigMap(key) => (Kind::ConfigMap, key, "configMapKeyRef"),
            _ => return None,
        };
        Some(Reference {
            kind,
            name: &key.name,
            optional: key.optional,
            by: format!("variable '{}' of {of}", variable.name),
            container: Some(container),
            field: format!("env[{index}].valueFrom.{field}.name"),
        })
    });
    let all = container.env_from.iter().enumerate().filter_map(move |(index, from)| {
        let (kind, object, field) = match from {
            EnvFrom::Secret(object) => (Kind::Secret, object, "secretRef"),
            EnvFrom::ConfigMap(object) => (Kind::ConfigMap, object, "configMapRef"),
            EnvFrom::Other => return None,
        };
        Some(Reference {
            kind,
            name: &object.name,
            optional: object.optional,
            by: format!("the environment of {owner}"),
            container: Some(container),
            field: format!("envFrom[{index}].{field}.name"),
        })
    });
    variables.chain(all)
}

fn of_volume(index: usize, volume: &Volume) -> Vec<Reference<'_>> {
    let reference = |kind, name, optional, field: String| Reference {
        kind,
        name,
        optional,
        by: format!("volume '{}'", volume.name),
        container: None,
        field: format!("volumes[{index}].{field}"),
    };
    match &volume.source {
        VolumeSource::ConfigMap(map) => {
            vec![reference(Kind::ConfigMap, &map.name, map.optional, "configMap.name".to_owned())]
        }
        VolumeSource::Secret(secret) => {
            vec![reference(Kind::Secret, &secret.name, secret.optional, "secret.secretName".to_owned())]
        }
        VolumeSource::Projected(sources) => {
            let parts = sources.iter().enumerate().filter_map(|(at, source)| match source {
                Projection::ConfigMap(map) => {
                    let field = format!("projected.sources[{at}].configMap.name");
                    Some(reference(Kind::ConfigMap, &map.name, map.optional, field))
                }
                Projection::Secret(secret) => {
                    let field = format!("projected.sources[{at}].secret.name");
                    Some(reference(Kind::Secret, &secret.name, secret.optional, field))
                }
                Projection::Other => None,
            });
            parts.collect()
        }
        _ => Vec::new(),
    }
}

/// Whether something makes a Secret of this name in the namespace: an ExternalSecret, a SealedSecret, a
/// SecretProviderClass, a Certificate, or an operator that is known by the name.
pub(crate) fn is_made(cx: &Context<'_>, secret: &Text) -> bool {
    let external = |made: &Found<'_, ExternalSecret>| {
        let target = &made.target.name;
        if target.is_empty() { made.meta.name == *secret } else { target == secret }
    };
    let class = |made: &Found<'_, SecretProviderClass>| {
        made.secret_objects.iter().any(|object| object.secret_name == *secret)
    };
    let certificate = |made: &Found<'_, Certificate>| made.secret_name == *secret;
    operator_of_secret(secret).is_some()
        || cx.beside(Kind::ExternalSecret).iter().any(external)
        || cx.named::<Presence>(Kind::SealedSecret, secret).is_some()
        || cx.beside(Kind::Certificate).iter().any(certificate)
        || cx.beside(Kind::SecretProviderClass).iter().any(class)
}
