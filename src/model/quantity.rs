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
        let (negative, body) = match written.as_bytes().first()? {
            b'-' => (true, written.get(1..)?),
            b'+' => (false, written.get(1..)?),
            _ => (false, written),
        };
        let digits_end = body.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(body.len());
        let (number, suffix) = body.split_at_checked(digits_end)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (base, exponent) = scale(suffix)?;
        let nanos = value(whole, fraction, base, exponent)?;
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

/// The multiplier of a suffix, as a base to multiply by and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    Some(match suffix {
        "" => (1, 0),
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        _ => (1, suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok().filter(|e| (-30..=30).contains(e))?),
    })
}

/// `whole.fraction * base * 10^exponent` in billionths, rounded away from zero, saturating.
fn value(whole: &str, fraction: &str, base: i128, exponent: i32) -> Option<i128> {
    // 27 decimal places are more than any value that a cluster stores; the rest only rounds up.
    let (kept, cut) = fraction.split_at_checked(fraction.len().min(27))?;
    let digits: String = [whole, kept].concat();
    let mantissa: i128 = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(i128::MAX) };
    let scaled = mantissa.saturating_mul(base);
    let power = exponent - i32::try_from(kept.len()).ok()? + 9;
    let ten = 10_i128.saturating_pow(power.unsigned_abs());
    let more = cut.bytes().any(|b| b != b'0');
    Some(if power >= 0 {
        scaled.saturating_mul(ten)
    } else {
        let rest = scaled % ten != 0 || more;
        scaled / ten + i128::from(rest)
    })
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
        ] {
            assert_eq!(nanos(written), value, "{written}");
        }
    }

    #[test]
    fn refuses_what_the_api_server_refuses() {
        for written in ["", "-", ".", "1.2.3", "1 Gi", "Gi", "1gb", "1K", "one", "0x10", "1e", "1ee3", " 1"] {
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
