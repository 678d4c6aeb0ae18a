//! The table for people: by workload, worst first, with what to do beside each finding.
//!
//! Not its job: deciding what counts as failed (`report`), or whether there is a terminal (`cli`).

use std::cmp::Reverse;
use std::fmt::Write;

use hashbrown::HashMap;
use jiff::Timestamp;
use textwrap::{WordSplitter, WrapAlgorithm};

use crate::api::{ComplianceReport, Evidence, ReportResult, ResultWord, Severity, Summary, Truth};
use crate::engine::{Catalogue, Check};

use super::terminal::{Style, clean};

/// A report, and where what it speaks of stands: one place a result, one for the subject.
#[derive(Debug)]
pub struct Entry<'r> {
    /// The report.
    pub report: &'r ComplianceReport,
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
pub(super) const INDENT: &str = "            ";
/// What stands before what is to be done, and before its further lines.
const FIX: &str = "            fix: ";
const BELOW_FIX: &str = "                 ";

/// How the table looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The columns that there are.
    pub width: usize,
    /// Whether there are colours.
    pub colour: bool,
}

/// What the table needs of a report once its own part of it is written.
#[derive(Clone, Debug)]
pub struct Head {
    /// The verdict.
    pub compliant: Truth,
    /// How many results there are of each sort.
    pub summary: Summary,
    namespace: String,
    name: String,
}

impl From<&ComplianceReport> for Head {
    fn from(report: &ComplianceReport) -> Self {
        let ComplianceReport { metadata, compliant, summary, .. } = report;
        let (namespace, name) = (metadata.namespace.clone(), metadata.name.clone());
        Self { compliant: *compliant, summary: *summary, namespace, name }
    }
}

impl Head {
    /// Where the subject stands in the table: the worst come first.
    pub fn rank(&self) -> impl Ord + '_ {
        let Summary { critical, high, medium, low, info, .. } = self.summary;
        let verdict = match self.compliant {
            Truth::False => 0,
            Truth::Unknown => 1,
            Truth::True => 2,
        };
        (verdict, Reverse((critical, high, medium, low, info)), &self.namespace, &self.name)
    }
}

/// How wide lines are.
pub(super) fn width(look: Look) -> usize {
    look.width.clamp(40, MAX_WIDTH)
}

/// What all rows share.
#[derive(Debug)]
pub struct Table {
    look: Look,
    /// What is to be done about each check, in lines: it stands with very many findings.
    fixes: HashMap<&'static str, String>,
}

impl Table {
    /// A table that looks like this, with findings of these checks.
    pub fn new(catalogue: &Catalogue, look: Look) -> Self {
        let look = Look { width: width(look), colour: look.colour };
        let fix = |check: &'static Check| {
            let mut text = String::new();
            fill(&mut text, check.remediation, [FIX, BELOW_FIX], look.width);
            (check.id, text)
        };
        Self { look, fixes: catalogue.iter().map(fix).collect() }
    }

    /// The part that is about one subject.
    pub fn row(&self, entry: &Entry<'_>) -> String {
        // Most fit; who keeps one cuts it to its size, which costs less than letting it grow.
        let mut row = Row { out: String::with_capacity(16 << 10), fixes: &self.fixes, look: self.look };
        row.subject(entry);
        row.out
    }
}

/// The line that sums up.
pub fn footer<'h>(heads: impl IntoIterator<Item = &'h Head>, footer: &Footer, look: Look) -> String {
    let mut out = String::new();
    let heads: Vec<&Head> = heads.into_iter().collect();
    footer_lines(&mut out, &heads, footer, look.colour);
    out
}

/// A part of the table that is being written.
struct Row<'a> {
    out: String,
    fixes: &'a HashMap<&'static str, String>,
    look: Look,
}

impl Row<'_> {
    fn paint(&mut self, style: Style, text: impl std::fmt::Display) {
        style.write(&mut self.out, self.look.colour, text);
    }

    fn place(&mut self, place: Option<&str>) {
        if let Some(place) = place {
            self.paint(Style::Dim, format_args!("  {}", clean(place)));
        }
    }

    fn subject(&mut self, entry: &Entry<'_>) {
        let report = entry.report;
        let (kind, name) = (report.scope.kind.as_str(), clean(&report.scope.name));
        match kind {
            "Namespace" => self.paint(Style::Heading, format_args!("Namespace {name}")),
            _ => {
                let namespace = clean(&report.metadata.namespace);
                self.paint(Style::Heading, format_args!("{} {namespace}/{name}", clean(kind)));
            }
        }
        self.place(entry.place.as_deref());
        self.out.push_str("\n  ");
        match report.compliant {
            Truth::True => self.paint(Style::Good, "ready"),
            Truth::False => self.paint(Style::Bad, "not ready"),
            Truth::Unknown => self.paint(Style::Unsure, "cannot tell"),
        }
        // Writing to a String cannot fail.
        let _ = write!(self.out, ", score {}{}", report.score, counts(&report.summary));
        if let Some(w) = report.workloads.filter(|w| w.non_compliant > 0) {
            let _ = write!(self.out, "; {} of {} workloads not ready", w.non_compliant, w.total);
        }
        self.out.push('\n');
        let places = entry.places.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        for (result, place) in report.results.iter().zip(places) {
            if result.result != ResultWord::Unknown {
                self.finding(result, &result.check, place);
            }
        }
        self.unknowns(report);
        if let Some(omitted) = report.omitted_results {
            let _ = writeln!(self.out, "{INDENT}and {omitted} more results that did not fit into the report");
        }
        self.out.push('\n');
    }

    /// What cannot be known: one line a reason, as one thing that is not seen leaves many checks open.
    fn unknowns(&mut self, report: &ComplianceReport) {
        let unknown = |r: &&ReportResult| r.result == ResultWord::Unknown;
        let mut told: Vec<&str> = Vec::new();
        for result in report.results.iter().filter(unknown) {
            if told.contains(&result.message.as_str()) {
                continue;
            }
            told.push(&result.message);
            let same = report.results.iter().filter(unknown).filter(|other| other.message == result.message);
            let checks: Vec<&str> = same.map(|other| other.check.as_str()).collect();
            self.finding(result, &checks.join(", "), None);
        }
    }

    fn finding(&mut self, result: &ReportResult, checks: &str, place: Option<&str>) {
        self.out.push_str("  ");
        match result.result {
            ResultWord::Fail => {
                let word = lower(result.severity);
                self.paint(Style::Severity(result.severity), format_args!("{word:<8}"));
            }
            ResultWord::Unknown => self.paint(Style::Unsure, "unknown "),
            ResultWord::Exempt => self.paint(Style::Unsure, "exempt  "),
            ResultWord::Pass => self.paint(Style::Good, "pass    "),
            ResultWord::NotApplicable => self.paint(Style::Dim, "n/a     "),
        }
        self.out.extend(["  ", checks]);
        if let Some(object) = &result.object {
            self.out.extend(["  ", &clean(object)]);
        }
        if result.result == ResultWord::Pass && result.evidence == Some(Evidence::Attested) {
            self.paint(Style::Dim, "  (attested)");
        }
        self.place(place);
        self.out.push('\n');
        if !result.message.is_empty() {
            fill(&mut self.out, &clean(&result.message), [INDENT; 2], self.look.width);
            self.out.push('\n');
        }
        if let Some(by) = &result.exemption {
            let by = exempt_by(by, result.exempt_reason.as_deref(), result.exempt_until);
            let mut text = String::new();
            fill(&mut text, &clean(&by), [INDENT; 2], self.look.width);
            self.paint(Style::Dim, text);
            self.out.push('\n');
        }
        if result.result == ResultWord::Fail
            && let Some(fix) = self.fixes.get(result.check.as_str())
        {
            self.paint(Style::Dim, fix);
            self.out.push('\n');
        }
    }
}

/// By what something is exempt, until when and why, in words.
pub(super) fn exempt_by(by: &str, reason: Option<&str>, until: Option<Timestamp>) -> String {
    let until = until.map_or(String::new(), |until| format!("until {until} "));
    format!("{until}by {by}: {}", reason.unwrap_or_default())
}

fn lower(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// Writes a text in lines of a width, each with an indent: the first one's, and the others'.
pub(super) fn fill(out: &mut String, text: &str, indents: [&str; 2], width: usize) {
    let before = out.len();
    if fill_words(out, text, indents, width).is_none() {
        out.truncate(before);
        let [first, other] = indents;
        let options = textwrap::Options::new(width)
            .initial_indent(first)
            .subsequent_indent(other)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        out.push_str(&textwrap::fill(text, options));
    }
}

/// The same for nearly all texts: single words of ASCII that fit, which need none of what else there is to know about
/// lines. `None` for any other, of which a part may be written.
fn fill_words(out: &mut String, text: &str, [first, other]: [&str; 2], width: usize) -> Option<()> {
    let is_odd = text.starts_with(' ') || text.ends_with(' ') || text.contains("  ");
    if is_odd || !text.is_ascii() {
        return None;
    }
    let (mut rest, mut indent) = (text, first);
    loop {
        out.push_str(indent);
        let room = width.checked_sub(indent.len())?;
        if rest.len() <= room {
            out.push_str(rest);
            return Some(());
        }
        // A line ends at the last space before which all of it fits.
        let (line, _) = rest.get(..=room)?.rsplit_once(' ')?;
        out.extend([line, "\n"]);
        rest = rest.get(line.len() + 1..)?;
        indent = other;
    }
}

fn counts(summary: &Summary) -> String {
    let Summary { critical, high, medium, low, info, unknown, exempt, .. } = *summary;
    let each = [(critical, "critical"), (high, "high"), (medium, "medium"), (low, "low"), (info, "info")];
    let others = [(unknown, "unknown"), (exempt, "exempt")];
    let there = each.into_iter().chain(others).filter(|(n, _)| *n > 0);
    let words: Vec<String> = there.map(|(n, word)| format!("{n} {word}")).collect();
    if words.is_empty() { String::new() } else { format!("; {}", words.join(", ")) }
}

fn footer_lines(out: &mut String, heads: &[&Head], footer: &Footer, colour: bool) {
    let paint = |style: Style, text: std::fmt::Arguments<'_>| {
        let mut painted = String::new();
        style.write(&mut painted, colour, text);
        painted
    };
    let of = |truth: Truth| heads.iter().filter(|head| head.compliant == truth).count();
    let (ready, not_ready, unsure) = (of(Truth::True), of(Truth::False), of(Truth::Unknown));
    let mut parts = vec![
        paint(Style::Good, format_args!("{ready} ready")),
        paint(Style::Bad, format_args!("{not_ready} not ready")),
    ];
    if unsure > 0 {
        parts.push(paint(Style::Unsure, format_args!("{unsure} cannot tell")));
    }
    if footer.problems > 0 {
        let noun = if footer.problems == 1 { "document" } else { "documents" };
        parts.push(paint(Style::Bad, format_args!("{} {noun} not readable", footer.problems)));
    }
    let failures =
        |severity: Severity| -> i32 { heads.iter().map(|head| head.summary.failures(severity)).sum() };
    let by_severity = Severity::WORST_FIRST.into_iter().filter_map(|severity| {
        let n = failures(severity);
        let word = lower(severity);
        (n > 0).then(|| paint(Style::Severity(severity), format_args!("{n} {word}")))
    });
    let mut found: Vec<String> = by_severity.collect();
    if found.is_empty() {
        found.push("nothing fails".to_owned());
    }
    let exempt: i32 = heads.iter().map(|head| head.summary.exempt).sum();
    if exempt > 0 {
        found.push(paint(Style::Unsure, format_args!("{exempt} exempt")));
    }
    let found = found.join(", ");
    let noun = if footer.policies.len() == 1 { "policy" } else { "policies" };
    let policies: Vec<_> = footer.policies.iter().map(|p| clean(p)).collect();
    let _ = writeln!(out, "{}: {}  ({noun} {})", parts.join(", "), found, policies.join(", "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_as_textwrap_fills_them() {
        let texts = [
            "the container 'app' has no well-known limit, so it may take all of a node; set one of 128Mi",
            "the container 'app' has no  limit, so it may take all of a node;  set one of 128Mi ",
            " the image registry.example.com/a-team/a-long-path/checkout:v1 is not pinned; add its digest",
            "der Container 'größe' hat keine Grenze und kann alles nehmen, was ein Knoten hergibt; setze eine",
            "word",
            " ",
            "",
        ];
        for (text, width) in texts.iter().flat_map(|text| (18..=100).map(move |width| (text, width))) {
            let mut filled = String::new();
            fill(&mut filled, text, [FIX, BELOW_FIX], width);
            let options = textwrap::Options::new(width)
                .initial_indent(FIX)
                .subsequent_indent(BELOW_FIX)
                .word_splitter(WordSplitter::NoHyphenation)
                .wrap_algorithm(WrapAlgorithm::FirstFit);
            assert_eq!(filled, textwrap::fill(text, options), "{width}: {text}");
        }
    }
}
