//! `seaworthy audit`: manifests in, findings out.

use jiff::Timestamp;

use crate::api::{ComplianceReport, Level, Passed, ProductionPolicy, ReportResult, Truth};
use crate::checks::CATALOGUE;
use crate::manifest::Loaded;
use crate::model::SubjectKey;
use crate::output::{self, Entry, Footer, Head, Look, Table};
use crate::policy::default_policy;
use crate::report::{self, Audited};

use super::args::{AuditArgs, Format};
use super::input::{Read, read};
use super::output::Output;
use super::places::Places;
use super::{End, Failure, exemptions, say};

pub(super) fn run(args: &AuditArgs) -> Result<End, Failure> {
    let adjust = |policy: &mut ProductionPolicy| {
        if args.show_passed {
            policy.spec.reporting.passed = Passed::Include;
        }
    };
    let Read { loaded, policies, exemption_origins, unreadable, .. } =
        read(&args.paths, &args.input, default_policy(Level::Standard), adjust)?;
    let now = args.input.reading.now.unwrap_or_else(Timestamp::now);
    let mut out = Output::begin();
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    let look = Look { width, colour: out.has_colours() };
    let table = Table::new(&CATALOGUE, look);
    let shown = |key: &SubjectKey, report: ComplianceReport| {
        let text = match args.output {
            Format::Json => output::json_item(&report),
            Format::Yaml => output::yaml_item(&report)?,
            Format::Table => table.row(&entry(&loaded, key, &report)),
        };
        Ok(Shown { head: Head::from(&report), text: text.into() })
    };
    let Audited { reports, exemptions: ledger } =
        report::audit_each(&loaded.inventory, &policies, now, shown);
    let mut all: Vec<Shown> = reports.into_iter().collect::<Result<_, Failure>>()?;
    let exemptions = exemptions::rows(&ledger, &policies, &loaded, &exemption_origins, now);
    exemptions::warn(&exemptions, args.output == Format::Table);
    if all.is_empty() && loaded.problems.is_empty() && unreadable == 0 {
        let others = loaded.other_objects + loaded.not_kubernetes;
        say(&format!("nothing to audit: no workload that a policy covers ({others} other documents)"));
    }
    let unread = loaded.problems.len() + unreadable;
    // Texts of objects are clean in a table and escaped in the other formats, so nothing has to be filtered out.
    match args.output {
        Format::Json => {
            out.write(&output::json_begin())?;
            out.each(all.iter().map(Shown::text), ",")?;
            out.write(output::json_end(!all.is_empty()))?;
        }
        Format::Yaml => {
            out.write(&output::yaml_begin(!all.is_empty())?)?;
            out.each(all.iter().map(Shown::text), "")?;
        }
        Format::Table if all.is_empty() => {}
        Format::Table => {
            let footer = Footer {
                policies: policies.iter().map(|policy| policy.name().to_string()).collect(),
                problems: unread,
            };
            all.sort_by(|a, b| a.head.rank().cmp(&b.head.rank()));
            out.each(all.iter().map(Shown::text), "")?;
            out.write(&output::exemptions(&exemptions, look))?;
            out.write(&output::footer(all.iter().map(|shown| &shown.head), &footer, look))?;
        }
    }
    let end = end(args, unread, &all);
    // The process ends here: giving back every text one by one would cost time and gain nothing.
    std::mem::forget((loaded, all));
    Ok(end)
}

/// What is left of a report: how it is shown, and what is said of all of them.
struct Shown {
    head: Head,
    text: Box<str>,
}

impl Shown {
    fn text(&self) -> &str {
        &self.text
    }
}

fn end(args: &AuditArgs, unread: usize, all: &[Shown]) -> End {
    // From the summary, which is complete also where results had to be left out.
    let at_bar = |Shown { head, .. }: &Shown| match args.fail_on {
        None => head.compliant == Truth::False,
        Some(bar) => bar.severity().is_some_and(|bar| head.summary.failures_from(bar) > 0),
    };
    if unread > 0 || all.iter().any(at_bar) {
        End::Findings
    } else if all.is_empty() {
        End::Nothing
    } else {
        End::Clean
    }
}

fn entry<'r>(loaded: &Loaded, key: &SubjectKey, report: &'r ComplianceReport) -> Entry<'r> {
    let places = Places::of(loaded, key);
    let place = |result: &ReportResult| places.field(result.object.as_deref(), result.field.as_deref());
    Entry { place: places.subject(), places: report.results.iter().map(place).collect(), report }
}
