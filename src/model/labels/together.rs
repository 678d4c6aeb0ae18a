//! What selectors say together: whether any labels can meet them all, and whether one follows from another.
//!
//! Only what is certain is said. Not its job: selecting (`labels`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Operator, Selector};
use crate::model::Text;

/// What is asked of the value of one key.
#[derive(Debug, Default)]
struct Bounds<'s> {
    present: bool,
    absent: bool,
    among: Option<BTreeSet<&'s Text>>,
    none_of: BTreeSet<&'s Text>,
}

impl<'s> Bounds<'s> {
    fn add(&mut self, operator: Operator, values: impl IntoIterator<Item = &'s Text>) {
        match operator {
            Operator::In => {
                self.present = true;
                let values: BTreeSet<&Text> = values.into_iter().collect();
                self.among = Some(match self.among.take() {
                    Some(others) => others.intersection(&values).copied().collect(),
                    None => values,
                });
            }
            Operator::NotIn => self.none_of.extend(values),
            Operator::Exists => self.present = true,
            Operator::DoesNotExist => self.absent = true,
        }
    }

    /// The values that are left, where they can be counted.
    fn left(&self) -> Option<BTreeSet<&'s Text>> {
        self.among.as_ref().map(|among| among.difference(&self.none_of).copied().collect())
    }

    fn can_be_met(&self) -> bool {
        !(self.present && self.absent) && self.left().is_none_or(|left| !left.is_empty())
    }

    /// Whether what meets this meets a requirement as well.
    fn tells(&self, operator: Operator, values: &BTreeSet<&Text>) -> bool {
        match operator {
            Operator::In => self.left().is_some_and(|left| left.is_subset(values)),
            Operator::NotIn => {
                self.absent
                    || values.is_subset(&self.none_of)
                    || self.left().is_some_and(|left| left.is_disjoint(values))
            }
            Operator::Exists => self.present,
            Operator::DoesNotExist => self.absent,
        }
    }
}

fn bounds<'s>(selectors: &[&'s Selector]) -> BTreeMap<&'s str, Bounds<'s>> {
    let mut of: BTreeMap<&str, Bounds<'_>> = BTreeMap::new();
    for selector in selectors {
        for (key, value) in selector.match_labels.iter() {
            of.entry(key).or_default().add(Operator::In, [value]);
        }
        for requirement in &selector.match_expressions {
            of.entry(&requirement.key).or_default().add(requirement.operator, &requirement.values);
        }
    }
    of
}

impl Selector {
    /// Whether one object could be selected by all of these.
    pub fn can_meet(selectors: &[&Self]) -> bool {
        selectors.iter().all(|selector| !selector.is_invalid())
            && bounds(selectors).values().all(Bounds::can_be_met)
    }

    /// Whether whatever it selects is selected by the other as well.
    pub fn is_within(&self, other: &Self) -> bool {
        let known = bounds(&[self]);
        let nothing = Bounds::default();
        let of = |key: &str| known.get(key).unwrap_or(&nothing);
        let pairs =
            other.match_labels.iter().all(|(key, value)| of(key).tells(Operator::In, &[value].into()));
        let told = |r: &super::Requirement| of(&r.key).tells(r.operator, &r.values.iter().collect());
        !other.is_invalid() && pairs && other.match_expressions.iter().all(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Labels;

    fn selector(json: &str) -> Selector {
        serde_json::from_str(&json.replace('\'', "\"")).unwrap()
    }

    /// One requirement of the key `k`.
    fn requirement(operator: &str, values: &str) -> String {
        format!("{{'key':'k','operator':'{operator}','values':[{values}]}}")
    }

    fn of(requirements: &[String]) -> Selector {
        selector(&format!("{{'matchExpressions':[{}]}}", requirements.join(",")))
    }

    /// Every requirement over the values `a` and `b`, and of the key's presence.
    fn every() -> Vec<String> {
        let mut all: Vec<String> = ["In", "NotIn"]
            .iter()
            .flat_map(|operator| ["'a'", "'b'", "'a','b'"].map(|values| requirement(operator, values)))
            .collect();
        all.extend(["Exists", "DoesNotExist"].map(|operator| requirement(operator, "")));
        all
    }

    /// Every value that matters to those: none, one of them, any other.
    fn worlds() -> Vec<Labels> {
        [None, Some("a"), Some("b"), Some("c")]
            .iter()
            .map(|value| value.iter().map(|value| (Text::new("k"), Text::new(value))).collect())
            .collect()
    }

    #[test]
    fn says_what_trying_every_label_says() {
        let every = every();
        for one in &every {
            for two in &every {
                for three in &every {
                    let left = of(&[one.clone(), two.clone()]);
                    let right = of(std::slice::from_ref(three));
                    let (worlds, tried) = (worlds(), [one, two, three]);
                    let both = worlds.iter().any(|labels| left.matches(labels) && right.matches(labels));
                    assert_eq!(Selector::can_meet(&[&left, &right]), both, "{tried:?}");
                    let within = worlds.iter().all(|labels| !left.matches(labels) || right.matches(labels));
                    // What selects nothing is within everything, and nobody needs to know.
                    if worlds.iter().any(|labels| left.matches(labels)) {
                        assert_eq!(left.is_within(&right), within, "{tried:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn pairs_are_requirements_and_other_keys_are_others() {
        let pair = selector("{'matchLabels':{'k':'a'}}");
        assert!(!Selector::can_meet(&[&pair, &of(&[requirement("NotIn", "'a'")])]));
        assert!(Selector::can_meet(&[&pair, &selector("{'matchLabels':{'l':'b'}}")]));
        assert!(pair.is_within(&of(&[requirement("Exists", "")])) && pair.is_within(&selector("{}")));
        assert!(!selector("{}").is_within(&pair));
        assert!(selector("{'matchLabels':{'k':'a','l':'b'}}").is_within(&pair));
        assert!(!pair.is_within(&selector("{'matchLabels':{'-k':'a'}}")));
    }
}
