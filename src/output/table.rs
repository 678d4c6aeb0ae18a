//! The table for people: by workload, worst first, with what to do beside each finding.
//!
//! Not its job: deciding what counts as failed (`report`), or whether there is a terminal (`cli`).

use std::cmp::Reverse;
use std::fmt::Write;

use textwrap::WrapAlgorithm::FirstFit;

use crate::api::{ComplianceReport, ReportResult, ResultWord, Severity, Summary, Truth};
use crate::engine::Catalogue;

use super::terminal::{Style, clean};

/// A report, and where what it speaks of stands: one place a result, one for the subject.
#[derive(Debug)]
pub struct Entry {
    /// The report.
    pub report: ComplianceReport,
    /// Where the subject stands.
    pub place: Option<String>,
    /// Where each result's field stands, in the order of the results.
    pub places: Vec<Option<String>>,
}

/// What else there is to say below the table.
#[derive(Debug, Default)]
pub struct Footer {
    /// The names of the policies that were applied.
    pub policies: Vec<String>,
    /// Documents and files that could not be read.
    pub problems: usize,
}

/// The widest a line gets, however wide the terminal is: longer ones are hard to read.
const MAX_WIDTH: usize = 120;
/// Where messages begin.
const INDENT: &str = "            ";

/// Puts the worst first.
pub fn sort(entries: &mut [Entry]) {
    entries.sort_by_cached_key(|entry| {
        let Summary { critical, high, medium, low, info, .. } = entry.report.summary;
        let verdict = match entry.report.compliant {
            Truth::False => 0,
            Truth::Unknown => 1,
            Truth::True => 2,
        };
        let name = (entry.report.metadata.namespace.clone(), entry.report.metadata.name.clone());
        (verdict, Reverse((critical, high, medium, low, info)), name)
    });
}

/// The part of the table that is about one subject.
pub fn row(entry: &Entry, catalogue: &Catalogue, width: usize) -> String {
    let mut out = String::new();
    subject(&mut out, entry, catalogue, width.clamp(40, MAX_WIDTH));
    out
}

/// The line that sums up.
pub fn footer(entries: &[Entry], footer: &Footer) -> String {
    let mut out = String::new();
    footer_lines(&mut out, entries, footer);
    out
}

fn subject(out: &mut String, entry: &Entry, catalogue: &Catalogue, width: usize) {
    let report = &entry.report;
    let name = format!("{} {}/{}", report.scope.kind, report.metadata.namespace, report.scope.name);
    let name =
        if report.scope.kind == "Namespace" { format!("Namespace {}", report.scope.name) } else { name };
    let verdict = match report.compliant {
        Truth::True => Style::Good.paint("ready"),
        Truth::False => Style::Bad.paint("not ready"),
        Truth::Unknown => Style::Unsure.paint("cannot tell"),
    };
    let place =
        entry.place.as_deref().map(|p| Style::Dim.paint(format!("  {}", clean(p)))).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}{place}", Style::Heading.paint(clean(&name)));
    let workloads = report.workloads.filter(|w| w.non_compliant > 0);
    let workloads = workloads.map(|w| format!("; {} of {} workloads not ready", w.non_compliant, w.total));
    let workloads = workloads.unwrap_or_default();
    let _ = writeln!(out, "  {verdict}, score {}{}{workloads}", report.score, counts(&report.summary));
    let places = entry.places.iter().map(Option::as_deref).chain(std::iter::repeat(None));
    for (result, place) in report.results.iter().zip(places).filter(|(r, _)| r.result != ResultWord::Unknown)
    {
        finding(out, result, &result.check, place, catalogue, width);
    }
    unknowns(out, report, catalogue, width);
    if let Some(omitted) = report.omitted_results {
        let _ = writeln!(out, "{INDENT}and {omitted} more results that did not fit into the report");
    }
    out.push('\n');
}

fn counts(summary: &Summary) -> String {
    let Summary { critical, high, medium, low, info, unknown, .. } = *summary;
    let each = [(critical, "critical"), (high, "high"), (medium, "medium"), (low, "low"), (info, "info")];
    let failures = each.into_iter().chain([(unknown, "unknown")]).filter(|(n, _)| *n > 0);
    let words: Vec<String> = failures.map(|(n, word)| format!("{n} {word}")).collect();
    if words.is_empty() { String::new() } else { format!("; {}", words.join(", ")) }
}

/// What cannot be known: one line a reason, as one thing that is not seen leaves many checks open.
fn unknowns(out: &mut String, report: &ComplianceReport, catalogue: &Catalogue, width: usize) {
    let unknown = |r: &&ReportResult| r.result == ResultWord::Unknown;
    let mut told: Vec<&str> = Vec::new();
    for result in report.results.iter().filter(unknown) {
        if told.contains(&result.message.as_str()) {
            continue;
        }
        told.push(&result.message);
        let same = report.results.iter().filter(unknown).filter(|other| other.message == result.message);
        let checks: Vec<&str> = same.map(|other| other.check.as_str()).collect();
        finding(out, result, &checks.join(", "), None, catalogue, width);
    }
}

fn finding(
    out: &mut String,
    result: &ReportResult,
    checks: &str,
    place: Option<&str>,
    catalogue: &Catalogue,
    width: usize,
) {
    let label = match result.result {
        ResultWord::Fail => {
            let word = result.severity.as_str().to_ascii_lowercase();
            Style::Severity(result.severity).paint(format_args!("{word:<8}"))
        }
        ResultWord::Unknown => Style::Unsure.paint(format_args!("{:<8}", "unknown")),
        ResultWord::Pass => Style::Good.paint(format_args!("{:<8}", "pass")),
        ResultWord::NotApplicable => Style::Dim.paint(format_args!("{:<8}", "n/a")),
    };
    let object = result.object.as_deref().map(|o| format!("  {}", clean(o))).unwrap_or_default();
    let place = place.map(|p| Style::Dim.paint(format!("  {}", clean(p)))).unwrap_or_default();
    let _ = writeln!(out, "  {label}  {checks}{object}{place}");
    if !result.message.is_empty() {
        let options = textwrap::Options::new(width)
            .initial_indent(INDENT)
            .subsequent_indent(INDENT)
            .wrap_algorithm(FirstFit);
        let _ = writeln!(out, "{}", textwrap::fill(&clean(&result.message), options));
    }
    if result.result == ResultWord::Fail
        && let Some(check) = catalogue.get(&result.check)
    {
        let to_do = format!("{INDENT}fix: ");
        let below = format!("{INDENT}     ");
        let options = textwrap::Options::new(width)
            .initial_indent(&to_do)
            .subsequent_indent(&below)
            .wrap_algorithm(FirstFit);
        let _ = writeln!(out, "{}", Style::Dim.paint(textwrap::fill(check.remediation, options)));
    }
}

fn footer_lines(out: &mut String, entries: &[Entry], footer: &Footer) {
    let of = |truth: Truth| entries.iter().filter(|e| e.report.compliant == truth).count();
    let (ready, not_ready, unsure) = (of(Truth::True), of(Truth::False), of(Truth::Unknown));
    let mut parts = vec![
        Style::Good.paint(format_args!("{ready} ready")),
        Style::Bad.paint(format_args!("{not_ready} not ready")),
    ];
    if unsure > 0 {
        parts.push(Style::Unsure.paint(format_args!("{unsure} cannot tell")));
    }
    if footer.problems > 0 {
        let noun = if footer.problems == 1 { "document" } else { "documents" };
        parts.push(Style::Bad.paint(format_args!("{} {noun} not readable", footer.problems)));
    }
    let failures =
        |severity: Severity| -> i32 { entries.iter().map(|e| e.report.summary.failures(severity)).sum() };
    let by_severity = Severity::WORST_FIRST.into_iter().filter_map(|severity| {
        let n = failures(severity);
        let word = severity.as_str().to_ascii_lowercase();
        (n > 0).then(|| Style::Severity(severity).paint(format_args!("{n} {word}")))
    });
    let found: Vec<String> = by_severity.collect();
    let found = if found.is_empty() { "nothing fails".to_owned() } else { found.join(", ") };
    let noun = if footer.policies.len() == 1 { "policy" } else { "policies" };
    let policies: Vec<_> = footer.policies.iter().map(|p| clean(p)).collect();
    let _ = writeln!(out, "{}: {}  ({noun} {})", parts.join(", "), found, policies.join(", "));
}
