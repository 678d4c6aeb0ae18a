//! The items of the published checklists, and the practices that people attest.
//!
//! Which checks answer for an item is not here: a check names its items itself (`Check::sources`).

use super::Table;

pub(super) static ITEMS: Table =
    Table { file: "checklists.txt", columns: &["id", "item"], text: include_str!("checklists.txt") };

pub(super) static PRACTICES: Table =
    Table { file: "practices.txt", columns: &["name", "items"], text: include_str!("practices.txt") };

/// A published checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checklist {
    /// Stakater, go-live checklist.
    Stakater,
    /// SysEleven, Production Grade Applications in Kubernetes.
    SysEleven,
    /// Restrepo, Kubernetes Best Practices for Production Deployments.
    Restrepo,
    /// Haptik, Kubernetes Production Best Practices.
    Haptik,
}

impl Checklist {
    /// All of them, in the order of documents.
    pub const ALL: [Self; 4] = [Self::Stakater, Self::SysEleven, Self::Restrepo, Self::Haptik];

    /// What the ids of its items begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Stakater => "ST-",
            Self::SysEleven => "SE-",
            Self::Restrepo => "RE-",
            Self::Haptik => "HA-",
        }
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Stakater => "Stakater, go-live checklist",
            Self::SysEleven => "SysEleven, Production Grade Applications in Kubernetes",
            Self::Restrepo => "Restrepo, Kubernetes Best Practices for Production Deployments",
            Self::Haptik => "Haptik, Kubernetes Production Best Practices",
        }
    }
}

/// An item of a checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The list that it stands in.
    pub list: Checklist,
    /// Its id, as `Check::sources` name it: `ST-08`.
    pub id: &'static str,
    /// What it asks for, in our words.
    pub text: &'static str,
}

/// A practice that no API shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    /// Its name: `load-test`.
    pub name: &'static str,
    /// The ids of the items that it answers for.
    pub items: Vec<&'static str>,
}

/// Every item of every list, in their order.
pub fn checklist_items() -> impl Iterator<Item = Item> {
    ITEMS.rows().filter_map(|row| match *row.as_slice() {
        [id, text] => {
            let list = Checklist::ALL.into_iter().find(|list| id.starts_with(list.prefix()))?;
            Some(Item { list, id, text })
        }
        _ => None,
    })
}

/// Every practice that has a name of its own; policies may ask for others.
pub fn practices() -> impl Iterator<Item = Practice> {
    PRACTICES.rows().filter_map(|row| match *row.as_slice() {
        [name, items] => {
            Some(Practice { name, items: items.split_whitespace().filter(|item| *item != "-").collect() })
        }
        _ => None,
    })
}
