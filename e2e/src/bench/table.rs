//! The numbers: what was measured, what it came to, what it should come to. And where it was measured.
//!
//! Not its job: measuring.

use std::fmt::{self, Display};
use std::time::Duration;

/// A section of the result.
#[derive(Debug)]
pub(super) struct Table {
    title: String,
    notes: Vec<String>,
    rows: Vec<[String; 4]>,
    aside: Option<&'static str>,
}

/// What a value is held against.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// It is only told.
    None,
    AtMost(f64),
    Below(f64),
    AtLeast(f64),
}

impl Table {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), notes: Vec::new(), rows: Vec::new(), aside: None }
    }

    /// How it was measured.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// What comes from now on begins with this, and is told beside what is judged: no target is for it.
    pub(super) fn aside(&mut self, begins: &'static str) {
        self.aside = Some(begins);
    }

    fn called(&self, what: impl Into<String>) -> String {
        self.aside.unwrap_or_default().to_owned() + &what.into()
    }

    /// A value that is only told.
    pub(super) fn tell(&mut self, what: impl Into<String>, value: impl Display) {
        self.rows.push([self.called(what), value.to_string(), String::new(), String::new()]);
    }

    /// A value, in a unit, and its target.
    pub(super) fn judge(&mut self, what: impl Into<String>, value: f64, unit: &str, target: Target) {
        let (wanted, met) = match target {
            _ if self.aside.is_some() => (String::new(), None),
            Target::None => (String::new(), None),
            Target::AtMost(most) => (format!("<= {}", shown(most, unit)), Some(value <= most)),
            Target::Below(end) => (format!("< {}", shown(end, unit)), Some(value < end)),
            Target::AtLeast(least) => (format!(">= {}", shown(least, unit)), Some(value >= least)),
        };
        let verdict = match met {
            None => "",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        self.rows.push([self.called(what), shown(value, unit), wanted, verdict.to_owned()]);
    }
}

/// With as many digits as mean anything.
fn shown(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        _ if value.fract() == 0.0 => 0,
        size if size < 1.0 => 3,
        size if size < 10.0 => 2,
        size if size < 100.0 => 1,
        _ => 0,
    };
    let space = if unit.is_empty() || unit == "x" { "" } else { " " };
    format!("{value:.digits$}{space}{unit}")
}

impl Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.title)?;
        for note in &self.notes {
            writeln!(out, "  {note}")?;
        }
        let head = ["", "value", "target", ""].map(str::to_owned);
        let rows = || std::iter::once(&head).chain(&self.rows);
        let width =
            |column: usize| rows().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths = [0, 1, 2].map(|column| width(column).unwrap_or_default());
        for [what, value, target, met] in rows() {
            let [first, second, third] = widths;
            let line = format!("  {what:<first$}  {value:>second$}  {target:>third$}  {met}");
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Many measurements of one thing, in order.
#[derive(Clone, Debug)]
pub(super) struct Sample(Vec<f64>);

impl Sample {
    pub(super) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// In milliseconds.
    pub(super) fn of_durations(durations: impl IntoIterator<Item = Duration>) -> Self {
        Self::new(durations.into_iter().map(|duration| duration.as_secs_f64() * 1000.0).collect())
    }

    /// The value that so many percent do not pass (nearest rank); nothing measured is not a number.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn median(&self) -> f64 {
        self.percentile(50)
    }

    pub(super) fn max(&self) -> f64 {
        self.percentile(100)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The machine and how busy it is, in one line.
pub(super) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let after = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = after(&read("/proc/meminfo"), "MemTotal");
    let memory: f64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    format!(
        "{cores} cores ({}), {:.0} GiB, Linux {}; load before: {load}",
        after(&read("/proc/cpuinfo"), "model name"),
        memory / f64::from(1 << 20),
        read("/proc/sys/kernel/osrelease").trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_values() {
        let sample = Sample::new((1..=100).rev().map(f64::from).collect());
        assert_eq!((sample.median(), sample.percentile(99), sample.max()), (50.0, 99.0, 100.0));
        assert_eq!(Sample::new(vec![7.0]).percentile(99), 7.0);
        assert!(Sample::new(Vec::new()).median().is_nan());
    }

    #[test]
    fn a_missed_target_stands_out_and_no_number_meets_none() {
        let mut table = Table::new("Title");
        table.judge("slow", 61.0, "ms", Target::AtMost(60.0));
        table.judge("even", 60.0, "ms", Target::AtMost(60.0));
        table.judge("edge", 60.0, "ms", Target::Below(60.0));
        table.judge("none", f64::NAN, "ms", Target::AtMost(60.0));
        let text = table.to_string();
        let ends: Vec<bool> = text.lines().skip(2).map(|line| line.ends_with("MISSED")).collect();
        assert_eq!(ends, [true, false, true, true], "{text}");
    }
}
