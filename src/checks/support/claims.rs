//! The claims that a workload keeps its data on, and the StorageClass that each gets its volume from.
//!
//! Not its job: verdicts.

use crate::engine::{Context, Finding};
use crate::model::{Found, Kind, Labels, StorageClass, Text, Volume, VolumeClaim, VolumeSource, Workload};

/// A claim, or what claims are made from.
pub(crate) struct Claim<'a> {
    /// Its name, of a template the template's, of an ephemeral volume the volume's.
    pub(crate) name: &'a Text,
    /// What it is.
    pub(crate) form: Form<'a>,
    field: String,
}

/// What a claim is.
#[derive(Clone, Copy)]
pub(crate) enum Form<'a> {
    /// A claim that a volume names, which may not be there.
    Named(Option<&'a VolumeClaim>),
    /// An entry of `volumeClaimTemplates`: its class and labels.
    Template(Option<&'a Text>, &'a Labels),
    /// An ephemeral volume, whose claim lives as long as its pod.
    Ephemeral(Option<&'a Text>),
}

/// The claims of a workload: templates first, then as its volumes name them. A claim that cannot be seen is a blind
/// look.
pub(crate) fn claims_of<'a>(cx: &Context<'a>, workload: &'a Workload) -> Vec<Claim<'a>> {
    let templates = workload.claim_templates.iter().enumerate().map(|(index, template)| Claim {
        name: &template.name,
        form: Form::Template(template.storage_class_name.as_ref(), &template.labels),
        field: format!("spec.volumeClaimTemplates[{index}]"),
    });
    let volumes = workload.template.spec.volumes.iter().enumerate().filter_map(|(index, volume)| {
        let field = |below: &str| workload.pod_field(format_args!("volumes[{index}].{below}"));
        match &volume.source {
            VolumeSource::PersistentVolumeClaim(claim) => Some(Claim {
                name: &claim.claim_name,
                form: Form::Named(cx.volume_claim(&claim.claim_name)),
                field: field("persistentVolumeClaim.claimName"),
            }),
            VolumeSource::Ephemeral(claim) => Some(Claim {
                name: &volume.name,
                form: Form::Ephemeral(claim.storage_class_name.as_ref()),
                field: field("ephemeral.volumeClaimTemplate.spec"),
            }),
            _ => None,
        }
    });
    templates.chain(volumes).collect()
}

/// Whether a workload has any claim, there or not.
pub(crate) fn has_claims(workload: &Workload) -> bool {
    let claims = |source: &VolumeSource| {
        matches!(source, VolumeSource::PersistentVolumeClaim(_) | VolumeSource::Ephemeral(_))
    };
    !workload.claim_templates.is_empty() || workload.template.spec.volumes.iter().any(|v| claims(&v.source))
}

/// What is said of a workload without claims.
pub(crate) const NO_CLAIM: &str = "it has no PersistentVolumeClaim";

/// Which class a claim gets its volume from.
pub(crate) enum ClassOf<'a> {
    /// None: the claim asks for a volume that somebody makes by hand, or is not there at all.
    None,
    /// The one that it names, which may not be there.
    Named(&'a Text, Option<Found<'a, StorageClass>>),
    /// The cluster's default, since it names none.
    Default(Option<Found<'a, StorageClass>>),
}

impl<'a> Claim<'a> {
    /// "claim 'data'", "claim template 'data'", "ephemeral volume 'data'".
    pub(crate) fn words(&self) -> String {
        let noun = match self.form {
            Form::Named(_) => "claim",
            Form::Template(..) => "claim template",
            Form::Ephemeral(_) => "ephemeral volume",
        };
        format!("{noun} '{}'", self.name)
    }

    /// Its labels, where they are known.
    pub(crate) fn labels(&self) -> Option<&'a Labels> {
        match self.form {
            Form::Named(claim) => claim.map(|claim| &claim.meta.labels),
            Form::Template(_, labels) => Some(labels),
            Form::Ephemeral(_) => None,
        }
    }

    /// The name of the pod's volume that it is.
    pub(crate) fn volume<'w>(&'w self, workload: &'w Workload) -> Option<&'w Text> {
        let Form::Named(_) = self.form else { return Some(self.name) };
        let names = |volume: &&Volume| {
            volume.persistent_volume_claim().is_some_and(|claim| claim.claim_name == *self.name)
        };
        workload.template.spec.volumes.iter().find(names).map(|volume| &volume.name)
    }

    /// Whether it ends with its pod.
    pub(crate) fn is_ephemeral(&self) -> bool {
        matches!(self.form, Form::Ephemeral(_))
    }

    /// The class that is written; outer `None`: the claim is not there, so nobody knows.
    pub(crate) fn written_class(&self) -> Option<Option<&'a Text>> {
        match self.form {
            Form::Named(claim) => claim.map(|claim| claim.storage_class_name.as_ref()),
            Form::Template(class, _) | Form::Ephemeral(class) => Some(class),
        }
    }

    /// The class that it gets its volume from.
    pub(crate) fn class(&self, cx: &Context<'a>) -> ClassOf<'a> {
        match self.written_class() {
            None => ClassOf::None,
            Some(Some(name)) if name.is_empty() => ClassOf::None,
            Some(Some(name)) => ClassOf::Named(name, cx.named(Kind::StorageClass, name)),
            Some(None) => ClassOf::Default(default_class(cx)),
        }
    }

    /// A finding about it.
    pub(crate) fn finding(&self, message: String) -> Finding {
        match self.form {
            Form::Named(Some(claim)) => {
                Finding::new(message).object(Kind::PersistentVolumeClaim, &claim.meta.name)
            }
            _ => Finding::new(message).field(self.field.clone()),
        }
    }
}

impl<'a> ClassOf<'a> {
    /// The class, where there is one.
    pub(crate) fn found(self) -> Option<Found<'a, StorageClass>> {
        match self {
            Self::None => None,
            Self::Named(_, class) | Self::Default(class) => class,
        }
    }
}

/// The class of claims that name none: of several the newest, as the API server chooses.
fn default_class<'a>(cx: &Context<'a>) -> Option<Found<'a, StorageClass>> {
    const MARKS: [&str; 2] =
        ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    let is_default = |class: &Found<'_, StorageClass>| {
        MARKS.iter().any(|mark| class.meta.annotations.get(mark).is_some_and(|value| *value == "true"))
    };
    let classes: Vec<Found<'a, StorageClass>> = cx.reaching(Kind::StorageClass);
    // Of the same age the first by name.
    let newest = |a: &Found<'_, StorageClass>, b: &Found<'_, StorageClass>| {
        a.meta.created.cmp(&b.meta.created).then_with(|| b.meta.name.cmp(&a.meta.name))
    };
    classes.into_iter().filter(is_default).max_by(newest)
}
