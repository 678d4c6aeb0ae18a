//! ClusterRoles that every API server makes for itself, with what they allow as far as checks ask.

use super::Table;

pub(super) static TABLE: Table = Table {
    file: "bootstrap-roles.txt",
    columns: &["name", "aggregates", "rules"],
    text: include_str!("bootstrap-roles.txt"),
};

/// A ClusterRole of every cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootstrapRole {
    /// Its name.
    pub name: &'static str,
    /// The labels, with value `true`, of the ClusterRoles that the control plane adds to it.
    pub aggregates: Vec<&'static str>,
    /// What it allows.
    pub rules: Vec<BootstrapRule>,
}

/// Verbs on resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootstrapRule {
    /// The verbs.
    pub verbs: Vec<&'static str>,
    /// The resources, each with its group.
    pub resources: Vec<(&'static str, &'static str)>,
}

/// The ClusterRoles of every cluster whose rules are known.
pub fn bootstrap_roles() -> impl Iterator<Item = BootstrapRole> {
    TABLE.rows().filter_map(|row| match row.as_slice() {
        [name, aggregates, rules] => Some(BootstrapRole {
            name,
            aggregates: aggregates.split_whitespace().filter(|label| *label != "-").collect(),
            rules: rules.split(';').filter_map(rule).collect(),
        }),
        _ => None,
    })
}

fn rule(text: &'static str) -> Option<BootstrapRule> {
    let (verbs, resources) = text.trim().split_once(':')?;
    let resource = |resource: &'static str| resource.split_once('.').unwrap_or((resource, ""));
    Some(BootstrapRule {
        verbs: verbs.split(',').collect(),
        resources: resources.split(',').map(resource).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let roles: Vec<BootstrapRole> = bootstrap_roles().collect();
        let of = |name: &str| roles.iter().find(|role| role.name == name).unwrap();
        let all = BootstrapRule { verbs: vec!["*"], resources: vec![("*", "*")] };
        assert_eq!(of("cluster-admin").rules, [all]);
        let edit = of("edit");
        assert_eq!(edit.aggregates.len(), 2);
        assert!(edit.rules.iter().any(|rule| rule.resources.contains(&("deployments", "apps"))));
        assert!(roles.iter().all(|role| !role.rules.is_empty()));
    }
}
