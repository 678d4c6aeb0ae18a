//! Reads workloads of kinds that policies declare: where their parts stand, the declaration says.
//!
//! Not its job: what is known of such a kind beyond its template, replicas and selector: nothing is.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::workload::SelectorWire;
use super::{Body, DecodeError, part};
use crate::model::{DeclaredKind, Meta, PodTemplate, Record, Rolling, Selector, Strategy, Text, Workload};

pub(super) fn workload(kind: DeclaredKind, meta: Meta, body: &Body<'_>) -> Result<Record, DecodeError> {
    let Some(declaration) = kind.declaration() else {
        return Err(DecodeError { field: String::new(), reason: "its kind is not declared".to_owned() });
    };
    let whole: Value = part(body.whole, "")?;
    let template: Option<PodTemplate> = at(&whole, &declaration.template)?;
    let Some(template) = template else {
        let reason = "there is no pod template where `workloadKinds` of a policy says that it stands";
        return Err(DecodeError { field: declaration.template.clone(), reason: reason.to_owned() });
    };
    let replicas: Option<i64> = at(&whole, &declaration.replicas)?;
    let selector: Option<SelectorWire> = at(&whole, &declaration.selector)?;
    Ok(Record::Workload(Box::new(Workload {
        kind: kind.into(),
        replicas,
        replicas_from: body.replicas_by.replicas_from(replicas),
        suspended: false,
        strategy: Strategy::default(),
        rolling: Rolling::default(),
        job: None,
        selector: selector.map(Selector::from),
        template,
        template_ref: None,
        service_name: Text::default(),
        claim_templates: Vec::new(),
        availability: None,
        meta,
    })))
}

/// What stands at a path; nothing where the path ends before, or in null.
fn at<T: DeserializeOwned>(whole: &Value, path: &str) -> Result<Option<T>, DecodeError> {
    let found = path.split('.').try_fold(whole, |value, member| value.get(member));
    found.filter(|value| !value.is_null()).map(|value| part(&value.to_string(), path)).transpose()
}
