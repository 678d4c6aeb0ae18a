//! One object of ours as YAML, ready for `kubectl apply` and for Git.

use serde::Serialize;

use crate::api::Document;

/// An object as YAML.
///
/// # Errors
/// When the YAML library refuses a value, which no object of ours holds.
pub fn object_yaml<T: Serialize>(kind: &'static str, object: &T) -> Result<String, String> {
    let yaml = serde_saphyr::to_string(&Document::new(kind, object));
    let yaml = yaml.map_err(|error| format!("cannot write the {kind} as YAML: {error}"))?;
    Ok(format!("{}\n", yaml.trim_end()))
}
