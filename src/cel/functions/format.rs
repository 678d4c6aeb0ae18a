//! `x.format([...])` and quoting: values as people read them.
//!
//! As Kubernetes formats, but for `%e`.

use super::super::error::Problem;
use super::super::library::{Args, Given, no_overload};
use super::super::meter::Meter;
use super::super::value::{List, Map, Value};
use super::convert;

/// Digits after the point where nobody says how many.
const DIGITS: usize = 6;
const MAX_DIGITS: usize = 100;

/// `'%s has %d'.format([x, y])`.
pub(in super::super) fn format<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::Text(template), Value::List(values)] = args else { return no_overload("format", args) };
    meter.makes(template.len())?;
    let mut out = String::with_capacity(template.len());
    let mut values = values.iter();
    let mut rest: &str = template;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let (digits, after) = precision(after)?;
        let mut chars = after.chars();
        let verb = chars.next();
        let Some(value) = values.next() else {
            return Problem::wrong("there are fewer values than places for them");
        };
        let text = match verb {
            Some('s') => shown(&value, meter)?,
            Some('d') => match value {
                Value::Int(value) => value.to_string(),
                Value::Uint(value) => value.to_string(),
                _ => return unfit("%d", "whole numbers", &value),
            },
            Some('f') => match value {
                Value::Double(value) => grouped(value, digits.unwrap_or(DIGITS)),
                _ => return unfit("%f", "doubles", &value),
            },
            Some('x') => hexadecimal(&value, meter)?,
            Some('X') => hexadecimal(&value, meter)?.to_ascii_uppercase(),
            Some('b') => match value {
                Value::Int(value) => signed(value, |number| format!("{number:b}")),
                Value::Uint(value) => format!("{value:b}"),
                Value::Bool(value) => u8::from(value).to_string(),
                _ => return unfit("%b", "whole numbers and truths", &value),
            },
            Some('o') => match value {
                Value::Int(value) => signed(value, |number| format!("{number:o}")),
                Value::Uint(value) => format!("{value:o}"),
                _ => return unfit("%o", "whole numbers", &value),
            },
            Some(other) => {
                return Problem::wrong(format!(
                    "'%{}' is none of %s %d %f %x %X %b %o %%",
                    other.escape_debug()
                ));
            }
            None => return Problem::wrong("a text to format ends with '%'"),
        };
        meter.makes(text.len())?;
        out.push_str(&text);
        rest = chars.as_str();
    }
    out.push_str(rest);
    Ok(Value::text(out))
}

fn unfit<T>(verb: &str, wanted: &str, value: &Value<'_>) -> Result<T, Problem> {
    Problem::wrong(format!("'{verb}' is for {wanted}, not for {}", value.described()))
}

/// `.3` before a verb.
fn precision(rest: &str) -> Result<(Option<usize>, &str), Problem> {
    let Some(after) = rest.strip_prefix('.') else { return Ok((None, rest)) };
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    let (digits, after) = after.split_at_checked(end).unwrap_or((after, ""));
    match digits.parse() {
        Ok(digits) if digits <= MAX_DIGITS => Ok((Some(digits), after)),
        _ => Problem::wrong("a precision is a number of digits, at most 100"),
    }
}

fn signed(value: i64, digits: impl Fn(u64) -> String) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", digits(value.unsigned_abs()))
}

fn hexadecimal(value: &Value<'_>, meter: &Meter) -> Result<String, Problem> {
    let of_bytes = |bytes: &[u8]| {
        meter.makes(bytes.len().saturating_mul(2))?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    match value {
        Value::Int(value) => Ok(signed(*value, |number| format!("{number:x}"))),
        Value::Uint(value) => Ok(format!("{value:x}")),
        Value::Text(text) => of_bytes(text.as_bytes()),
        Value::Bytes(bytes) => of_bytes(bytes),
        _ => unfit("%x", "whole numbers, texts and bytes", value),
    }
}

/// A number with a comma between the thousands.
fn grouped(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    let plain = format!("{:.*}", digits, value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::from(if value.is_sign_negative() { "-" } else { "" });
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A value by itself: a text without quotes.
fn shown(value: &Value<'_>, meter: &Meter) -> Result<String, Problem> {
    match value {
        Value::Null => Ok("null".to_owned()),
        Value::List(list) => of_list(list, meter),
        Value::Map(map) => of_map(map, meter),
        other => match convert::written(other, meter)? {
            Some(text) => Ok(text),
            None => unfit("%s", "texts, numbers, truths, lists and maps", other),
        },
    }
}

/// A value within a list or a map: a text with quotes. As deep as the value, which is bounded.
fn inside(value: &Value<'_>, meter: &Meter) -> Result<String, Problem> {
    meter.steps(1)?;
    let text = shown(value, meter)?;
    meter.makes(text.len())?;
    Ok(match value {
        Value::Text(_) => quoted(&text),
        Value::Bytes(_) => format!("b{}", quoted(&text)),
        Value::Double(value) if value.is_finite() => format!("{value:.DIGITS$}"),
        Value::Double(value) => quoted(if value.is_nan() { "NaN" } else { &text }),
        Value::Duration(_) => format!("duration({})", quoted(&text)),
        Value::Timestamp(_) => format!("timestamp({})", quoted(&text)),
        _ => text,
    })
}

fn of_list(list: &List<'_>, meter: &Meter) -> Result<String, Problem> {
    let items: Result<Vec<String>, Problem> = list.iter().map(|item| inside(&item, meter)).collect();
    Ok(format!("[{}]", items?.join(", ")))
}

fn of_map(map: &Map<'_>, meter: &Meter) -> Result<String, Problem> {
    let entry = |(key, value)| Ok((inside(&key, meter)?, inside(&value, meter)?));
    let mut entries: Vec<(String, String)> = map.iter().map(entry).collect::<Result<_, Problem>>()?;
    entries.sort();
    let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
    Ok(format!("{{{}}}", entries.join(", ")))
}

/// `strings.quote(x)`.
pub(in super::super) fn quote<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::Text(text)] = args else { return no_overload("strings.quote", args) };
    meter.makes(text.len().saturating_mul(2))?;
    Ok(Value::text(quoted(text)))
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
