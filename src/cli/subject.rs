//! `TYPE/NAME`: a workload or a namespace as people name it on a command line.

use std::str::FromStr;

use crate::model::Kind;

/// A workload or a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectName {
    pub(crate) kind: Kind,
    pub(crate) name: String,
}

/// The short names that kubectl knows.
const SHORT: &[(&str, Kind)] = &[
    ("deploy", Kind::Deployment),
    ("sts", Kind::StatefulSet),
    ("ds", Kind::DaemonSet),
    ("rs", Kind::ReplicaSet),
    ("rc", Kind::ReplicationController),
    ("cj", Kind::CronJob),
    ("po", Kind::Pod),
    ("ro", Kind::Rollout),
    ("ns", Kind::Namespace),
];

/// A kind by its name, singular or plural, with or without its group, or by its short name.
fn kind(written: &str) -> Option<Kind> {
    let written = written.to_lowercase();
    let mut subjects = Kind::all().filter(|kind| kind.is_workload() || *kind == Kind::Namespace);
    let is_meant = |kind: &Kind| {
        let singular = kind.name().to_lowercase();
        let group = kind.info().group;
        written == singular
            || written == kind.info().plural
            || written == kind.resource()
            || (!group.is_empty() && written == format!("{singular}.{group}"))
    };
    let short = SHORT.iter().find(|(short, _)| *short == written).map(|(_, kind)| *kind);
    short.or_else(|| subjects.find(is_meant))
}

impl FromStr for SubjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((type_, name)) = text.split_once('/').filter(|(_, name)| !name.is_empty()) else {
            return Err("write it as TYPE/NAME, as in deployment/checkout".to_owned());
        };
        let Some(kind) = kind(type_) else {
            return Err(format!(
                "'{type_}' is no workload; write it as in deployment/{name} or namespace/{name}"
            ));
        };
        Ok(Self { kind, name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_for_kubectl() {
        for (written, kind) in [
            ("deployment/a", Kind::Deployment),
            ("Deployment/a", Kind::Deployment),
            ("deployments.apps/a", Kind::Deployment),
            ("deployment.apps/a", Kind::Deployment),
            ("deploy/a", Kind::Deployment),
            ("sts/a", Kind::StatefulSet),
            ("cronjobs/a", Kind::CronJob),
            ("rollouts.argoproj.io/a", Kind::Rollout),
            ("ns/a", Kind::Namespace),
        ] {
            assert_eq!(written.parse(), Ok(SubjectName { kind, name: "a".to_owned() }), "{written}");
        }
        for written in ["a", "deployment/", "service/a", "deployment.batch/a"] {
            assert!(written.parse::<SubjectName>().is_err(), "{written}");
        }
    }
}
