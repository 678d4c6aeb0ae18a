//! Kubernetes quantities (`250m`, `1.5Gi`, `2e3`) as exact numbers.
//!
//! Not its job: deciding what a value means for a workload.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use super::Text;

/// A resource quantity: what was written, and its value in billionths of the base unit (cores, bytes).
///
/// Kubernetes rounds anything finer than a billionth up, and so does this type.
#[derive(Clone, PartialEq, Eq)]
pub struct Quantity {
    nanos: i128,
    written: Text,
}

const NANO: i128 = 1_000_000_000;

impl Quantity {
    /// Parses a quantity as the API server does; `None` when it is not one.
    pub fn parse(written: &str) -> Option<Self> {
        // A control character stands as an escape in the API's JSON, where no space is seen.
        let text = written.trim_matches(|c: char| c.is_whitespace() && !c.is_control());
        let (negative, body) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let digits_end = body.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(body.len());
        let (number, suffix) = body.split_at_checked(digits_end)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') {
            return None;
        }
        let scale = scale(suffix)?;
        // Kubernetes reads a suffix alone as nothing of it, but only on the short way, without big numbers.
        let bare = whole.is_empty() && fraction.is_empty();
        if bare && matches!(scale, Scale::Ten(..-9) | Scale::Two(50..)) {
            return None;
        }
        let nanos = match scale {
            Scale::Ten(exponent) => decimal(whole, fraction, i64::from(exponent) + 9),
            Scale::Two(exponent) => binary(whole, fraction, exponent),
        };
        Some(Self { nanos: if negative { -nanos } else { nanos }, written: Text::new(written) })
    }

    /// The value in billionths of the base unit.
    pub fn nanos(&self) -> i128 {
        self.nanos
    }

    /// Whether the value is zero.
    pub fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// Whether this is more than `times` times `other`.
    pub fn exceeds(&self, times: u32, other: &Self) -> bool {
        self.nanos > other.nanos.saturating_mul(i128::from(times))
    }
}

/// What a suffix multiplies by.
#[derive(Clone, Copy)]
enum Scale {
    /// A power of ten.
    Ten(i32),
    /// A power of two.
    Two(u32),
}

fn scale(suffix: &str) -> Option<Scale> {
    Some(match suffix {
        "" => Scale::Ten(0),
        "n" => Scale::Ten(-9),
        "u" => Scale::Ten(-6),
        "m" => Scale::Ten(-3),
        "k" => Scale::Ten(3),
        "M" => Scale::Ten(6),
        "G" => Scale::Ten(9),
        "T" => Scale::Ten(12),
        "P" => Scale::Ten(15),
        "E" => Scale::Ten(18),
        "Ki" => Scale::Two(10),
        "Mi" => Scale::Two(20),
        "Gi" => Scale::Two(30),
        "Ti" => Scale::Two(40),
        "Pi" => Scale::Two(50),
        "Ei" => Scale::Two(60),
        _ => Scale::Ten(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    })
}

/// The digits with the point moved by `places`: rounded away from zero, saturating.
fn decimal(whole: &str, fraction: &str, places: i64) -> i128 {
    let digits = || whole.bytes().chain(fraction.bytes()).map(|byte| i128::from(byte - b'0'));
    let length = i64::try_from(whole.len()).unwrap_or(i64::MAX);
    let point = length.saturating_add(places);
    let (mut value, mut more, mut at) = (0_i128, false, 0_i64);
    for digit in digits() {
        if at < point {
            value = value.saturating_mul(10).saturating_add(digit);
        } else {
            more |= digit != 0;
        }
        at += 1;
    }
    // 39 places are more than the type has.
    for _ in 0..point.saturating_sub(at).clamp(0, 39) {
        value = value.saturating_mul(10);
    }
    value.saturating_add(i128::from(more))
}

/// As many times two to the power of `exponent`, in billionths: rounded away from zero, and no more than Kubernetes'
/// cap.
fn binary(whole: &str, fraction: &str, exponent: u32) -> i128 {
    const CAP: i128 = i64::MAX as i128 * NANO;
    let unit = NANO << exponent;
    // Long multiplication of the fraction, from its last digit: exact however long it is.
    let (mut carried, mut more) = (0_i128, false);
    for byte in fraction.bytes().rev() {
        carried += i128::from(byte - b'0') * unit;
        more |= carried % 10 != 0;
        carried /= 10;
    }
    let value = decimal(whole, "", 0).saturating_mul(unit).saturating_add(carried + i128::from(more));
    value.min(CAP)
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.nanos.cmp(&other.nanos))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} cores or bytes)", self.written, self.nanos / NANO)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct QuantityVisitor;
        impl Visitor<'_> for QuantityVisitor {
            type Value = Quantity;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as 250m or 1Gi")
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Quantity, E> {
                Quantity::parse(v).ok_or_else(|| E::invalid_value(de::Unexpected::Str(v), &self))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Quantity, E> {
                self.visit_str(&v.to_string())
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Quantity, E> {
                self.visit_str(&v.to_string())
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Quantity, E> {
                self.visit_str(&v.to_string())
            }
        }
        deserializer.deserialize_any(QuantityVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(written: &str) -> i128 {
        Quantity::parse(written).unwrap_or_else(|| panic!("{written} is a quantity")).nanos()
    }

    #[test]
    fn reads_what_the_api_server_reads() {
        for (written, value) in [
            ("0", 0),
            ("1", NANO),
            ("250m", NANO / 4),
            ("0.5", NANO / 2),
            (".5", NANO / 2),
            ("5.", 5 * NANO),
            ("+1", NANO),
            ("-1", -NANO),
            ("1k", 1000 * NANO),
            ("1Ki", 1024 * NANO),
            ("1.5Gi", 3 * (1 << 29) * NANO),
            ("1e3", 1000 * NANO),
            ("1E3", 1000 * NANO),
            ("1E", 1_000_000_000_000_000_000 * NANO),
            ("12e-1", NANO + NANO / 5),
            ("100n", 100),
            ("1e-10", 1),
            (" 1 ", NANO),
            ("1e25", 10_i128.pow(34)),
            ("9Ei", i128::from(i64::MAX) * NANO),
            ("-40.383532164645550462923712Ei", -i128::from(i64::MAX) * NANO),
            ("0.00000000000000000000000000000001Ki", 1),
            // Odd, but so it is.
            (".", 0),
            ("-", 0),
            ("Gi", 0),
            ("e-4", 0),
        ] {
            assert_eq!(nanos(written), value, "{written}");
        }
    }

    #[test]
    fn refuses_what_the_api_server_refuses() {
        for written in
            ["", " ", "1.2.3", "1 Gi", "Pi", "1gb", "1K", "one", "0x10", "1e", "1ee3", "\t1", "e-10"]
        {
            assert_eq!(Quantity::parse(written), None, "{written}");
        }
    }

    #[test]
    fn compares_exactly() {
        let q = |s| Quantity::parse(s).unwrap();
        assert!(q("1Gi") > q("1G"));
        assert!(!q("512Mi").exceeds(2, &q("256Mi")));
        assert!(q("513Mi").exceeds(2, &q("256Mi")));
    }
}
