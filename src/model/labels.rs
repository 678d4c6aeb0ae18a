//! Labels, and label selectors with Kubernetes' exact meaning.
//!
//! A selector that is absent (`None`) selects nothing and `{}` selects everything; which of the two an API field
//! means when unset is for the caller to know. Not its job: finding the objects that a selector selects (see `index`).

mod together;

use serde::Deserialize;

use super::Text;

/// The labels of an object, sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(Box<[(Text, Text)]>);

impl Labels {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Text> {
        let at = self.0.binary_search_by(|(k, _)| k.as_str().cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Whether `key` is there, with whatever value.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// All pairs, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Text)> {
        self.0.iter().map(|(k, v)| (k, v))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Text, Text)> for Labels {
    fn from_iter<I: IntoIterator<Item = (Text, Text)>>(pairs: I) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort();
        pairs.dedup_by(|later, earlier| later.0 == earlier.0);
        Self(pairs.into())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::<Text, Text>::deserialize(deserializer)?;
        Ok(Self(map.into_iter().collect()))
    }
}

/// How a requirement relates a key to its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Operator {
    /// The key is there and its value is one of the values.
    In,
    /// The key is not there, or its value is none of the values.
    NotIn,
    /// The key is there.
    Exists,
    /// The key is not there.
    DoesNotExist,
}

/// One requirement of `matchExpressions`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Requirement {
    /// The label key.
    pub key: Text,
    /// The relation.
    pub operator: Operator,
    /// The values; empty for `Exists` and `DoesNotExist`.
    #[serde(default)]
    pub values: Vec<Text>,
}

/// A label selector (`metav1.LabelSelector`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selector {
    /// Pairs that must all be there.
    pub match_labels: Labels,
    /// Requirements that must all hold.
    pub match_expressions: Vec<Requirement>,
}

/// Labels that controllers add to the pods they make, so that no template shows them.
const ADDED_BY_CONTROLLERS: &[&str] = &[
    "apps.kubernetes.io/pod-index",
    "controller-revision-hash",
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

pub(super) fn added_by_controllers(key: &str) -> bool {
    ADDED_BY_CONTROLLERS.contains(&key) || key.starts_with("batch.kubernetes.io/")
}

impl Selector {
    /// A selector of plain pairs, as Services and ReplicationControllers have it.
    pub fn of_labels(match_labels: Labels) -> Self {
        Self { match_labels, match_expressions: Vec::new() }
    }

    /// Whether it selects everything (`{}`).
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// Whether no controller can use it: `In`/`NotIn` without values, `Exists`/`DoesNotExist` with some, or a key or
    /// value that no label can have. Such a selector selects nothing.
    pub fn is_invalid(&self) -> bool {
        let pairs_fit = self.match_labels.iter().all(|(key, value)| is_key(key) && is_value(value));
        !pairs_fit || self.match_expressions.iter().any(Requirement::is_invalid)
    }

    /// Whether an object with these labels is selected.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.first_miss(labels, |_| false).is_none() && !self.is_invalid()
    }

    /// Whether pods made from a template with these labels will be selected.
    /// Labels that controllers add count as met, since the template cannot show them.
    pub fn matches_template(&self, labels: &Labels) -> bool {
        self.first_miss(labels, added_by_controllers).is_none() && !self.is_invalid()
    }

    /// The keys that keep a template with these labels from being selected; at most all of them.
    pub fn missing_keys(&self, labels: &Labels) -> Vec<&Text> {
        let pairs = self.match_labels.iter().filter(|(k, v)| !pair_met(labels, k, v)).map(|(k, _)| k);
        let rest = self.match_expressions.iter().filter(|r| !r.met(labels)).map(|r| &r.key);
        pairs.chain(rest).filter(|key| !added_by_controllers(key)).collect()
    }

    /// Whether what it says of one key lets a label with this value be.
    pub fn allows(&self, key: &str, value: &Text) -> bool {
        let pair = self.match_labels.get(key).is_none_or(|wanted| wanted == value);
        let met = |r: &Requirement| match r.operator {
            Operator::In => r.values.contains(value),
            Operator::NotIn => !r.values.contains(value),
            Operator::Exists => true,
            Operator::DoesNotExist => false,
        };
        pair && self.match_expressions.iter().filter(|r| r.key == key).all(met)
    }

    /// How many requirements there are in all.
    pub fn len(&self) -> usize {
        self.match_labels.iter().count() + self.match_expressions.len()
    }

    fn first_miss(&self, labels: &Labels, assumed: fn(&str) -> bool) -> Option<&Text> {
        let pair = self.match_labels.iter().find(|(k, v)| !pair_met(labels, k, v) && !assumed(k));
        let rest = || self.match_expressions.iter().find(|r| !r.met(labels) && !assumed(&r.key));
        pair.map(|(k, _)| k).or_else(|| rest().map(|r| &r.key))
    }
}

fn pair_met(labels: &Labels, key: &str, value: &Text) -> bool {
    labels.get(key) == Some(value)
}

/// Whether a label can have this key: a name, or a DNS subdomain, a slash and a name (`IsQualifiedName`).
fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_name(name),
        None => is_name(key),
    }
}

/// Whether a label can have this value: none, or a name.
fn is_value(value: &str) -> bool {
    value.is_empty() || is_name(value)
}

fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=63).contains(&name.len()) && name.bytes().all(inner) && has_firm_ends(name)
}

fn is_subdomain(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(inner) && has_firm_ends(label);
    name.len() <= 253 && name.split('.').all(is_label)
}

fn has_firm_ends(text: &str) -> bool {
    let ends = [text.bytes().next(), text.bytes().next_back()];
    ends.iter().all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()))
}

impl Requirement {
    fn is_invalid(&self) -> bool {
        let values_fit = match self.operator {
            Operator::In | Operator::NotIn => !self.values.is_empty(),
            Operator::Exists | Operator::DoesNotExist => self.values.is_empty(),
        };
        !values_fit || !is_key(&self.key) || !self.values.iter().all(|value| is_value(value))
    }

    fn met(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|v| self.values.contains(v)),
            Operator::NotIn => value.is_none_or(|v| !self.values.contains(v)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(json: &str) -> Selector {
        serde_json::from_str(json).unwrap()
    }

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(k, v)| (Text::new(k), Text::new(v))).collect()
    }

    #[test]
    fn empty_selects_everything() {
        assert!(selector("{}").matches(&labels(&[])));
        assert!(selector("{}").matches(&labels(&[("a", "b")])));
    }

    #[test]
    fn not_in_holds_for_an_absent_key() {
        let s = selector(r#"{"matchExpressions":[{"key":"tier","operator":"NotIn","values":["db"]}]}"#);
        assert!(s.matches(&labels(&[])));
        assert!(s.matches(&labels(&[("tier", "web")])));
        assert!(!s.matches(&labels(&[("tier", "db")])));
    }

    #[test]
    fn all_requirements_must_hold() {
        let s = selector(
            r#"{"matchLabels":{"app":"a"},"matchExpressions":[{"key":"x","operator":"Exists"},{"key":"y","operator":"DoesNotExist"}]}"#,
        );
        assert!(s.matches(&labels(&[("app", "a"), ("x", "")])));
        assert!(!s.matches(&labels(&[("app", "a")])));
        assert!(!s.matches(&labels(&[("app", "a"), ("x", ""), ("y", "")])));
        assert_eq!(s.missing_keys(&labels(&[("x", "1")])), ["app"]);
    }

    #[test]
    fn an_invalid_selector_selects_nothing() {
        let s = selector(r#"{"matchExpressions":[{"key":"x","operator":"NotIn","values":[]}]}"#);
        assert!(s.is_invalid() && !s.matches(&labels(&[])));
    }

    #[test]
    fn what_no_label_can_have_makes_a_selector_invalid() {
        for key in ["", "a b", "-a", "a/", "/a", "a/b/c", "A.com/a", "a..b/c", &"a".repeat(64)] {
            let s =
                selector(&format!(r#"{{"matchExpressions":[{{"key":"{key}","operator":"DoesNotExist"}}]}}"#));
            assert!(s.is_invalid() && !s.matches(&labels(&[])), "{key}");
        }
        assert!(
            selector(r#"{"matchExpressions":[{"key":"a","operator":"NotIn","values":["b c"]}]}"#)
                .is_invalid()
        );
        assert!(!selector(r#"{"matchLabels":{"example.com/A_b.c-d":"","a":"B.1"}}"#).is_invalid());
    }

    #[test]
    fn labels_of_controllers_count_as_met_on_a_template() {
        let s = selector(r#"{"matchLabels":{"app":"a","statefulset.kubernetes.io/pod-name":"a-0"}}"#);
        assert!(s.matches_template(&labels(&[("app", "a")])));
        assert!(!s.matches(&labels(&[("app", "a")])));
        assert!(!s.matches_template(&labels(&[("app", "b")])));
    }
}
