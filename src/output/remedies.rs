//! Objects that would be made, as YAML to be committed: what is said of each stands above it as a comment.
//!
//! Not its job: which objects those are (`remedy`).

use serde_json::Value;

use super::clean;

/// An object with comments above it, as a document of a stream.
///
/// # Errors
/// When the YAML library refuses a value, which no manifest holds.
pub fn remedy_yaml(comments: &[String], manifest: &Value) -> Result<String, String> {
    let yaml = serde_saphyr::to_string(manifest);
    let yaml = yaml.map_err(|error| format!("cannot write an object as YAML: {error}"))?;
    // Names come from whoever wrote the input: a line break in one would end the comment.
    let comments = comments.iter().map(|comment| format!("# {}\n", clean(comment)));
    Ok(format!("---\n{}{}\n", comments.collect::<String>(), yaml.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_comment_is_one_line_whatever_it_quotes() {
        let yaml = remedy_yaml(&["for 'a\nkind: Secret'".to_owned()], &json!({"kind": "X"})).unwrap();
        assert_eq!(
            yaml.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(),
            ["---", "kind: X"]
        );
    }
}
