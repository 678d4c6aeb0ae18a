//! The CustomResourceDefinitions, from the types of `api` and from the catalogue.
//!
//! Not its job: what is in the types. Here is only what a schema cannot say: columns, scopes, names of checks.

mod attestation;
mod custom;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::api::{
    ATTESTATION_PLURAL, ComplianceExemption, ComplianceReport, EXEMPTION_KIND, EXEMPTION_PLURAL, GROUP,
    POLICY_KIND, POLICY_PLURAL, ProductionPolicy, REPORT_KIND, REPORT_PLURAL, VERSION,
};
use crate::engine::Catalogue;

/// All definitions, each with its file's name.
pub fn crds(catalogue: &Catalogue) -> Vec<(String, Value)> {
    vec![
        (format!("{GROUP}_{POLICY_PLURAL}.yaml"), policy_crd(catalogue)),
        (format!("{GROUP}_{REPORT_PLURAL}.yaml"), report_crd()),
        (format!("{GROUP}_{EXEMPTION_PLURAL}.yaml"), exemption_crd()),
        (format!("{GROUP}_{ATTESTATION_PLURAL}.yaml"), attestation::attestation_crd()),
    ]
}

/// All definitions as one YAML stream.
///
/// # Errors
/// When the YAML library refuses a value, which no definition holds.
pub fn crds_yaml(catalogue: &Catalogue) -> Result<String, String> {
    let each = crds(catalogue).into_iter().map(|(file, crd)| {
        let yaml = serde_saphyr::to_string(&crd).map_err(|error| format!("cannot write {file}: {error}"))?;
        Ok(format!("---\n{yaml}"))
    });
    each.collect()
}

struct Names {
    kind: &'static str,
    plural: &'static str,
    short: &'static str,
    scope: &'static str,
}

fn crd(names: &Names, schema: Value, columns: Value, more: Value) -> Value {
    let Names { kind, plural, short, scope } = names;
    let mut version = json!({
        "name": VERSION,
        "served": true,
        "storage": true,
        "additionalPrinterColumns": columns,
        "schema": { "openAPIV3Schema": schema },
    });
    if let (Some(version), Value::Object(more)) = (version.as_object_mut(), more) {
        version.extend(more);
    }
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.{GROUP}") },
        "spec": {
            "group": GROUP,
            "scope": scope,
            "names": {
                "kind": kind,
                "listKind": format!("{kind}List"),
                "plural": plural,
                "singular": kind.to_ascii_lowercase(),
                "shortNames": [short],
                "categories": ["seaworthy"],
            },
            "versions": [version],
        },
    })
}

fn column(name: &str, path: &str, type_: &str) -> Value {
    json!({ "name": name, "jsonPath": path, "type": type_ })
}

fn wide(name: &str, path: &str, type_: &str) -> Value {
    json!({ "name": name, "jsonPath": path, "type": type_, "priority": 1 })
}

fn condition(type_: &str, member: &str) -> String {
    format!(".conditions[?(@.type==\"{type_}\")].{member}")
}

fn policy_crd(catalogue: &Catalogue) -> Value {
    let names = Names { kind: POLICY_KIND, plural: POLICY_PLURAL, short: "prodpol", scope: "Cluster" };
    let columns = json!([
        column("Profile", ".status.profile", "string"),
        column("Ready", &format!(".status{}", condition("Ready", "status")), "string"),
        column("Compliant", &format!(".status{}", condition("Compliant", "status")), "string"),
        column("Namespaces", ".status.namespaces", "integer"),
        column("Workloads", ".status.workloads", "integer"),
        column("NonCompliant", ".status.nonCompliantWorkloads", "integer"),
        column("Score", ".status.score", "integer"),
        wide("Exempt", ".status.exemptResults", "integer"),
        wide("Critical", ".status.failures.critical", "integer"),
        wide("High", ".status.failures.high", "integer"),
        wide("PDBs", ".spec.remediation.podDisruptionBudgets.mode", "string"),
        wide("NetworkPolicies", ".spec.remediation.networkPolicies.mode", "string"),
        wide("Message", &format!(".status{}", condition("Ready", "message")), "string"),
        column("Age", ".metadata.creationTimestamp", "date"),
    ]);
    let mut schema = schema::<ProductionPolicy>();
    if let Some(checks) = schema.pointer_mut("/properties/spec/properties/checks/items") {
        name_checks(checks, catalogue);
    }
    if let Some(spec) = schema.pointer_mut("/properties/spec") {
        custom::guard(spec, catalogue);
    }
    if let Some(status) = schema.pointer_mut("/properties/status") {
        // The controller writes the whole status, so the API server has nothing to fill in.
        drop_defaults(status);
    }
    if let Some(root) = schema.as_object_mut() {
        root.insert("x-kubernetes-validations".to_owned(), json!([{
            "rule": "self.metadata.name.size() <= 63",
            "message": "`metadata.name` must be no more than 63 characters, as reports carry it in a label",
        }]));
    }
    crd(&names, schema, columns, json!({ "subresources": { "status": {} } }))
}

fn report_crd() -> Value {
    let names = Names { kind: REPORT_KIND, plural: REPORT_PLURAL, short: "crep", scope: "Namespaced" };
    let columns = json!([
        column("Compliant", ".compliant", "string"),
        column("Score", ".score", "integer"),
        column("Crit", ".summary.critical", "integer"),
        column("High", ".summary.high", "integer"),
        column("Med", ".summary.medium", "integer"),
        column("Low", ".summary.low", "integer"),
        column("Exempt", ".summary.exempt", "integer"),
        wide("Kind", ".scope.kind", "string"),
        wide("Pass", ".summary.pass", "integer"),
        wide("Unknown", ".summary.unknown", "integer"),
        wide("Message", &condition("Compliant", "message"), "string"),
        column("Age", ".metadata.creationTimestamp", "date"),
    ]);
    let selectable =
        json!({ "selectableFields": [{ "jsonPath": ".compliant" }, { "jsonPath": ".scope.kind" }] });
    crd(&names, schema::<ComplianceReport>(), columns, selectable)
}

fn exemption_crd() -> Value {
    let names = Names { kind: EXEMPTION_KIND, plural: EXEMPTION_PLURAL, short: "cex", scope: "Namespaced" };
    let columns = json!([
        column("State", ".status.state", "string"),
        column("Target", ".spec.targetRef.name", "string"),
        column("Expires", ".spec.expirationTime", "string"),
        column("Results", ".status.exemptResults", "integer"),
        wide("Checks", ".spec.checks", "string"),
        wide("Owner", ".spec.owner", "string"),
        wide("Approved-By", ".spec.approvedBy", "string"),
        wide("Over-Broad", &format!(".status{}", condition("OverBroad", "status")), "string"),
        wide("Reason", ".spec.reason", "string"),
        wide("Message", &format!(".status{}", condition("InForce", "message")), "string"),
        column("Age", ".metadata.creationTimestamp", "date"),
    ]);
    let mut schema = schema::<ComplianceExemption>();
    if let Some(status) = schema.pointer_mut("/properties/status") {
        drop_defaults(status);
    }
    crd(&names, schema, columns, json!({ "subresources": { "status": {} } }))
}

/// The schema of a kind, in the shape that CRDs take.
fn schema<T: schemars::JsonSchema>() -> Value {
    let settings = SchemaSettings::openapi3().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    structural(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.remove("title");
        if let Some(Value::Object(properties)) = root.get_mut("properties") {
            properties.insert("apiVersion".to_owned(), json!({ "type": "string" }));
            properties.insert("kind".to_owned(), json!({ "type": "string" }));
            properties.insert("metadata".to_owned(), json!({ "type": "object" }));
        }
    }
    schema
}

/// Takes out what JSON Schema knows and a CRD does not: nullable alternatives, formats of Rust's own, wrappers.
fn structural(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(structural),
        Value::Object(object) => {
            unwrap_alternatives(object);
            object.remove("nullable");
            // The API server prunes unknown fields of a structural schema, and strict clients are told of them.
            object.remove("additionalProperties").filter(Value::is_object).into_iter().for_each(|kept| {
                object.insert("additionalProperties".to_owned(), kept);
            });
            let rusts_own = |format: &Value| format.as_str().is_some_and(|f| f.starts_with("uint"));
            if object.get("format").is_some_and(rusts_own) {
                object.remove("format");
            }
            if let Some(Value::Array(words)) = object.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            object.values_mut().for_each(structural);
        }
        _ => {}
    }
}

/// `allOf: [x]` and `anyOf: [x, null]` are x.
fn unwrap_alternatives(object: &mut Map<String, Value>) {
    for word in ["allOf", "anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = object.get(word) else { continue };
        let is_null = |branch: &Value| {
            branch.get("enum") == Some(&json!([null])) || branch.get("type") == Some(&json!("null"))
        };
        let real: Vec<Value> = branches.iter().filter(|branch| !is_null(branch)).cloned().collect();
        if let [Value::Object(only)] = real.as_slice() {
            object.remove(word);
            for (key, value) in only {
                object.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}

fn drop_defaults(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_defaults),
        Value::Object(object) => {
            object.remove("default");
            object.values_mut().for_each(drop_defaults);
        }
        _ => {}
    }
}

/// Which checks there are, and which parameter belongs to which of them.
fn name_checks(setting: &mut Value, catalogue: &Catalogue) {
    let ids: Vec<&str> = catalogue.iter().flat_map(|check| catalogue.names(check)).collect();
    let mut parameters: BTreeMap<String, (Value, Vec<&str>)> = BTreeMap::new();
    for check in catalogue.iter() {
        for (name, schema) in check.rule.schema() {
            let mut schema = schema.to_value();
            structural(&mut schema);
            // The default is the check's, and another check may have another.
            drop_defaults(&mut schema);
            parameters.entry(name).or_insert_with(|| (schema, Vec::new())).1.extend(catalogue.names(check));
        }
    }
    let mut rules = match setting.get("x-kubernetes-validations") {
        Some(Value::Array(rules)) => rules.clone(),
        _ => Vec::new(),
    };
    let mut properties = Map::new();
    for (name, (mut schema, users)) in parameters {
        let quoted: Vec<String> = users.iter().map(|id| format!("'{id}'")).collect();
        let which = match quoted.as_slice() {
            [only] => only.clone(),
            several => format!("one of {}", several.join(", ")),
        };
        let users = quoted.join(", ");
        rules.push(json!({
            "rule": format!("!has(self.parameters) || !has(self.parameters.{name}) || self.name in [{users}]"),
            "message": format!("`parameters.{name}` may only be specified when `name` is {which}"),
            "fieldPath": format!(".parameters.{name}"),
            "reason": "FieldValueForbidden",
        }));
        if let Some(object) = schema.as_object_mut() {
            let said =
                object.get("description").and_then(Value::as_str).unwrap_or_default().trim_end_matches('.');
            let description = format!("{said}. Used by {users}.");
            object.insert("description".to_owned(), description.into());
        }
        properties.insert(name, schema);
    }
    if let Some(name) = setting.pointer_mut("/properties/name").and_then(Value::as_object_mut) {
        name.insert("enum".to_owned(), json!(ids));
    }
    if let Some(parameters) = setting.pointer_mut("/properties/parameters").and_then(Value::as_object_mut) {
        parameters.remove("additionalProperties");
        parameters.insert("properties".to_owned(), properties.into());
    }
    if let Some(object) = setting.as_object_mut() {
        object.insert("x-kubernetes-validations".to_owned(), rules.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::CATALOGUE;

    #[test]
    fn parameters_of_one_name_have_one_shape() {
        let mut shapes: BTreeMap<String, (Value, &str)> = BTreeMap::new();
        for check in CATALOGUE.iter() {
            for (name, schema) in check.rule.schema() {
                let mut schema = schema.to_value();
                drop_defaults(&mut schema);
                if let Some(object) = schema.as_object_mut() {
                    object.remove("description");
                }
                let (known, first) = shapes.entry(name.clone()).or_insert((schema.clone(), check.id));
                assert_eq!(*known, schema, "`{name}` of {} and of {first}", check.id);
            }
        }
    }
}
