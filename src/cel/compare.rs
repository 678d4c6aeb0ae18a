//! Whether two values are one, and which of two comes first.
//!
//! As deep as values are, which is bounded, and counted. Not its job: numbers (`numbers`).

use std::cmp::Ordering;

use super::error::Problem;
use super::meter::Meter;
use super::numbers;
use super::value::Value;

impl Value<'_> {
    /// Whether two values are one, counting what is compared.
    pub(super) fn equals(&self, other: &Self, meter: &Meter) -> Result<bool, Problem> {
        meter.steps(1)?;
        Ok(match (self, other) {
            (Self::Text(a), Self::Text(b)) => {
                meter.reads(a.len().min(b.len()))?;
                **a == **b
            }
            (Self::Bytes(a), Self::Bytes(b)) => {
                meter.reads(a.len().min(b.len()))?;
                a == b
            }
            (Self::List(a), Self::List(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.iter().zip(b.iter()) {
                    if !a.equals(&b, meter)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Self::Map(a), Self::Map(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (key, a) in a.iter() {
                    meter.steps(4)?;
                    match b.get(&key.key()?) {
                        Some(b) if a.equals(&b, meter)? => {}
                        _ => return Ok(false),
                    }
                }
                true
            }
            (Self::Optional(a), Self::Optional(b)) => match (a, b) {
                (Some(a), Some(b)) => a.equals(b, meter)?,
                (a, b) => a.is_none() && b.is_none(),
            },
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) => a == b,
            (Self::Quantity(a), Self::Quantity(b)) => a == b,
            (Self::Type(a), Self::Type(b)) => a == b,
            (a, b) => numbers::compare(a, b) == Some(Ordering::Equal),
        })
    }

    /// Which of two values comes first; `None` where they cannot be compared.
    pub(super) fn compare(&self, other: &Self, meter: &Meter) -> Result<Option<Ordering>, Problem> {
        meter.steps(1)?;
        Ok(match (self, other) {
            (Self::Text(a), Self::Text(b)) => {
                meter.reads(a.len().min(b.len()))?;
                Some((**a).cmp(&**b))
            }
            (Self::Bytes(a), Self::Bytes(b)) => {
                meter.reads(a.len().min(b.len()))?;
                Some(a.cmp(b))
            }
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(b)),
            (Self::Timestamp(a), Self::Timestamp(b)) => Some(a.cmp(b)),
            (a, b) => numbers::compare(a, b),
        })
    }
}
