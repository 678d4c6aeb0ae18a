//! Conversions between types, and optional values.

use super::super::error::Problem;
use super::super::library::{Args, Given, no_overload};
use super::super::meter::Meter;
use super::super::value::{Text, Type, Value};
use super::times;

fn cannot<'e>(args: Args<'_, '_>, wanted: Type) -> Given<'e> {
    let said = match args {
        [Value::Text(text)] => {
            let start: String = text.chars().take(40).collect();
            format!("'{}' is no {wanted}", start.escape_debug())
        }
        _ => return no_overload(wanted.as_str(), args),
    };
    Problem::wrong(said)
}

fn too_large<'e>(wanted: Type) -> Given<'e> {
    Problem::wrong(format!("the value does not fit into {wanted}"))
}

/// `int(x)`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the bounds are looked at before"
)]
pub(in super::super) fn int<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    match args {
        [Value::Int(value)] => Ok(Value::Int(*value)),
        [Value::Uint(value)] => {
            i64::try_from(*value).map_or_else(|_| too_large(Type::Int), |v| Ok(Value::Int(v)))
        }
        // The bounds themselves are out: as a double, the upper one is one too many.
        [Value::Double(value)] if *value > i64::MIN as f64 && *value < i64::MAX as f64 => {
            Ok(Value::Int(*value as i64))
        }
        [Value::Double(_)] => too_large(Type::Int),
        [Value::Timestamp(at)] => Ok(Value::Int(at.as_second())),
        [Value::Duration(nanos)] => Ok(Value::Int(*nanos)),
        [Value::Text(text)] => {
            meter.reads(text.len())?;
            text.parse().map_or_else(|_| cannot(args, Type::Int), |value| Ok(Value::Int(value)))
        }
        _ => no_overload("int", args),
    }
}

/// `uint(x)`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the bounds are looked at before"
)]
pub(in super::super) fn uint<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    match args {
        [Value::Uint(value)] => Ok(Value::Uint(*value)),
        [Value::Int(value)] => {
            u64::try_from(*value).map_or_else(|_| too_large(Type::Uint), |v| Ok(Value::Uint(v)))
        }
        [Value::Double(value)] if *value >= 0.0 && *value < u64::MAX as f64 => Ok(Value::Uint(*value as u64)),
        [Value::Double(_)] => too_large(Type::Uint),
        [Value::Text(text)] => {
            meter.reads(text.len())?;
            let digits = Some(&**text).filter(|text| !text.starts_with('+'));
            match digits.and_then(|digits| digits.parse().ok()) {
                Some(value) => Ok(Value::Uint(value)),
                None => cannot(args, Type::Uint),
            }
        }
        _ => no_overload("uint", args),
    }
}

/// `double(x)`.
#[expect(clippy::cast_precision_loss, reason = "so does CEL")]
pub(in super::super) fn double<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    match args {
        [Value::Double(value)] => Ok(Value::Double(*value)),
        [Value::Int(value)] => Ok(Value::Double(*value as f64)),
        [Value::Uint(value)] => Ok(Value::Double(*value as f64)),
        [Value::Text(text)] => {
            meter.reads(text.len())?;
            let said_infinite = text.to_ascii_lowercase().contains("inf");
            match text.parse::<f64>() {
                Ok(value) if value.is_infinite() && !said_infinite => cannot(args, Type::Double),
                Ok(value) => Ok(Value::Double(value)),
                Err(_) => cannot(args, Type::Double),
            }
        }
        _ => no_overload("double", args),
    }
}

/// `string(x)`.
pub(in super::super) fn string<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [value] = args else { return no_overload("string", args) };
    match value {
        Value::Text(text) => Ok(Value::Text(text.clone())),
        other => {
            let text = written(other, meter)?;
            text.map_or_else(|| no_overload("string", args), |text| Ok(Value::text(text)))
        }
    }
}

/// A value as a text; `None` where its type has none.
pub(super) fn written(value: &Value<'_>, meter: &Meter) -> Result<Option<String>, Problem> {
    meter.makes(32)?;
    Ok(Some(match value {
        Value::Text(text) => {
            meter.makes(text.len())?;
            text.to_string()
        }
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => general(*value),
        Value::Duration(nanos) => times::duration_text(*nanos),
        Value::Timestamp(at) => at.to_string(),
        Value::Type(of) => of.as_str().to_owned(),
        Value::Bytes(bytes) => {
            meter.makes(bytes.len())?;
            match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => return Problem::wrong("the bytes are no UTF-8"),
            }
        }
        _ => return Ok(None),
    }))
}

/// A number as Go writes it by `%g`.
fn general(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// `bytes(x)`.
pub(in super::super) fn bytes<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    match args {
        [Value::Bytes(bytes)] => Ok(Value::Bytes(bytes.clone())),
        [Value::Text(text)] => {
            meter.makes(text.len())?;
            Ok(Value::Bytes(text.as_bytes().into()))
        }
        _ => no_overload("bytes", args),
    }
}

/// `bool(x)`.
pub(in super::super) fn bool<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    match args {
        [Value::Bool(value)] => Ok(Value::Bool(*value)),
        [Value::Text(text)] => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => cannot(args, Type::Bool),
        },
        _ => no_overload("bool", args),
    }
}

/// `dyn(x)`: here every value is.
pub(in super::super) fn dynamic<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    args.first().cloned().map_or_else(|| no_overload("dyn", args), Ok)
}

/// `type(x)`.
pub(in super::super) fn type_of<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    args.first().map_or_else(|| no_overload("type", args), |value| Ok(Value::Type(value.type_of())))
}

/// `optional.of(x)`.
pub(in super::super) fn optional_of<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    args.first().cloned().map_or_else(|| no_overload("optional.of", args), Value::some)
}

/// `optional.ofNonZeroValue(x)`.
pub(in super::super) fn optional_of_non_zero<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let Some(value) = args.first() else { return no_overload("optional.ofNonZeroValue", args) };
    let zero = match value {
        Value::Null | Value::Optional(None) => true,
        Value::Bool(value) => !value,
        Value::Int(value) => *value == 0,
        Value::Uint(value) => *value == 0,
        Value::Double(value) => *value == 0.0,
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(list) => list.len() == 0,
        Value::Map(map) => map.len() == 0,
        Value::Duration(nanos) => *nanos == 0,
        Value::Timestamp(_) | Value::Quantity(_) | Value::Optional(Some(_)) | Value::Type(_) => false,
    };
    if zero { Ok(Value::Optional(None)) } else { optional_of(args, meter) }
}

/// `optional.none()`.
pub(in super::super) fn optional_none<'e>(_: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    Ok(Value::Optional(None))
}

/// `x.hasValue()`.
pub(in super::super) fn has_value<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    match args {
        [Value::Optional(value)] => Ok(Value::Bool(value.is_some())),
        _ => no_overload("hasValue", args),
    }
}

/// `x.value()`.
pub(in super::super) fn value<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    match args {
        [Value::Optional(Some(value))] => Ok(value.as_ref().clone()),
        [Value::Optional(None)] => {
            Problem::wrong("the optional value is not there; orValue(...) says what then")
        }
        _ => no_overload("value", args),
    }
}

/// A text of values that are one.
pub(super) fn text_of<'a, 'e>(value: Option<&'a Value<'e>>) -> Option<&'a Text<'e>> {
    match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}
