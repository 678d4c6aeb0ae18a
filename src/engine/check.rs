//! A check: its data, its rule and its page in one place; and the catalogue that holds them.

use super::{Page, Rule};
use crate::api::{Category, Level, Severity};

/// Where a check gets what it needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sees {
    /// From the object and its pod template alone.
    Template,
    /// From related objects as well.
    Related,
    /// From what runs: no manifest can show it.
    Live,
    /// From the manifest as it was written: no live object can show it.
    Manifest,
}

impl Sees {
    /// The word for it in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Template => "Template",
            Self::Related => "Related",
            Self::Live => "Live",
            Self::Manifest => "Manifest",
        }
    }
}

/// A check. Everything that documents, schemas and listings say about it comes from here.
#[derive(Debug)]
pub struct Check {
    /// Names the problem, and reads well after "ignore": `too-few-replicas`.
    pub id: &'static str,
    /// One line: the requirement.
    pub title: &'static str,
    /// What it is about.
    pub category: Category,
    /// How bad a failure is, unless a policy or a finding says otherwise.
    pub severity: Severity,
    /// The profile where it starts; `None`: only where a policy asks for it.
    pub profile: Level,
    /// Where it gets what it needs to know.
    pub sees: Sees,
    /// The items of published checklists that it answers for, and `PE`, `PSS`.
    pub sources: &'static [&'static str],
    /// What to do, in one sentence.
    pub remediation: &'static str,
    /// How it judges.
    pub rule: &'static dyn Rule,
    /// Its page: documentation, and the examples that are its tests.
    pub page: &'static str,
}

impl Check {
    /// The page, taken apart.
    pub fn page(&self) -> Page<'static> {
        Page::parse(self.page)
    }
}

/// The checks there are, in the order of documents and listings.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    groups: &'static [&'static [&'static Check]],
    renamed: &'static [(&'static str, &'static str)],
}

impl Catalogue {
    /// A catalogue of groups, one a category.
    pub const fn new(groups: &'static [&'static [&'static Check]]) -> Self {
        Self { groups, renamed: &[] }
    }

    /// The same, with the names that checks had before: each with the id of the check that it means now.
    #[must_use]
    pub const fn with_renamed(self, renamed: &'static [(&'static str, &'static str)]) -> Self {
        Self { renamed, ..self }
    }

    /// Every check, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static Check> + use<> {
        self.groups.iter().flat_map(|group| group.iter().copied())
    }

    /// The id that was probably meant by a name that is none.
    pub fn nearest(&self, written: &str) -> Option<&'static str> {
        let by_distance = self.iter().map(|check| (strsim::osa_distance(written, check.id), check.id));
        by_distance.filter(|(distance, _)| *distance <= 1 + written.len() / 4).min().map(|(_, id)| id)
    }

    /// The check of this id, or the one that had this name before.
    pub fn get(&self, id: &str) -> Option<&'static Check> {
        let of_id = |id: &str| self.iter().find(|check| check.id == id);
        of_id(id).or_else(|| self.renamed.iter().find(|(old, _)| *old == id).and_then(|(_, new)| of_id(new)))
    }

    /// Every name under which a check can be asked for: its id, and those that it had before.
    pub fn names(&self, check: &Check) -> impl Iterator<Item = &'static str> + use<> {
        let id = check.id;
        let before = self.renamed.iter().filter(move |(_, new)| *new == id).map(|(old, _)| *old);
        [id].into_iter().chain(before)
    }
}
