//! `seaworthy audit`: manifests in, findings out.

use jiff::Timestamp;
use rayon::prelude::*;

use crate::api::{ComplianceReport, Level, Passed, ProductionPolicy, ReportResult, Truth};
use crate::checks::CATALOGUE;
use crate::manifest::Loaded;
use crate::model::{Kind, SubjectKey, Text};
use crate::output::{self, Entry, Footer};
use crate::report;

use super::args::{AuditArgs, Format};
use super::input::{Read, read};
use super::{End, Failure, print, say};

pub(super) fn run(args: &AuditArgs) -> Result<End, Failure> {
    let adjust = |policy: &mut ProductionPolicy| {
        if args.show_passed {
            policy.spec.reporting.passed = Passed::Include;
        }
    };
    let Read { loaded, policies, unreadable } = read(&args.paths, &args.input, Level::Standard, adjust)?;
    let now = args.input.now.unwrap_or_else(Timestamp::now);
    let reports = report::audit(&loaded.inventory, &policies, now);
    if reports.is_empty() && loaded.problems.is_empty() && unreadable == 0 {
        let others = loaded.other_objects + loaded.not_kubernetes;
        say(&format!("nothing to audit: no workload that a policy covers ({others} other documents)"));
    }
    let unread = loaded.problems.len() + unreadable;
    let end = end(args, unread, &reports);
    let only_reports = || reports.iter().map(|(_, report)| report);
    let text = match args.output {
        Format::Json => output::json(only_reports()),
        Format::Yaml => output::yaml(only_reports())?,
        Format::Table if reports.is_empty() => String::new(),
        Format::Table => {
            let footer = Footer {
                policies: policies.iter().map(|policy| policy.name().to_string()).collect(),
                problems: unread,
            };
            let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
            table(&loaded, reports, &footer, width)
        }
    };
    print(&text)?;
    // The process ends here: giving back every interned text one by one would cost time and gain nothing.
    std::mem::forget(loaded);
    Ok(end)
}

/// The table, most of which is made side by side: every finding's place has to be looked up in its text.
fn table(
    loaded: &Loaded,
    reports: Vec<(SubjectKey, ComplianceReport)>,
    footer: &Footer,
    width: usize,
) -> String {
    let mut entries: Vec<Entry> =
        reports.into_par_iter().map(|(key, report)| entry(loaded, &key, report)).collect();
    output::sort(&mut entries);
    let rows: Vec<String> = entries.par_iter().map(|entry| output::row(entry, &CATALOGUE, width)).collect();
    rows.concat() + &output::footer(&entries, footer)
}

fn end(args: &AuditArgs, unread: usize, reports: &[(SubjectKey, ComplianceReport)]) -> End {
    // From the summary, which is complete also where results had to be left out.
    let at_bar = |report: &ComplianceReport| match args.fail_on {
        None => report.compliant == Truth::False,
        Some(bar) => bar.severity().is_some_and(|bar| report.summary.failures_from(bar) > 0),
    };
    if unread > 0 || reports.iter().any(|(_, report)| at_bar(report)) {
        End::Findings
    } else if reports.is_empty() {
        End::Nothing
    } else {
        End::Clean
    }
}

fn entry(loaded: &Loaded, key: &SubjectKey, report: ComplianceReport) -> Entry {
    let (kind, name) = match key {
        SubjectKey::Namespace(name) => (Kind::Namespace, name),
        SubjectKey::Workload(id) => (id.kind, &id.name),
    };
    let document = |kind: Kind, name: &Text| {
        let namespace = if kind == Kind::Namespace { Text::default() } else { key.namespace().clone() };
        loaded.document(kind, &namespace, name)
    };
    let subject = document(kind, name);
    let of_result = |result: &ReportResult| {
        let field = result.field.as_deref().unwrap_or("metadata.name");
        match result.object.as_deref().and_then(|object| object.split_once('/')) {
            Some((object_kind, object_name)) => {
                let kind = Kind::ALL.iter().find(|kind| kind.name() == object_kind)?;
                Some(document(*kind, &object_name.into())?.place(field))
            }
            None => Some(subject.as_ref()?.place(field)),
        }
    };
    let places = report.results.iter().map(of_result).collect();
    Entry { place: subject.as_ref().map(|document| document.place("metadata.name")), places, report }
}
