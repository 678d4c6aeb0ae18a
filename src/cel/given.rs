//! Values that are made of something else than an object's JSON, for who has types that JSON does not have.

use std::collections::BTreeMap;

use super::value::{Key, Text, Value};

impl<'e> Value<'e> {
    /// A text.
    pub fn of_text(text: &'e str) -> Self {
        Self::lent(text)
    }

    /// A list; `None` where it is nested too deep.
    pub fn of_items(items: impl IntoIterator<Item = Self>) -> Option<Self> {
        Self::list(items.into_iter().collect()).ok()
    }

    /// A map; `None` where it is nested too deep.
    pub fn of_members(members: impl IntoIterator<Item = (&'e str, Self)>) -> Option<Self> {
        let entries: BTreeMap<_, _> =
            members.into_iter().map(|(name, value)| (Key::Text(Text::Lent(name)), value)).collect();
        Self::map(entries).ok()
    }
}
