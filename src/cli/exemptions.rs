//! What the command line says of exemptions: a line each in the table, and notes about those that need a look.
//!
//! Not its job: how one stands (`policy`), or how a line looks (`output`).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::api::{EVERY_CHECK, EXEMPTION_KIND, ExemptionState, POLICY_KIND};
use crate::checks::CATALOGUE;
use crate::manifest::Loaded;
use crate::model::{Kind, SubjectKey, Text};
use crate::output::{ExemptionRow, clean};
use crate::policy::{
    Checks, Exemption, ExemptionId, Ledger, PolicySet, breadth, breadth_message, stand, unknown_names,
};

use super::say;

/// Where each ComplianceExemption was read.
pub(super) type Origins = BTreeMap<ExemptionId, String>;

/// Each exemption with how it stands: what works first, what needs a look last, nearest to the end.
pub(super) fn rows(
    ledger: &Ledger,
    policies: &PolicySet,
    loaded: &Loaded,
    origins: &Origins,
    now: Timestamp,
) -> Vec<ExemptionRow> {
    let row = |exemption: &Exemption, used| {
        let stand = stand(exemption, used, &unknown_names(exemption, policies, &CATALOGUE), now);
        ExemptionRow {
            state: stand.state,
            name: name(&exemption.id),
            checks: match &exemption.checks {
                Checks::Every => EVERY_CHECK.to_owned(),
                Checks::Named(names) => names.iter().map(Text::as_str).collect::<Vec<_>>().join(", "),
            },
            place: place(&exemption.id, loaded, origins),
            message: match exemption.reason.is_empty() {
                true => stand.message,
                false => format!("{} ({})", stand.message, exemption.reason),
            },
            over_broad: breadth(exemption, &CATALOGUE).map(|breadth| breadth_message(exemption, breadth)),
        }
    };
    let mut rows: Vec<ExemptionRow> = ledger.iter().map(|(exemption, used)| row(exemption, used)).collect();
    rows.sort_by_key(|row| row.state);
    rows
}

fn name(id: &ExemptionId) -> String {
    match id {
        ExemptionId::Entry { policy, name } => format!("{POLICY_KIND} {policy}, exemption {name}"),
        ExemptionId::Object { namespace, name } => format!("{EXEMPTION_KIND} {namespace}/{name}"),
        ExemptionId::Annotation { on: SubjectKey::Namespace(name), .. } => {
            format!("annotation of {} {name}", Kind::Namespace)
        }
        ExemptionId::Annotation { on: SubjectKey::Workload(id), .. } => {
            format!("annotation of {} {}/{}", id.kind, id.namespace, id.name)
        }
    }
}

fn place(id: &ExemptionId, loaded: &Loaded, origins: &Origins) -> Option<String> {
    let document = match id {
        ExemptionId::Entry { .. } | ExemptionId::Object { .. } => return origins.get(id).cloned(),
        ExemptionId::Annotation { on: SubjectKey::Namespace(name), .. } => {
            loaded.document(Kind::Namespace, &Text::default(), name)
        }
        ExemptionId::Annotation { on: SubjectKey::Workload(id), .. } => {
            loaded.document(id.kind, &id.namespace, &id.name)
        }
    };
    Some(document?.place("metadata.annotations"))
}

/// Says what needs a look: what is over-broad, and where there is no table to show it, what is refused.
pub(super) fn warn(rows: &[ExemptionRow], has_table: bool) {
    for row in rows {
        let refused = row.state == ExemptionState::Refused && !has_table;
        let refused = refused.then(|| format!("is refused: {}", row.message));
        let over_broad = row.over_broad.as_ref().map(|why| format!("is over-broad: {why}"));
        for what in [refused, over_broad].into_iter().flatten() {
            let place = row.place.as_ref().map_or(String::new(), |place| format!("{place}: "));
            say(&clean(&format!("note: {place}{} {what}", row.name)));
        }
    }
}
