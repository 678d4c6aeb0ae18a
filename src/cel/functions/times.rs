//! Durations and instants: reading and writing them as Go does, and their parts.
//!
//! Time zones are offsets (`+02:00`) or UTC: a data base of zones would be one more thing that ages.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::super::ast::Operator;
use super::super::error::Problem;
use super::super::library::{Args, Given, no_overload};
use super::super::meter::Meter;
use super::super::value::Value;
use crate::model::duration_nanos;

/// The first and the last second that an instant may be in: the years 1 to 9999.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
const SECOND: i64 = 1_000_000_000;

fn instant<'e>(at: Option<Timestamp>) -> Given<'e> {
    match at.filter(|at| SECONDS.contains(&at.as_second())) {
        Some(at) => Ok(Value::Timestamp(at)),
        None => Problem::wrong("the instant is not in the years 1 to 9999"),
    }
}

fn length<'e>(nanos: Option<i64>) -> Given<'e> {
    nanos.map_or_else(
        || Problem::wrong("the duration does not fit into 64 bits of nanoseconds"),
        |nanos| Ok(Value::Duration(nanos)),
    )
}

/// `duration('1h30m')`.
pub(in super::super) fn duration<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    match args {
        [Value::Duration(nanos)] => Ok(Value::Duration(*nanos)),
        [Value::Int(nanos)] => Ok(Value::Duration(*nanos)),
        [Value::Text(text)] => {
            meter.reads(text.len())?;
            let start: String = text.chars().take(40).collect();
            let none =
                || Problem::wrong(format!("'{}' is no duration such as '1h30m'", start.escape_debug()));
            duration_nanos(text).map_or_else(none, |nanos| Ok(Value::Duration(nanos)))
        }
        _ => no_overload("duration", args),
    }
}

/// A duration as `string()` gives it: seconds.
#[expect(clippy::cast_precision_loss, reason = "as Go writes it")]
pub(super) fn duration_text(nanos: i64) -> String {
    let seconds = (nanos / SECOND) as f64 + (nanos % SECOND) as f64 / 1e9;
    format!("{seconds}s")
}

/// `timestamp('2026-01-01T00:00:00Z')`, and of seconds since 1970.
pub(in super::super) fn timestamp<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    match args {
        [Value::Timestamp(at)] => Ok(Value::Timestamp(*at)),
        [Value::Int(seconds)] => instant(Timestamp::from_second(*seconds).ok()),
        [Value::Text(text)] => {
            meter.reads(text.len())?;
            if !is_rfc3339(text) {
                let start: String = text.chars().take(40).collect();
                return Problem::wrong(format!(
                    "'{}' is no instant such as '2026-01-31T12:00:00Z'",
                    start.escape_debug()
                ));
            }
            instant(text.parse().ok())
        }
        _ => no_overload("timestamp", args),
    }
}

/// The one form that Kubernetes reads; the library reads more.
fn is_rfc3339(text: &str) -> bool {
    let shape = |text: &str, like: &str| {
        let fits = |(a, b): (u8, u8)| if b == b'0' { a.is_ascii_digit() } else { a == b };
        text.len() == like.len() && text.bytes().zip(like.bytes()).all(fits)
    };
    let Some((moment, rest)) = text.split_at_checked(19) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() || fraction.len() - zone.len() > 9 {
                return false;
            }
            zone
        }
        None => rest,
    };
    let leap = moment.ends_with(":60");
    shape(moment, "0000-00-00T00:00:00")
        && !leap
        && (rest == "Z" || shape(rest, "+00:00") || shape(rest, "-00:00"))
}

/// Sums and differences of instants and durations; `None` where they are none.
pub(in super::super) fn combine<'e>(operator: Operator, a: &Value<'_>, b: &Value<'_>) -> Option<Given<'e>> {
    let moved = |at: &Timestamp, nanos: i64, back: bool| {
        let by = jiff::SignedDuration::from_nanos(nanos);
        instant(if back { at.checked_sub(by).ok() } else { at.checked_add(by).ok() })
    };
    Some(match (operator, a, b) {
        (Operator::Add, Value::Duration(a), Value::Duration(b)) => length(a.checked_add(*b)),
        (Operator::Subtract, Value::Duration(a), Value::Duration(b)) => length(a.checked_sub(*b)),
        (Operator::Add, Value::Timestamp(at), Value::Duration(by))
        | (Operator::Add, Value::Duration(by), Value::Timestamp(at)) => moved(at, *by, false),
        (Operator::Subtract, Value::Timestamp(at), Value::Duration(by)) => moved(at, *by, true),
        (Operator::Subtract, Value::Timestamp(a), Value::Timestamp(b)) => {
            length(i64::try_from(a.as_nanosecond() - b.as_nanosecond()).ok())
        }
        _ => return None,
    })
}

/// A part of an instant in a time zone, or of a duration as a whole.
fn part<'e>(
    name: &str,
    args: Args<'_, 'e>,
    of_instant: fn(&jiff::Zoned) -> i64,
    of_duration: Option<i64>,
) -> Given<'e> {
    let (at, zone) = match args {
        [Value::Timestamp(at)] => (at, TimeZone::UTC),
        [Value::Timestamp(at), Value::Text(zone)] => match time_zone(zone) {
            Some(zone) => (at, zone),
            None => {
                return Problem::wrong("the time zone is neither 'UTC' nor an offset such as '+02:00'");
            }
        },
        [Value::Duration(nanos)] => {
            return of_duration.map_or_else(|| no_overload(name, args), |unit| Ok(Value::Int(nanos / unit)));
        }
        _ => return no_overload(name, args),
    };
    Ok(Value::Int(of_instant(&at.to_zoned(zone))))
}

fn time_zone(name: &str) -> Option<TimeZone> {
    if matches!(name, "" | "UTC") {
        return Some(TimeZone::UTC);
    }
    let (hours, minutes) = name.split_once(':')?;
    let negative = hours.starts_with('-');
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minutes = hours.checked_mul(60)?.checked_add(if negative { -minutes } else { minutes })?;
    Offset::from_seconds(minutes.checked_mul(60)?).ok().map(TimeZone::fixed)
}

macro_rules! parts {
    ($($(#[$doc:meta])* $function:ident, $name:literal, $of_instant:expr, $of_duration:expr;)*) => {
        $($(#[$doc])* pub(in super::super) fn $function<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
            part($name, args, $of_instant, $of_duration)
        })*
    };
}

parts! {
    /// The year.
    full_year, "getFullYear", |at| i64::from(at.year()), None;
    /// The month, from 0.
    month, "getMonth", |at| i64::from(at.month()) - 1, None;
    /// The day of the month, from 1.
    date, "getDate", |at| i64::from(at.day()), None;
    /// The day of the month, from 0.
    day_of_month, "getDayOfMonth", |at| i64::from(at.day()) - 1, None;
    /// The day of the week, from Sunday, which is 0.
    day_of_week, "getDayOfWeek", |at| i64::from(at.weekday().to_sunday_zero_offset()), None;
    /// The day of the year, from 0.
    day_of_year, "getDayOfYear", |at| i64::from(at.day_of_year()) - 1, None;
    /// The hour; of a duration, all its hours.
    hours, "getHours", |at| i64::from(at.hour()), Some(3600 * SECOND);
    /// The minute; of a duration, all its minutes.
    minutes, "getMinutes", |at| i64::from(at.minute()), Some(60 * SECOND);
    /// The second; of a duration, all its seconds.
    seconds, "getSeconds", |at| i64::from(at.second()), Some(SECOND);
    /// The millisecond; of a duration, all its milliseconds.
    milliseconds, "getMilliseconds", |at| i64::from(at.millisecond()), Some(1_000_000);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, nanos) in [
            ("0", Some(0)),
            ("-1.5h", Some(-5400 * SECOND)),
            ("1h30m5s", Some(5405 * SECOND)),
            ("1.000000001s", Some(1_000_000_001)),
            (".5ms", Some(500_000)),
            ("+3us", Some(3_000)),
            ("1h1h", Some(7200 * SECOND)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("", None),
            ("1", None),
            (".s", None),
            ("1d", None),
            ("1 h", None),
            ("--1s", None),
            ("3000000h", None),
        ] {
            assert_eq!(duration_nanos(text), nanos, "{text}");
        }
    }

    #[test]
    fn instants_have_one_form() {
        for good in
            ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456789+02:00", "0001-01-01T00:00:00-05:30"]
        {
            assert!(is_rfc3339(good), "{good}");
        }
        for bad in [
            "2026-01-31",
            "2026-01-31 12:00:00Z",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:60Z",
            "2026-1-31T12:00:00Z",
            "2026-01-31T12:00:00+0200",
            "ééééééééééééé",
        ] {
            assert!(!is_rfc3339(bad), "{bad}");
        }
    }
}
