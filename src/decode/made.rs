//! Reads what an object that says that Seaworthy made it tells about its writers and its status.
//!
//! Not its job: what follows from it (`remedy::ownership`).

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{DecodeError, part};
use crate::model::{BudgetStanding, COMPONENT_LABEL, Made, Meta, Text, Writer};

#[derive(Default, Deserialize)]
#[serde(default)]
struct MadeWire {
    metadata: MetadataWire,
    status: StatusWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MetadataWire {
    resource_version: Text,
    generation: i64,
    managed_fields: Vec<EntryWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EntryWire {
    manager: Text,
    subresource: Text,
    time: Option<Timestamp>,
    fields_v1: FieldsWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldsWire {
    #[serde(rename = "f:spec")]
    spec: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StatusWire {
    observed_generation: i64,
    conditions: Vec<ConditionWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ConditionWire {
    #[serde(rename = "type")]
    kind: Text,
    status: Text,
    reason: Text,
    last_transition_time: Option<Timestamp>,
}

/// What is known of an object as one that was made; `None` of one that does not say so. `json`: the whole object.
pub(super) fn made(meta: &Meta, json: &str) -> Result<Option<Box<Made>>, DecodeError> {
    if !meta.labels.has(COMPONENT_LABEL) {
        return Ok(None);
    }
    let MadeWire { metadata, status } = part(json, "")?;
    let MetadataWire { resource_version, generation, managed_fields } = metadata;
    // Who writes a status only says how things are.
    let entries = managed_fields.into_iter().filter(|entry| entry.subresource.is_empty());
    let writers = entries.map(|EntryWire { manager, subresource: _, time, fields_v1 }| Writer {
        name: manager,
        owns_spec: fields_v1.spec.is_some(),
        at: time,
    });
    let blocked =
        status.conditions.into_iter().find(|c| c.kind == "DisruptionAllowed" && c.status == "False");
    Ok(Some(Box::new(Made {
        resource_version,
        writers: writers.collect(),
        standing: BudgetStanding {
            observed: generation > 0 && status.observed_generation >= generation,
            blocked: blocked.map(|condition| (condition.reason, condition.last_transition_time)),
        },
    })))
}
