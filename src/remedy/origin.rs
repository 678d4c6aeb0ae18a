//! Who delivers an object, as far as its labels and annotations show it: whoever that is should keep what is made for it.
//!
//! Not its job: whether it should be delivered at all (`checks::delivery`).

use crate::model::Meta;

/// Who delivers an object: "Argo CD application 'shop'".
pub fn delivered_by(meta: &Meta) -> Option<String> {
    let label = |key: &str| meta.labels.get(key).filter(|value| !value.is_empty());
    let annotation = |key: &str| meta.annotations.get(key).filter(|value| !value.is_empty());
    let placed = |what: &str, tool: &str| {
        let name = label(&format!("{tool}.toolkit.fluxcd.io/name"))?;
        let namespace = label(&format!("{tool}.toolkit.fluxcd.io/namespace"));
        let place = namespace.map(|namespace| format!(" of namespace '{namespace}'")).unwrap_or_default();
        Some(format!("Flux {what} '{name}'{place}"))
    };
    // application:group/Kind:namespace/name
    let tracked = annotation("argocd.argoproj.io/tracking-id").and_then(|id| id.split(':').next());
    let application = tracked.or_else(|| label("argocd.argoproj.io/instance").map(|name| name.as_str()));
    application
        .map(|name| format!("Argo CD application '{name}'"))
        .or_else(|| placed("Kustomization", "kustomize"))
        .or_else(|| placed("HelmRelease", "helm"))
        .or_else(|| annotation("meta.helm.sh/release-name").map(|name| format!("Helm release '{name}'")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decoded, decode};
    use crate::model::Kind;

    fn owner(metadata: &str) -> Option<String> {
        let json = format!(r#"{{"metadata": {{"name": "a", "namespace": "n", {metadata}}}}}"#);
        match decode(Kind::Deployment, &json, "").unwrap() {
            Decoded::Record(record) => delivered_by(record.meta()),
            Decoded::Unreadable(_, error) => panic!("{error}"),
        }
    }

    #[test]
    fn what_delivers_an_object_shows_in_its_labels_and_annotations() {
        for (metadata, wanted) in [
            (r#""labels": {}"#, None),
            (
                r#""annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:n/a"}"#,
                Some("Argo CD application 'shop'"),
            ),
            (r#""labels": {"argocd.argoproj.io/instance": "shop"}"#, Some("Argo CD application 'shop'")),
            (
                r#""labels": {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}"#,
                Some("Flux Kustomization 'apps' of namespace 'flux-system'"),
            ),
            (r#""labels": {"helm.toolkit.fluxcd.io/name": "shop"}"#, Some("Flux HelmRelease 'shop'")),
            (r#""annotations": {"meta.helm.sh/release-name": "shop"}"#, Some("Helm release 'shop'")),
        ] {
            assert_eq!(owner(metadata).as_deref(), wanted, "{metadata}");
        }
    }
}
