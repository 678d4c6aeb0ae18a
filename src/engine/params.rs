//! Typed parameters of checks, and how they travel between a policy's JSON and a check's function.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::{LabelSelector, LabelSelectorRequirement, SelectorOperator};
use crate::model::{Operator, Requirement, Selector, Text};

/// The parameters of a check: plain data with defaults. Field names are the API's, in camelCase, with their unit.
pub trait Params: DeserializeOwned + Serialize + JsonSchema + Default + Send + Sync + 'static {}

impl<T: DeserializeOwned + Serialize + JsonSchema + Default + Send + Sync + 'static> Params for T {}

/// For checks without parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// Parameters that were parsed for the check that they belong to.
#[derive(Clone)]
pub struct ParamValue {
    typed: Arc<dyn Any + Send + Sync>,
    written: Arc<str>,
}

impl ParamValue {
    /// Wraps parameters.
    pub fn new<P: Params>(params: P) -> Self {
        let written = serde_json::to_string(&params).unwrap_or_default();
        Self { typed: Arc::new(params), written: written.into() }
    }

    /// Wraps what was made ready from parameters; `written`: what they say, by which two values are compared.
    pub fn prepared<P: Any + Send + Sync>(typed: P, written: &str) -> Self {
        Self { typed: Arc::new(typed), written: written.into() }
    }

    /// The parameters as their own type.
    pub fn get<P: Any>(&self) -> Option<&P> {
        self.typed.downcast_ref()
    }

    /// As JSON, every default filled in.
    pub fn as_json(&self) -> &str {
        &self.written
    }
}

impl fmt::Debug for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Two values of one check are equal when they say the same.
impl PartialEq for ParamValue {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

/// Why parameters were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameters{}: {reason}", if field.is_empty() { String::new() } else { format!(".{field}") })]
pub struct ParamError {
    /// The member at fault; empty when it is all of them.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

/// A label selector that somebody wrote in a policy, as the model has it.
pub fn selector(written: &LabelSelector) -> Selector {
    let requirement = |r: &LabelSelectorRequirement| Requirement {
        key: Text::new(&r.key),
        operator: match r.operator {
            SelectorOperator::In => Operator::In,
            SelectorOperator::NotIn => Operator::NotIn,
            SelectorOperator::Exists => Operator::Exists,
            SelectorOperator::DoesNotExist => Operator::DoesNotExist,
        },
        values: r.values.iter().map(|v| Text::new(v)).collect(),
    };
    Selector {
        match_labels: written.match_labels.iter().map(|(k, v)| (Text::new(k), Text::new(v))).collect(),
        match_expressions: written.match_expressions.iter().map(requirement).collect(),
    }
}

/// Parses parameters; what is not given has its default.
pub(super) fn parse<P: Params>(given: &BTreeMap<String, Value>) -> Result<ParamValue, ParamError> {
    let object = Value::Object(given.iter().map(|(k, v)| (k.clone(), v.clone())).collect());
    match serde_path_to_error::deserialize::<_, P>(object) {
        Ok(params) => Ok(ParamValue::new(params)),
        Err(error) => {
            let path = error.path().to_string();
            let field = if path == "." { String::new() } else { path };
            Err(ParamError { field, reason: error.into_inner().to_string() })
        }
    }
}

/// The schema of each member.
pub(super) fn schema<P: Params>() -> BTreeMap<String, Schema> {
    let mut generator =
        schemars::generate::SchemaSettings::openapi3().with(|s| s.inline_subschemas = true).into_generator();
    let root = generator.root_schema_for::<P>();
    let properties = root.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    properties.into_iter().filter_map(|(name, schema)| Some((name, Schema::try_from(schema).ok()?))).collect()
}
