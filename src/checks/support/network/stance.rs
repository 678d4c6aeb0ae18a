//! Several policies, one answer: what becomes of a connection that no narrower rule names.
//!
//! The order is the one in which they are asked: administrators' ClusterNetworkPolicies, Calico's tiers, then all that
//! live in the default tier (NetworkPolicies, Cilium's policies, Calico's without a tier), and the administrators'
//! baseline where none of those isolates. Pure; which policies are about a pod is found in `applied`.

use crate::model::{Action, Kind, PolicySide, Text};

/// The order in which policies are asked, as far as it is the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// ClusterNetworkPolicies of tier Admin.
    Admin,
    /// A tier of Calico; in which order they stand is not known here.
    Tier(Text),
    /// NetworkPolicies, and what stands beside them.
    Default,
    /// ClusterNetworkPolicies of tier Baseline.
    Baseline,
}

/// A policy that is about the pods.
#[derive(Clone, Debug)]
pub(crate) struct Applied<'a> {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its name.
    pub(crate) name: &'a Text,
    /// When it is asked.
    pub(crate) layer: Layer,
    /// When it is asked within its layer: the lowest first.
    pub(crate) order: f64,
    /// What it says about the direction.
    pub(crate) side: PolicySide,
    /// Whether it is certain that it is about the pods.
    pub(crate) certain: bool,
}

/// What the policies do to the pods, for one direction.
#[derive(Clone, Debug)]
pub(crate) enum Stance<'a> {
    /// No policy closes them.
    Untouched,
    /// A policy closes them, and at most exceptions open them again.
    Isolated,
    /// This policy lets everything through.
    Open(Applied<'a>),
    /// It depends on something that nobody knows here: why.
    Unknown(String),
}

impl Stance<'_> {
    fn is_as(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// What policies do together.
pub(crate) fn stance<'a>(mut policies: Vec<Applied<'a>>) -> Stance<'a> {
    policies.sort_by(|a, b| {
        let order = a.layer.cmp(&b.layer).then(a.order.total_cmp(&b.order));
        order.then_with(|| (a.name, a.kind).cmp(&(b.name, b.kind)))
    });
    let with_all = of(policies.iter());
    let Some(doubtful) = policies.iter().find(|policy| !policy.certain) else { return with_all };
    if with_all.is_as(&of(policies.iter().filter(|policy| policy.certain))) {
        return with_all;
    }
    let (kind, name) = (kind_in_words(doubtful.kind), doubtful.name);
    Stance::Unknown(format!(
        "whether {kind} '{name}' selects the pods cannot be told from its selectors here"
    ))
}

/// A policy's kind, in words that tell one API's NetworkPolicy from another's.
pub(crate) fn kind_in_words(kind: Kind) -> String {
    let of_calico = kind.info().group.ends_with("projectcalico.org");
    if of_calico { format!("Calico {kind}") } else { kind.to_string() }
}

/// How a layer ends for a connection that no narrower rule names.
enum End<'p, 'a> {
    Through(&'p Applied<'a>),
    Closed,
    Next,
}

fn of<'p, 'a: 'p>(policies: impl Iterator<Item = &'p Applied<'a>> + Clone) -> Stance<'a> {
    let mut tiers: Vec<End<'p, 'a>> = Vec::new();
    let mut layers: Vec<&Layer> = policies.clone().map(|policy| &policy.layer).collect();
    layers.dedup();
    for layer in layers {
        let isolated = || policies.clone().any(|p| p.layer == Layer::Default && p.side.isolates);
        if *layer == Layer::Baseline && isolated() {
            continue;
        }
        let end = end_of(policies.clone().filter(|policy| policy.layer == *layer));
        if matches!(layer, Layer::Tier(_)) {
            tiers.push(end);
            continue;
        }
        // One that opens and one that closes: which of them comes first decides.
        if let Some(stance) = of_tiers(&tiers).or_else(|| decided(&end)) {
            return stance;
        }
    }
    of_tiers(&tiers).unwrap_or(Stance::Untouched)
}

fn decided<'a>(end: &End<'_, 'a>) -> Option<Stance<'a>> {
    match end {
        End::Through(by) => Some(Stance::Open((*by).clone())),
        End::Closed => Some(Stance::Isolated),
        End::Next => None,
    }
}

fn of_tiers<'a>(tiers: &[End<'_, 'a>]) -> Option<Stance<'a>> {
    let open = tiers.iter().find(|end| matches!(end, End::Through(_)));
    let closed = tiers.iter().find(|end| matches!(end, End::Closed));
    match (open, closed) {
        (Some(End::Through(by)), Some(_)) => Some(Stance::Unknown(format!(
            "{} '{}' opens the pods and a policy of another tier closes them, and the order of tiers is not known here",
            kind_in_words(by.kind),
            by.name
        ))),
        (one, other) => one.or(other).and_then(decided),
    }
}

fn end_of<'p, 'a: 'p>(policies: impl Iterator<Item = &'p Applied<'a>>) -> End<'p, 'a> {
    let mut isolates = false;
    for policy in policies {
        match policy.side.otherwise {
            // Passing on leaves the layer, also where one of it would have closed the pods.
            Some(Action::Pass) => return End::Next,
            Some(Action::Deny) => return End::Closed,
            // What allows without isolating opens what another one closes, and changes nothing by itself.
            Some(Action::Allow) if policy.side.isolates || policy.layer != Layer::Default || isolates => {
                return End::Through(policy);
            }
            _ => {}
        }
        isolates |= policy.side.isolates;
    }
    if isolates { End::Closed } else { End::Next }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(policies: &[(Layer, f64, bool, Option<Action>, bool)]) -> String {
        let names: Vec<Text> = (0..policies.len()).map(|n| Text::new(&n.to_string())).collect();
        let applied =
            policies.iter().zip(&names).map(|((layer, order, isolates, otherwise, certain), name)| {
                let side = PolicySide { isolates: *isolates, otherwise: *otherwise, rules: true };
                let kind = Kind::NetworkPolicy;
                Applied { kind, name, layer: layer.clone(), order: *order, side, certain: *certain }
            });
        match stance(applied.collect()) {
            Stance::Open(by) => format!("open by {}", by.name),
            Stance::Unknown(_) => "unknown".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    #[test]
    fn the_first_that_decides_wins() {
        use Action::{Allow, Deny, Pass};
        use Layer::{Admin, Baseline, Default};
        let tier = || Layer::Tier(Text::new("security"));
        let deny = (Default, 1000.0, true, None, true);
        let open = (Default, 1000.0, true, Some(Allow), true);
        assert_eq!(say(&[]), "untouched");
        assert_eq!(say(std::slice::from_ref(&deny)), "isolated");
        assert_eq!(say(&[deny.clone(), open.clone()]), "open by 1");
        assert_eq!(say(&[(Default, 10.0, true, Some(Deny), true), open.clone()]), "isolated");
        assert_eq!(say(&[(Default, 2000.0, true, Some(Deny), true), open.clone()]), "open by 1");
        assert_eq!(say(&[(Admin, 1.0, false, Some(Deny), true), open.clone()]), "isolated");
        assert_eq!(say(&[(Admin, 1.0, false, None, true)]), "untouched");
        assert_eq!(say(&[(Admin, 1.0, false, Some(Allow), true), deny.clone()]), "open by 0");
        let pass = (Admin, 1.0, false, Some(Pass), true);
        assert_eq!(say(&[pass.clone(), (Admin, 2.0, false, Some(Deny), true)]), "untouched");
        assert_eq!(say(&[pass, (Admin, 2.0, false, Some(Deny), true), deny.clone()]), "isolated");
        assert_eq!(say(&[(Baseline, 1.0, false, Some(Deny), true)]), "isolated");
        assert_eq!(say(&[(Baseline, 1.0, false, Some(Allow), true), deny.clone()]), "isolated");
        assert_eq!(say(&[(tier(), 1.0, true, Some(Pass), true)]), "untouched");
        assert_eq!(say(&[(tier(), 1.0, true, Some(Pass), true), deny.clone()]), "isolated");
        assert_eq!(say(&[(tier(), 1.0, true, None, true), open.clone()]), "isolated");
        let other = (Layer::Tier(Text::new("other")), 1.0, true, Some(Allow), true);
        assert_eq!(say(&[(tier(), 1.0, true, None, true), other]), "unknown");
    }

    #[test]
    fn doubt_counts_only_where_it_changes_the_answer() {
        let deny = |certain| (Layer::Default, 1000.0, true, None, certain);
        assert_eq!(say(&[deny(false)]), "unknown");
        assert_eq!(say(&[deny(true), deny(false)]), "isolated");
        assert_eq!(say(&[deny(true), (Layer::Default, 1.0, true, Some(Action::Allow), false)]), "unknown");
    }
}
