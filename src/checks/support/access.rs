//! What a ServiceAccount is granted: the bindings that cover it, and the rules of the roles that they name.
//!
//! Not its job: which rules are dangerous (`powers`), and verdicts.

use std::sync::LazyLock;

use crate::data::bootstrap_roles;
use crate::engine::Context;
use crate::model::{AggregationRule, Binding, Found, Kind, Labels, PolicyRule, RoleRules, Selector, Text};

/// A role that a binding grants to a ServiceAccount.
pub(crate) struct Grant<'a> {
    /// RoleBinding or ClusterRoleBinding.
    pub(crate) kind: Kind,
    /// The binding.
    pub(crate) binding: Found<'a, Binding>,
}

/// The roles that are granted to a ServiceAccount of the namespace, cluster-wide ones first.
pub(crate) fn grants_of<'a>(cx: &Context<'a>, account: &Text) -> Vec<Grant<'a>> {
    let of_kind = |kind| {
        let bindings: Vec<Found<'a, Binding>> = cx.reaching(kind);
        bindings.into_iter().map(move |binding| Grant { kind, binding })
    };
    let covers = |grant: &Grant<'_>| {
        let home = &grant.binding.meta.namespace;
        grant.binding.subjects.iter().any(|subject| subject.covers(home, cx.namespace(), account))
    };
    let grants = of_kind(Kind::ClusterRoleBinding).chain(of_kind(Kind::RoleBinding));
    grants.filter(covers).collect()
}

impl<'a> Grant<'a> {
    /// Whether it holds in the cluster as a whole.
    pub(crate) fn is_cluster_wide(&self) -> bool {
        self.kind == Kind::ClusterRoleBinding
    }

    /// Whether it is one of those that every cluster gives to all ServiceAccounts, as a group, by itself.
    pub(crate) fn is_default(&self) -> bool {
        let role = &self.binding.role.name;
        let groups = self.binding.subjects.iter().all(|subject| subject.kind == "Group");
        groups && role.starts_with("system:")
    }

    /// The rules of the role; none where it does not exist.
    pub(crate) fn rules(&self, cx: &Context<'a>) -> Vec<&'a PolicyRule> {
        let role = &self.binding.role;
        if role.kind != "ClusterRole" {
            let found = cx.named_in::<RoleRules>(Kind::Role, &self.binding.meta.namespace, &role.name);
            return found.map(|role| role.facts.rules.iter().collect()).unwrap_or_default();
        }
        let mut rules = Collected { cx, seen: Vec::new(), rules: Vec::new() };
        rules.add_named(&role.name);
        rules.rules
    }

    /// "ClusterRole 'edit' by RoleBinding 'ci'".
    pub(crate) fn words(&self) -> String {
        let (role, meta) = (&self.binding.role, self.binding.meta);
        format!("{} '{}' by {} '{}'", role.kind, role.name, self.kind, meta.name)
    }

    /// Where it holds: "cluster-wide", "in its namespace", "in namespace 'x'".
    pub(crate) fn place(&self, cx: &Context<'_>) -> String {
        match &self.binding.meta.namespace {
            _ if self.is_cluster_wide() => "cluster-wide".to_owned(),
            namespace if namespace == cx.namespace() => "in its namespace".to_owned(),
            namespace => format!("in namespace '{namespace}'"),
        }
    }
}

/// The rules of ClusterRoles, each role counted once.
struct Collected<'c, 'a> {
    cx: &'c Context<'a>,
    seen: Vec<Text>,
    rules: Vec<&'a PolicyRule>,
}

impl<'a> Collected<'_, 'a> {
    fn add_named(&mut self, name: &Text) {
        let known = BOOTSTRAP.iter().find(|(known, _)| known == name);
        let look = || self.cx.named::<RoleRules>(Kind::ClusterRole, name);
        match (known, self.cx.seen(look)) {
            (_, Ok(Some(role))) => self.add(name, role.facts),
            (Some((name, role)), _) => self.add(name, role),
            // Nobody knows what it allows: the look again, so that the verdict says so.
            (None, _) => drop(look()),
        }
    }

    fn add(&mut self, name: &Text, role: &'a RoleRules) {
        // Roles may aggregate each other in a circle.
        if self.seen.contains(name) {
            return;
        }
        self.seen.push(name.clone());
        self.rules.extend(&role.rules);
        let Some(aggregation) = &role.aggregation_rule else { return };
        let known = !role.rules.is_empty();
        for selector in &aggregation.cluster_role_selectors {
            let look = || self.cx.labelled::<RoleRules>(Kind::ClusterRole, selector);
            // The control plane writes the rules into the role, so that a role with rules is known as it is.
            let selected = if known { self.cx.seen(look).unwrap_or_default() } else { look() };
            for other in selected {
                self.add(&other.meta.name, other.facts);
            }
        }
    }
}

/// ClusterRoles that are in every cluster, for where nobody shows them.
static BOOTSTRAP: LazyLock<Vec<(Text, RoleRules)>> = LazyLock::new(|| {
    let texts = |texts: &[&str]| -> Box<[Text]> { texts.iter().map(|text| Text::new(text)).collect() };
    let roles = bootstrap_roles().map(|role| {
        let one = |verbs: &[&str], resource: &str, group: &str| PolicyRule {
            verbs: texts(verbs),
            api_groups: texts(&[group]),
            resources: texts(&[resource]),
            resource_names: Box::default(),
        };
        let rules = role.rules.iter().flat_map(|rule| {
            rule.resources.iter().map(move |(resource, group)| one(&rule.verbs, resource, group))
        });
        let labelled = |label: &&str| {
            let labels: Labels = [(Text::new(label), Text::new("true"))].into_iter().collect();
            Selector::of_labels(labels)
        };
        let selectors: Vec<Selector> = role.aggregates.iter().map(labelled).collect();
        let aggregation = AggregationRule { cluster_role_selectors: selectors };
        (Text::new(role.name), RoleRules { rules: rules.collect(), aggregation_rule: Some(aggregation) })
    });
    roles.collect()
});

/// Whether every cluster has a ClusterRole of this name.
pub(crate) fn is_bootstrap_cluster_role(name: &Text) -> bool {
    name.starts_with("system:") || BOOTSTRAP.iter().any(|(known, _)| known == name)
}

/// Whether the API server or kubeadm makes a Role of this name in a namespace.
pub(crate) fn is_bootstrap_role(namespace: &Text, name: &Text) -> bool {
    (*namespace == "kube-system" || *namespace == "kube-public")
        && (is_of_the_system(name) || *name == "extension-apiserver-authentication-reader")
}

/// Whether a role or binding of this name is the control plane's own.
pub(crate) fn is_of_the_system(name: &Text) -> bool {
    name.starts_with("system:") || name.starts_with("kubeadm:")
}
