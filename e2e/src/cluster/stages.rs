//! The stage that kwok's own lack.
//!
//! Not here: the usual stages, which are read from kwok's module (`toolchain`).

/// A pod whose grace period is over is left alone: the API server is about to remove it.
///
/// kwok plays the kubelet by deleting a terminating pod with a grace period of nothing. The API server writes that
/// down before it removes the pod, the watch shows the pod once more, and kwok deletes it once more: by its name.
/// Under load that hits the next pod of a StatefulSet, which has the same name, and so on for ever.
pub(super) const GONE: &str = r#"apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-gone}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: Exists}
    - {key: .metadata.deletionGracePeriodSeconds | tostring, operator: In, values: ["0"]}
  # The usual stages have no weight, so that this one goes before them.
  weight: 1
  next: {}
"#;
