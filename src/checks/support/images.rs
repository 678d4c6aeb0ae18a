//! Image references: their parts, as container runtimes read them, and where a workload has them.

use crate::engine::Finding;
use crate::model::Workload;

/// Tags that move by habit.
pub(crate) const MOVING_TAGS: [&str; 6] = ["latest", "main", "master", "dev", "edge", "nightly"];

/// An image that a workload names.
pub(crate) struct Use<'a> {
    /// "container 'api'", "volume 'models'".
    pub(crate) by: String,
    /// The reference, as written; never empty.
    pub(crate) image: &'a str,
    /// `imagePullPolicy` of a container, `pullPolicy` of a volume.
    pub(crate) pull_policy: Option<&'a str>,
    /// The name of the field of the pull policy.
    pub(crate) pull_field: &'static str,
    place: Place,
}

enum Place {
    Container(usize),
    Volume(usize),
}

/// The images of containers and of volumes. One that is left out cannot be judged, and the API server refuses it.
pub(crate) fn uses(workload: &Workload) -> impl Iterator<Item = Use<'_>> {
    let spec = &workload.template.spec;
    let containers = spec.containers.iter().enumerate().map(|(at, container)| Use {
        by: format!("{} '{}'", container.role.noun(), container.name),
        image: &container.image,
        pull_policy: container.image_pull_policy.as_deref(),
        pull_field: "imagePullPolicy",
        place: Place::Container(at),
    });
    let volumes = spec.volumes.iter().enumerate().filter_map(|(at, volume)| {
        let image = volume.image()?;
        Some(Use {
            by: format!("volume '{}'", volume.name),
            image: &image.reference,
            pull_policy: image.pull_policy.as_deref(),
            pull_field: "pullPolicy",
            place: Place::Volume(at),
        })
    });
    containers.chain(volumes).filter(|used| !used.image.is_empty())
}

impl Use<'_> {
    /// A finding at the reference.
    pub(crate) fn finding(&self, workload: &Workload, message: String) -> Finding {
        self.finding_at(workload, message, "image", "reference")
    }

    /// A finding at the pull policy.
    pub(crate) fn finding_about_pulling(&self, workload: &Workload, message: String) -> Finding {
        self.finding_at(workload, message, "imagePullPolicy", "pullPolicy")
    }

    fn finding_at(&self, workload: &Workload, message: String, container: &str, volume: &str) -> Finding {
        let finding = Finding::new(message);
        match self.place {
            Place::Container(at) => match workload.template.spec.containers.get(at) {
                Some(found) => finding.container(workload, found, container),
                None => finding,
            },
            Place::Volume(at) => {
                finding.field(workload.pod_field(format_args!("volumes[{at}].image.{volume}")))
            }
        }
    }
}

/// A reference, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    /// Registry and path, with what is left out filled in: `docker.io/library/nginx`.
    pub(crate) name: String,
    /// The tag.
    pub(crate) tag: Option<&'a str>,
    /// What stands after `@`.
    pub(crate) digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Takes a reference apart; every text has a reading, also one that no runtime would accept.
    pub(crate) fn of(image: &'a str) -> Self {
        let (rest, digest) = match image.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (image, None),
        };
        // A colon before the last slash is a registry's port.
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (rest, None),
        };
        Self { name: full_name(path), tag, digest }
    }

    /// Whether the tag, also one that is left out, is `latest`.
    pub(crate) fn is_latest(&self) -> bool {
        self.tag == Some("latest") || (self.tag.is_none() && self.digest.is_none())
    }
}

/// A name as runtimes complete it: `nginx` is `docker.io/library/nginx`, `shop/api` is `docker.io/shop/api`.
pub(crate) fn full_name(path: &str) -> String {
    let registry = |first: &str| {
        first.contains(['.', ':']) || first == "localhost" || first.chars().any(|c| c.is_ascii_uppercase())
    };
    let (registry, path) = match path.split_once('/') {
        Some((first, rest)) if registry(first) => (first, rest),
        _ => ("docker.io", path),
    };
    let registry = match registry.to_ascii_lowercase() {
        hub if hub == "index.docker.io" || hub == "registry-1.docker.io" => "docker.io".to_owned(),
        other => other,
    };
    let library = if registry == "docker.io" && !path.contains('/') { "library/" } else { "" };
    format!("{registry}/{library}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_as_runtimes_do() {
        for (image, name, tag, digest) in [
            ("nginx", "docker.io/library/nginx", None, None),
            ("nginx:1.29", "docker.io/library/nginx", Some("1.29"), None),
            ("shop/api:1", "docker.io/shop/api", Some("1"), None),
            ("docker.io/nginx", "docker.io/library/nginx", None, None),
            ("index.docker.io/shop/api", "docker.io/shop/api", None, None),
            ("localhost/api", "localhost/api", None, None),
            ("registry:5000/api", "registry:5000/api", None, None),
            ("Registry/api:2", "registry/api", Some("2"), None),
            ("r.example.com:5000/a/b:2@sha256:ab", "r.example.com:5000/a/b", Some("2"), Some("sha256:ab")),
            ("a@sha512:ab", "docker.io/library/a", None, Some("sha512:ab")),
        ] {
            assert_eq!(Reference::of(image), Reference { name: name.to_owned(), tag, digest }, "{image}");
        }
        assert!(Reference::of("nginx").is_latest() && Reference::of("nginx:latest@sha256:a").is_latest());
        assert!(!Reference::of("nginx@sha256:a").is_latest() && !Reference::of("nginx:1").is_latest());
    }
}
