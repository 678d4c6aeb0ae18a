//! `seaworthy checklists`: the published checklists, item by item, with how each stands for what was audited.

use jiff::Timestamp;

use crate::api::Level;
use crate::checks::CATALOGUE;
use crate::model::Inventory;
use crate::output;
use crate::policy::{PolicySet, default_policy};
use crate::report;

use super::args::{ChecklistsArgs, ListFormat};
use super::input::{Read, read};
use super::{End, Failure, print};

pub(super) fn run(args: &ChecklistsArgs) -> Result<End, Failure> {
    let now = args.input.reading.now.unwrap_or_else(Timestamp::now);
    let audited = !args.filename.is_empty();
    let mut items = if audited {
        // Who ticks off a list wants every item looked at, unless a policy says otherwise.
        let Read { loaded, policies, .. } =
            read(&args.filename, &args.input, default_policy(Level::Strict), |_| {})?;
        report::checklists(&loaded.inventory, &policies, &CATALOGUE, now)
    } else {
        report::checklists(&Inventory::offline(false), &PolicySet::default(), &CATALOGUE, now)
    };
    if let Some(list) = args.list {
        items.retain(|answer| answer.item.list == list.checklist());
    }
    print(&match args.output {
        ListFormat::Table => output::checklists(&items, audited),
        ListFormat::Json => output::checklists_json(&items, audited),
    })
}
