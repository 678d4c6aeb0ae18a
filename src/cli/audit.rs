//! `seaworthy audit`: manifests in, findings out.

use jiff::Timestamp;

use crate::api::{ComplianceReport, Level, Passed, ProductionPolicy, ReportResult, Truth};
use crate::checks::CATALOGUE;
use crate::manifest::Loaded;
use crate::model::SubjectKey;
use crate::output::{self, Entry, Footer, Look};
use crate::policy::default_policy;
use crate::report::{self, Audited};

use super::args::{AuditArgs, Format};
use super::input::{Read, read};
use super::output::Output;
use super::{End, Failure, exemptions, places, say};

pub(super) fn run(args: &AuditArgs) -> Result<End, Failure> {
    let adjust = |policy: &mut ProductionPolicy| {
        if args.show_passed {
            policy.spec.reporting.passed = Passed::Include;
        }
    };
    let Read { loaded, policies, exemption_origins, unreadable, .. } =
        read(&args.paths, &args.input, default_policy(Level::Standard), adjust)?;
    let now = args.input.reading.now.unwrap_or_else(Timestamp::now);
    let Audited { reports, exemptions: ledger } = report::audit_all(&loaded.inventory, &policies, now);
    let exemptions = exemptions::rows(&ledger, &policies, &loaded, &exemption_origins, now);
    exemptions::warn(&exemptions, args.output == Format::Table);
    if reports.is_empty() && loaded.problems.is_empty() && unreadable == 0 {
        let others = loaded.other_objects + loaded.not_kubernetes;
        say(&format!("nothing to audit: no workload that a policy covers ({others} other documents)"));
    }
    let unread = loaded.problems.len() + unreadable;
    let end = end(args, unread, &reports);
    // Texts of objects are clean in a table and escaped in the other formats, so nothing has to be filtered out.
    let mut out = Output::begin();
    match args.output {
        Format::Json => {
            out.write(&output::json_begin())?;
            let all: Vec<&ComplianceReport> = reports.iter().map(|(_, report)| report).collect();
            out.each(&all, ",", |report| output::json_item(report))?;
            out.write(output::json_end(!all.is_empty()))?;
        }
        Format::Yaml => {
            let all: Vec<&ComplianceReport> = reports.iter().map(|(_, report)| report).collect();
            out.write(&output::yaml(&all)?)?;
        }
        Format::Table if reports.is_empty() => {}
        Format::Table => {
            let footer = Footer {
                policies: policies.iter().map(|policy| policy.name().to_string()).collect(),
                problems: unread,
            };
            let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
            let look = Look { width, colour: out.has_colours() };
            let mut sorted: Vec<&(SubjectKey, ComplianceReport)> = reports.iter().collect();
            sorted.sort_by(|(_, a), (_, b)| output::rank(a).cmp(&output::rank(b)));
            out.each(&sorted, "", |(key, report)| {
                output::row(&entry(&loaded, key, report), &CATALOGUE, look)
            })?;
            out.write(&output::exemptions(&exemptions, look))?;
            let all: Vec<&ComplianceReport> = sorted.iter().map(|(_, report)| report).collect();
            out.write(&output::footer(&all, &footer, look))?;
        }
    }
    // The process ends here: giving back every text one by one would cost time and gain nothing.
    std::mem::forget((loaded, reports));
    Ok(end)
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

fn entry<'r>(loaded: &Loaded, key: &SubjectKey, report: &'r ComplianceReport) -> Entry<'r> {
    let place = |result: &ReportResult| {
        places::of_field(loaded, key, result.object.as_deref(), result.field.as_deref())
    };
    let places = report.results.iter().map(place).collect();
    Entry { place: places::of_subject(loaded, key), places, report }
}
