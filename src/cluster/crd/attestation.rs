//! The definition of `PracticeAttestation`.

use serde_json::{Value, json};

use super::{Names, column, condition, crd, drop_defaults, schema, wide};
use crate::api::{ATTESTATION_KIND, ATTESTATION_PLURAL, PracticeAttestation};

pub(super) fn attestation_crd() -> Value {
    let names =
        Names { kind: ATTESTATION_KIND, plural: ATTESTATION_PLURAL, short: "patt", scope: "Namespaced" };
    let columns = json!([
        column("Practice", ".spec.practice", "string"),
        column("Target", ".spec.targetRef.name", "string"),
        column("Outcome", ".spec.outcome", "string"),
        column("Valid", &format!(".status{}", condition("Valid", "status")), "string"),
        column("Performed", ".spec.performedTime", "date"),
        wide("Expires", ".status.expirationTime", "string"),
        wide("Performed-By", ".spec.performedBy", "string"),
        wide("Message", &format!(".status{}", condition("Valid", "message")), "string"),
        column("Age", ".metadata.creationTimestamp", "date"),
    ]);
    let mut schema = schema::<PracticeAttestation>();
    if let Some(status) = schema.pointer_mut("/properties/status") {
        // The controller writes the whole status, so the API server has nothing to fill in.
        drop_defaults(status);
    }
    crd(&names, schema, columns, json!({ "subresources": { "status": {} } }))
}
