//! The namespaces that queries name: `namespace="shop"`, `namespace=~"shop|bank-.*"`.
//!
//! A slim scan and no parser of PromQL: what matters is which names stand there. A pattern that any name matches names
//! nobody. Not its job: whether a query finds anything.

use super::super::Text;
use super::Reach;

/// Namespaces that a text names, each a name or a pattern in which `*` stands for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions(Vec<Text>);

impl Mentions {
    /// Those that a text names.
    pub fn within(text: &str) -> Self {
        let mut found = Self::default();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("namespace") {
            rest = after;
            if let Some((value, is_pattern)) = matched(after) {
                match is_pattern {
                    true => value.split('|').map(glob).for_each(|part| found.add(&part)),
                    false => found.add(value),
                }
            }
        }
        found
    }

    /// Adds a name or pattern, unless it is there or matches every name.
    pub fn add(&mut self, name: &str) {
        let names_anybody = name.chars().all(|c| c == '*') || name.contains('$');
        if !names_anybody && !self.0.iter().any(|known| *known == name) {
            self.0.push(Text::new(name));
        }
    }

    /// Adds all of others.
    pub fn extend(&mut self, others: Self) {
        others.0.iter().for_each(|name| self.add(name));
    }

    /// Whether a namespace is named.
    pub fn include(&self, namespace: &str) -> bool {
        self.0.iter().any(|pattern| fits(pattern, namespace))
    }

    pub(super) fn reach(&self) -> Reach {
        if self.0.is_empty() { Reach::Namespace } else { Reach::Cluster }
    }
}

/// The value after a label's name, and whether it is a pattern; `None` where it is not asked to be anything.
fn matched(after: &str) -> Option<(&str, bool)> {
    let after = after.trim_start().strip_prefix('=')?;
    let (after, is_pattern) = after.strip_prefix('~').map_or((after, false), |rest| (rest, true));
    // Within JSON the quotes of a query are escaped.
    let after = after.trim_start().trim_start_matches('\\');
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let (value, _) = after.strip_prefix(quote)?.split_once(quote)?;
    Some((value.trim_end_matches('\\'), is_pattern))
}

/// An alternative of a pattern: literal text, and `*` for all that is not.
fn glob(alternative: &str) -> String {
    let mut name = String::new();
    for c in alternative.trim_start_matches(['^', '(']).trim_end_matches(['$', ')']).chars() {
        let literal = c.is_ascii_alphanumeric() || c == '-' || c == '$';
        match literal {
            true => name.push(c),
            false if name.ends_with('*') => {}
            false => name.push('*'),
        }
    }
    name
}

fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    let ends = || name.char_indices().map(|(at, _)| at).chain([name.len()]);
    ends().any(|at| name.get(at..).is_some_and(|tail| fits(rest, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Mentions::within(text).0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_stand_in_equalities() {
        assert_eq!(
            names(r#"up{job="a", namespace="shop"} + x{exported_namespace = 'bank'}"#),
            ["shop", "bank"]
        );
        assert_eq!(names(r#"{"expr": "up{namespace=\"shop\"}"}"#), ["shop"]);
        assert!(names(r#"up{namespace!="shop"} * on(namespace) y{namespace!~"a|b"}"#).is_empty());
    }

    #[test]
    fn patterns_name_whom_they_can_match() {
        assert_eq!(names(r#"up{namespace=~"shop|^bank-.*$"}"#), ["shop", "bank-*"]);
        assert!(
            names(r#"up{namespace=~".*"} + up{namespace=~".+"} + up{namespace=~"$namespace"}"#).is_empty()
        );
        let mentions = Mentions::within(r#"up{namespace=~"(shop|team-.+-prod)"}"#);
        assert!(mentions.include("shop") && mentions.include("team-a-prod"));
        assert!(!mentions.include("shop-2") && !mentions.include("team-a-test"));
    }
}
