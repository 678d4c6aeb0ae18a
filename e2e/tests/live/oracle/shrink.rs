//! Makes a failing input small, so that a person sees at once what it is about.

use serde_json::Value;

/// The value with everything taken out that `fails` does not need.
pub fn shrink(value: &Value, mut fails: impl FnMut(&Value) -> bool) -> Value {
    let mut value = value.clone();
    loop {
        let mut paths = Vec::new();
        walk(&value, "", &mut paths);
        // What is large first: most of it goes at once.
        let smaller = paths.iter().find_map(|path| {
            let candidate = without(&value, path)?;
            fails(&candidate).then_some(candidate)
        });
        match smaller {
            Some(smaller) => value = smaller,
            None => return value,
        }
    }
}

/// The JSON pointers of all that is in a value, parents first.
fn walk(value: &Value, at: &str, paths: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, value)| (escape(key), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (name, part) in parts {
        let path = format!("{at}/{name}");
        paths.push(path.clone());
        walk(part, &path, paths);
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn without(value: &Value, path: &str) -> Option<Value> {
    let mut value = value.clone();
    let (parent, name) = path.rsplit_once('/')?;
    match value.pointer_mut(parent)? {
        Value::Object(members) => {
            members.remove(&name.replace("~1", "/").replace("~0", "~"))?;
        }
        Value::Array(items) => {
            items.remove(name.parse().ok()?);
        }
        _ => return None,
    }
    Some(value)
}

#[test]
fn only_what_matters_stays() {
    let value = serde_json::json!({"a/b": [1, 2, {"c": 3}], "d": {"e": 5}});
    let small = shrink(&value, |value| value.to_string().contains("\"c\":3"));
    assert_eq!(small, serde_json::json!({"a/b": [{"c": 3}]}));
}
