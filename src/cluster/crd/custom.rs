//! What the CRD says of custom checks beyond their shape: names that are taken, kinds that there are.

use serde_json::{Value, json};

use crate::api::kinds_message;
use crate::engine::Catalogue;
use crate::model::Kind;

/// Adds the rules to the schema of a policy's spec.
pub(super) fn guard(spec: &mut Value, catalogue: &Catalogue) {
    let taken: Vec<String> = catalogue.iter().map(|check| format!("'{}'", check.id)).collect();
    if let Some(check) = spec.pointer_mut("/properties/customChecks/items").and_then(Value::as_object_mut) {
        let rules = json!([{
            "rule": format!(
                "!(self.name in [{}]) && !self.name.startsWith('attestation-')",
                taken.join(", ")
            ),
            "message": "`name` must not be the name of another check or of an attestation",
            "fieldPath": ".name",
        }]);
        check.insert("x-kubernetes-validations".to_owned(), rules);
    }
    let kinds: Vec<String> = Kind::judged().map(|name| format!("'{name}'")).collect();
    let rule = format!(
        "!has(self.customChecks) || self.customChecks.all(c, !has(c.appliesTo) || !has(c.appliesTo.kinds) || \
         c.appliesTo.kinds.all(k, k in [{}] || (has(self.workloadKinds) && \
         self.workloadKinds.exists(w, w.kind == k))))",
        kinds.join(", ")
    );
    if let Some(Value::Array(rules)) = spec.get_mut("x-kubernetes-validations") {
        rules.push(json!({
            "rule": rule,
            "message": kinds_message(Kind::judged()),
            "fieldPath": ".customChecks",
        }));
    }
}
