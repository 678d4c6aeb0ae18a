//! Facts about the world that change without us: registries that closed, names of time zones, and their like.
//!
//! Each is a text file in this folder, embedded, so that a correction is a line and not code: a table whose columns
//! are separated by bars, with its column names in the first line and comments after `#`. Every fact says where it
//! comes from and when that was true: in columns `source` and `date`, or, for a file as a whole, in comments
//! `# source: ...` and `# date: ...`.
//!
//! To add a table: the file, its `static` and its typed rows in this folder, and its line in `TABLES`, whose test
//! proves that each line parses. Reading is lenient, as nothing here may panic: a line that is no row is left out.
//! Not its job: judging anything by these facts (`checks`).

mod annotations;
mod api_versions;
mod bootstrap_roles;
mod checklists;
mod fields;
mod local_provisioners;
mod observers;
mod operator_secrets;
mod profiles;
mod registries;
mod runtime_sockets;
mod sysctls;
mod time_zones;

pub use annotations::{AnnotationMeaning, annotations_meaning};
pub use api_versions::{ApiLife, NEWEST_KUBERNETES, api_life};
pub use bootstrap_roles::{BootstrapRole, BootstrapRule, bootstrap_roles};
pub use checklists::{Checklist, Item, Practice, checklist_items, practices};
pub use fields::{FieldNames, Holds, fields_of};
pub use local_provisioners::is_local_provisioner;
pub use observers::{configures_tracing, is_log_shipper, is_tracer};
pub use operator_secrets::operator_of_secret;
pub use profiles::{ProfileVersion, profile_versions};
pub use registries::{FrozenRegistry, frozen_registry};
pub use runtime_sockets::{RuntimeSocket, runtime_sockets};
pub use sysctls::is_safe_sysctl;

pub use time_zones::{is_time_zone, time_zone_like};

/// An embedded table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The file's name in this folder.
    pub file: &'static str,
    /// The columns that its first line must name, in this order.
    pub columns: &'static [&'static str],
    /// All of it.
    pub text: &'static str,
}

/// Every table there is.
pub const TABLES: &[&Table] = &[
    &bootstrap_roles::TABLE,
    &annotations::TABLE,
    &checklists::ITEMS,
    &checklists::PRACTICES,
    &local_provisioners::TABLE,
    &operator_secrets::TABLE,
    &profiles::V1_0,
    &api_versions::TABLE,
    &fields::TABLE,
    &registries::TABLE,
    &time_zones::TABLE,
    &runtime_sockets::TABLE,
    &sysctls::TABLE,
    &observers::LOG_SHIPPERS,
    &observers::TRACERS,
];

impl Table {
    /// The rows, each with a value for each column.
    pub fn rows(&self) -> impl Iterator<Item = Vec<&'static str>> + use<> {
        let columns = self.columns.len();
        self.lines().skip(1).map(cells).filter(move |row| row.len() == columns)
    }

    /// The lines that are neither empty nor comments: the first names the columns.
    fn lines(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    }
}

fn cells(line: &'static str) -> Vec<&'static str> {
    line.split('|').map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_date(text: &str) -> bool {
        text.parse::<jiff::civil::Date>().is_ok()
    }

    #[test]
    fn every_line_parses_and_has_a_source_and_a_date() {
        for table in TABLES {
            let columns = cells(table.lines().next().unwrap());
            assert_eq!(columns, table.columns, "{}", table.file);
            let comment = |key: &str| table.text.lines().find_map(|line| line.strip_prefix(key));
            let (source, date) = (comment("# source: "), comment("# date: "));
            for line in table.lines().skip(1) {
                let row = cells(line);
                assert_eq!(row.len(), table.columns.len(), "{}: {line}", table.file);
                let cell = |column: &str| columns.iter().position(|name| *name == column).map(|at| row[at]);
                // A published document is named by its title where it has no lasting address.
                let named = source.is_some_and(|source| !source.is_empty());
                let linked = cell("source").is_some_and(|source| source.starts_with("https://"));
                assert!(named || linked, "{}: no source: {line}", table.file);
                assert!(
                    is_date(cell("date").or(date).unwrap_or_default()),
                    "{}: no date: {line}",
                    table.file
                );
                assert!(row.iter().all(|cell| !cell.is_empty()), "{}: an empty cell: {line}", table.file);
            }
            assert_eq!(table.rows().count(), table.lines().count() - 1, "{}", table.file);
            let mut keys: Vec<_> = table.rows().map(|row| row[0]).collect();
            let count = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), count, "{}: a key stands twice", table.file);
        }
    }
}
