//! JSON for machines, indented and with a line break at its end.

use serde::Serialize;

/// A value as text. What is written here has no value that JSON has not.
pub fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
