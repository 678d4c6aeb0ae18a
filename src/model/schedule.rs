//! Schedules of CronJobs, read as Kubernetes reads them: `cron.ParseStandard` of robfig/cron v3.
//!
//! The same texts are accepted, down to its oddities (`1-3/2`, `?`, `,,`, `*-x`, months by name), and the same minutes
//! come out; change nothing here without comparing with the library on generated texts. Not its job: when a schedule
//! is next due, and what Kubernetes asks beyond that a text can be read.

/// A schedule, as sets of bits: bit 5 of `minutes` is minute 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At certain minutes of certain days.
    Fields {
        /// 0 to 59.
        minutes: u64,
        /// 0 to 23.
        hours: u64,
        /// 1 to 31.
        days: u64,
        /// 1 to 12.
        months: u64,
        /// 0 to 6, 0 is Sunday.
        weekdays: u64,
    },
    /// Every so many seconds (`@every 1h30m`).
    Every(u64),
}

/// Set beside the others where a field is a star: days and weekdays must then both fit, else either.
const STAR: u64 = 1 << 63;

struct Bounds {
    min: u64,
    max: u64,
    names: &'static [&'static str],
}

const MINUTES: Bounds = Bounds { min: 0, max: 59, names: &[] };
const HOURS: Bounds = Bounds { min: 0, max: 23, names: &[] };
const DAYS: Bounds = Bounds { min: 1, max: 31, names: &[] };
const MONTHS: Bounds = Bounds {
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAYS: Bounds = Bounds { min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

impl Schedule {
    /// Reads a schedule. `knows_zone` says whether there is a time zone of a name, as a text may begin with
    /// `TZ=name ` or `CRON_TZ=name `.
    ///
    /// # Errors
    /// What is wrong with the text, in words that may follow a colon.
    pub fn parse(text: &str, knows_zone: impl Fn(&str) -> bool) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        let mut text = text;
        if let Some(rest) = text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ=")) {
            let (zone, rest) = rest.split_once(' ').ok_or("nothing follows the time zone")?;
            // Go's own names for no zone and for the machine's.
            if !(zone.is_empty() || zone == "Local" || knows_zone(zone)) {
                return Err(format!("there is no time zone '{zone}'"));
            }
            text = rest.trim();
        }
        if text.starts_with('@') {
            return descriptor(text);
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(format!("it takes 5 fields and has {}", fields.len()));
        };
        Ok(Self::Fields {
            minutes: field(minutes, &MINUTES)?,
            hours: field(hours, &HOURS)?,
            days: field(days, &DAYS)?,
            months: field(months, &MONTHS)?,
            weekdays: field(weekdays, &WEEKDAYS)?,
        })
    }
}

fn descriptor(text: &str) -> Result<Schedule, String> {
    let first = |bounds: &Bounds| 1_u64 << bounds.min;
    let daily = Schedule::Fields {
        minutes: first(&MINUTES),
        hours: first(&HOURS),
        days: all(&DAYS),
        months: all(&MONTHS),
        weekdays: all(&WEEKDAYS),
    };
    let Schedule::Fields { minutes, hours, days, months, weekdays } = daily else { return Ok(daily) };
    Ok(match text {
        "@yearly" | "@annually" => {
            Schedule::Fields { minutes, hours, days: first(&DAYS), months: first(&MONTHS), weekdays }
        }
        "@monthly" => Schedule::Fields { minutes, hours, days: first(&DAYS), months, weekdays },
        "@weekly" => Schedule::Fields { minutes, hours, days, months, weekdays: first(&WEEKDAYS) },
        "@daily" | "@midnight" => daily,
        "@hourly" => Schedule::Fields { minutes, hours: all(&HOURS), days, months, weekdays },
        _ => {
            let every = text.strip_prefix("@every ").ok_or_else(|| format!("'{text}' is no known word"))?;
            let nanos = duration_nanos(every).ok_or_else(|| format!("'{every}' is no duration"))?;
            // At least a second, and whole ones.
            Schedule::Every(u64::try_from(nanos / 1_000_000_000).unwrap_or(0).max(1))
        }
    })
}

fn all(bounds: &Bounds) -> u64 {
    bits(bounds.min, bounds.max, 1) | STAR
}

/// A list of ranges; empty parts are passed over, so that `,` is a field of nothing.
fn field(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(|part| range(part, bounds)).try_fold(0, |sum, bits| Ok(sum | bits?))
}

/// `*`, `5`, `1-5`, `*/15`, `10/5`, `mon-fri`.
fn range(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let (span, step) = match text.split('/').collect::<Vec<_>>().as_slice() {
        [span] => (*span, None),
        [span, step] => (*span, Some(*step)),
        _ => return Err(format!("'{text}' has more than one slash")),
    };
    let ends: Vec<&str> = span.split('-').collect();
    let (start, mut end, mut star) = match ends.as_slice() {
        // Whatever follows the star is not looked at.
        ["*" | "?", ..] => (bounds.min, bounds.max, STAR),
        [only] => (number_or_name(only, bounds)?, number_or_name(only, bounds)?, 0),
        [start, end] => (number_or_name(start, bounds)?, number_or_name(end, bounds)?, 0),
        _ => return Err(format!("'{text}' has more than one hyphen")),
    };
    let step = match step {
        None => 1,
        Some(step) => {
            let step = number(step)?;
            // `5/10` is from 5 to the end.
            if ends.len() == 1 {
                end = bounds.max;
            }
            if step > 1 {
                star = 0;
            }
            step
        }
    };
    if start < bounds.min {
        return Err(format!("'{text}' begins below {}", bounds.min));
    }
    if end > bounds.max {
        return Err(format!("'{text}' ends above {}", bounds.max));
    }
    if start > end {
        return Err(format!("'{text}' ends before it begins"));
    }
    if step == 0 {
        return Err(format!("'{text}' has a step of 0"));
    }
    Ok(bits(start, end, step) | star)
}

fn bits(start: u64, end: u64, step: u64) -> u64 {
    let mut bits = 0;
    let mut at = start;
    while at <= end {
        bits |= 1 << at;
        at = at.saturating_add(step);
    }
    bits
}

fn number_or_name(text: &str, bounds: &Bounds) -> Result<u64, String> {
    // Each letter by itself, as Go does: the Turkish capital i is an i.
    let lower: String = text.chars().filter_map(|c| c.to_lowercase().next()).collect();
    match bounds.names.iter().zip(bounds.min..).find(|(name, _)| **name == lower) {
        Some((_, at)) => Ok(at),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u64, String> {
    let number: i64 = text.parse().map_err(|_| format!("'{text}' is no number"))?;
    u64::try_from(number).map_err(|_| format!("'{text}' is negative"))
}

/// The nanoseconds of a duration as Go writes it: `1h30m`, `-1.5s`; `None` when it is none.
pub fn duration_nanos(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (nanos, after) = amount(rest)?;
        // Go does not see this sum run over either.
        total = total.wrapping_add(nanos);
        if total > 1 << 63 {
            return None;
        }
        rest = after;
    }
    match (negative, i64::try_from(total)) {
        (true, Ok(nanos)) => nanos.checked_neg(),
        // The one number whose positive does not fit.
        (true, Err(_)) => Some(i64::MIN),
        (false, nanos) => nanos.ok(),
    }
}

/// One number with its unit, in nanoseconds, and what follows.
fn amount(text: &str) -> Option<(u64, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = whole.bytes().try_fold(0_u64, |sum, digit| {
        sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')).filter(|sum| *sum <= 1 << 63)
    })?;
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end)?;
    let unit: u64 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let nanos = whole.checked_mul(unit).filter(|nanos| *nanos <= 1 << 63)?;
    Some((nanos.checked_add(part_of(fraction, unit))?, rest)).filter(|(nanos, _)| *nanos <= 1 << 63)
}

/// A fraction of a unit, with the arithmetic of Go; digits beyond what counts are passed over.
fn part_of(fraction: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1_f64);
    for digit in fraction.bytes() {
        if value > (i64::MAX as u64) / 10 {
            break;
        }
        let next = value * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Schedule, String> {
        Schedule::parse(text, |zone| zone == "Europe/Berlin")
    }

    #[test]
    fn reads_what_kubernetes_reads() {
        for text in [
            "0 3 * * *",
            "*/15 0-6,22-23 1,15 jan-MAR,dec Mon-fri",
            "? ? ? ? ?",
            "5/10 * * * *",
            "1-59/2 * * * *",
            ", * * * *",
            "*-x * * * *",
            "+5 * * * *",
            "\t0  3 * * * ",
            "@hourly",
            "@every 1h30m",
            "@every -1s",
            "TZ=Europe/Berlin 0 3 * * *",
            "CRON_TZ=Europe/Berlin   @daily",
            "TZ= 0 3 * * *",
            "0 3 * * sun-6",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn refuses_what_kubernetes_refuses() {
        for text in [
            "",
            " ",
            "0 3 * *",
            "0 3 * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "*/-5 * * * *",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "a * * * *",
            "jan * * * *",
            "@reboot",
            "@Daily",
            " @daily",
            "@every",
            "@every 1",
            "@every 1x",
            "TZ=Europe/Berlin",
            "TZ=Mars/Olympus 0 3 * * *",
            "99999999999999999999 * * * *",
        ] {
            assert!(parse(text).is_err(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn the_minutes_are_right() {
        let minutes = |text: &str| match parse(&format!("{text} * * * *")) {
            Ok(Schedule::Fields { minutes, .. }) => minutes,
            other => panic!("{other:?}"),
        };
        assert_eq!(minutes("1,5-7/2"), 1 << 1 | 1 << 5 | 1 << 7);
        assert_eq!(minutes("50/5"), 1 << 50 | 1 << 55);
        assert_eq!(minutes("*/30"), 1 | 1 << 30);
        assert_eq!(minutes("*"), ((1 << 60) - 1) | STAR);
        assert_eq!(minutes("*/1"), minutes("*"));
    }

    #[test]
    fn durations_are_those_of_go() {
        for (text, nanos) in [
            ("1h30m", Some(5_400_000_000_000)),
            ("1.5s", Some(1_500_000_000)),
            (".5s", Some(500_000_000)),
            ("-1s", Some(-1_000_000_000)),
            ("+0", Some(0)),
            ("1s.", None),
            (".s", None),
            ("", None),
            ("-", None),
            ("1", None),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("9223372036854775808ns", None),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("1\u{b5}s", Some(1_000)),
            ("1 s", None),
        ] {
            assert_eq!(duration_nanos(text), nanos, "{text}");
        }
    }
}
