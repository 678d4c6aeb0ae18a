//! Functions of Kubernetes' quantities. Not its job: reading one (`model::Quantity`).

use std::rc::Rc;

use super::super::error::Problem;
use super::super::library::{Args, Given, no_overload};
use super::super::meter::Meter;
use super::super::value::Value;
use crate::model::Quantity;

const NANO: i128 = 1_000_000_000;

fn of<'e>(nanos: i128) -> Value<'e> {
    Value::Quantity(Rc::new(nanos))
}

/// `quantity('100Mi')`. Also of a number: manifests write `cpu: 1`, which the API server keeps as a text.
pub(in super::super) fn quantity<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let nanos = match args {
        [Value::Text(text)] => {
            meter.reads(text.len())?;
            read(text)
        }
        [Value::Int(value)] => Some(i128::from(*value).saturating_mul(NANO)),
        [Value::Uint(value)] => Some(i128::from(*value).saturating_mul(NANO)),
        [Value::Double(value)] => read(&value.to_string()),
        _ => return no_overload("quantity", args),
    };
    match (nanos, args) {
        (Some(nanos), _) => Ok(of(nanos)),
        (None, [Value::Text(text)]) => {
            let start: String = text.chars().take(40).collect();
            Problem::wrong(format!("'{}' is no quantity such as '500m' or '1Gi'", start.escape_debug()))
        }
        (None, _) => Problem::wrong("the number is no quantity"),
    }
}

/// A quantity, but none that is longer than anybody writes: each becomes an interned text.
fn read(text: &str) -> Option<i128> {
    Some(text).filter(|text| text.len() <= 128).and_then(Quantity::parse).map(|quantity| quantity.nanos())
}

/// `isQuantity('100Mi')`.
pub(in super::super) fn is_quantity<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::Text(text)] = args else { return no_overload("isQuantity", args) };
    meter.reads(text.len())?;
    Ok(Value::Bool(read(text).is_some()))
}

/// `q.sign()`.
pub(in super::super) fn sign<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    let [Value::Quantity(nanos)] = args else { return no_overload("sign", args) };
    Ok(Value::Int(i64::try_from(nanos.signum()).unwrap_or(0)))
}

fn two(name: &str, args: Args<'_, '_>) -> Result<(i128, i128), Problem> {
    match args {
        [Value::Quantity(a), Value::Quantity(b)] => Ok((**a, **b)),
        _ => no_overload(name, args),
    }
}

fn with_number(name: &str, args: Args<'_, '_>) -> Result<(i128, i128), Problem> {
    match args {
        [Value::Quantity(a), Value::Int(b)] => Ok((**a, i128::from(*b) * NANO)),
        _ => two(name, args),
    }
}

/// `q.add(r)`, `q.add(20)`.
pub(in super::super) fn add<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    with_number("add", args).map(|(a, b)| of(a.saturating_add(b)))
}

/// `q.sub(r)`, `q.sub(20)`.
pub(in super::super) fn sub<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    with_number("sub", args).map(|(a, b)| of(a.saturating_sub(b)))
}

/// `q.isGreaterThan(r)`.
pub(in super::super) fn is_greater<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    two("isGreaterThan", args).map(|(a, b)| Value::Bool(a > b))
}

/// `q.isLessThan(r)`.
pub(in super::super) fn is_less<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    two("isLessThan", args).map(|(a, b)| Value::Bool(a < b))
}

/// `q.compareTo(r)`.
pub(in super::super) fn compare_to<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    two("compareTo", args).map(|(a, b)| Value::Int(a.cmp(&b) as i64))
}

fn integer(args: Args<'_, '_>, name: &str) -> Result<Option<i64>, Problem> {
    let [Value::Quantity(nanos)] = args else { return no_overload(name, args) };
    Ok((**nanos % NANO == 0).then(|| i64::try_from(**nanos / NANO).ok()).flatten())
}

/// `q.isInteger()`.
pub(in super::super) fn is_integer<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    integer(args, "isInteger").map(|value| Value::Bool(value.is_some()))
}

/// `q.asInteger()`.
pub(in super::super) fn as_integer<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    match integer(args, "asInteger")? {
        Some(value) => Ok(Value::Int(value)),
        None => Problem::wrong("the quantity is no whole number of 64 bits"),
    }
}

/// `q.asApproximateFloat()`.
#[expect(clippy::cast_precision_loss, reason = "it says so")]
pub(in super::super) fn as_float<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    let [Value::Quantity(nanos)] = args else { return no_overload("asApproximateFloat", args) };
    let (whole, rest) = (**nanos / NANO, **nanos % NANO);
    Ok(Value::Double(whole as f64 + rest as f64 / NANO as f64))
}
