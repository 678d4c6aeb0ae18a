//! Plain scalars as kubectl's YAML reads them: 1.1 habits such as `yes`, `0644` and `0x1F`.
//!
//! Not its job: quoted scalars, which are texts.

use std::borrow::Cow;
use std::fmt::Write;

/// A resolved scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// Nothing.
    Null,
    /// A truth.
    Bool(bool),
    /// A number, in JSON's notation, and as it was written.
    Number(Cow<'a, str>, Cow<'a, str>),
    /// A text.
    Text(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    /// The scalar as a key of a mapping, which is always a text in JSON.
    pub(super) fn into_key(self) -> Cow<'a, str> {
        match self {
            Self::Null => Cow::Borrowed("null"),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(_, text) | Self::Text(text) => text,
        }
    }

    pub(super) fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number, _) => out.push_str(number),
            Self::Text(text) => write_text(text, out),
        }
    }
}

/// Writes a JSON string.
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push_str(text);
    } else {
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                c if c < ' ' => {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
    }
    out.push('"');
}

/// What a plain scalar is.
pub(super) fn resolve(text: Cow<'_, str>) -> Scalar<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        _ => {}
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    if numeric && is_json_number(&text) {
        return Scalar::Number(text.clone(), text);
    }
    match numeric.then(|| number(&text)).flatten() {
        Some(number) => Scalar::Number(number.into(), text),
        None => Scalar::Text(text),
    }
}

/// Whether it is a whole number that is written as JSON writes it, as nearly all are.
fn is_json_number(text: &str) -> bool {
    let plain = text.len() < 19 && text.bytes().all(|b| b.is_ascii_digit());
    plain && (text.len() == 1 || !text.starts_with('0'))
}

fn number(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let radix = |prefixes: [&str; 2], radix| {
        let body = prefixes.iter().find_map(|p| digits.strip_prefix(p))?;
        u64::from_str_radix(body, radix).ok()
    };
    let whole = radix(["0x", "0X"], 16)
        .or_else(|| radix(["0b", "0B"], 2))
        .or_else(|| radix(["0o", "0O"], 8))
        .or_else(|| if digits.len() > 1 { radix(["0", "0"], 8) } else { None })
        .or_else(|| if digits.starts_with('0') && digits.len() > 1 { None } else { unsigned(digits) });
    if let Some(whole) = whole {
        return Some(format!("{sign}{whole}"));
    }
    is_float(digits)
        .then(|| plain.parse::<f64>().ok())
        .flatten()
        .filter(|f| f.is_finite())
        .map(|f| f.to_string())
}

fn unsigned(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten()
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`: what kubectl's YAML library calls a float.
fn is_float(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_only = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|e| {
        let digits = e.strip_prefix(['-', '+']).unwrap_or(e);
        !digits.is_empty() && digits_only(digits)
    });
    digits_only(whole) && digits_only(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_kubectl_reads() {
        for (written, json) in [
            ("0644", "420"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("1_000", "1000"),
            ("-5", "-5"),
            ("+5", "5"),
            ("0", "0"),
            ("1.5", "1.5"),
            ("09", "9"),
            ("1e+3", "1000"),
            ("yes", "true"),
            ("Off", "false"),
            ("~", "null"),
            ("", "null"),
            ("1e3", "1000"),
            ("5.", "5"),
            (".5", "0.5"),
            ("1e", "\"1e\""),
            ("1.2.3", "\"1.2.3\""),
            ("250m", "\"250m\""),
            ("2026-01-01", "\"2026-01-01\""),
            ("nope", "\"nope\""),
            ("-", "\"-\""),
            (".", "\".\""),
        ] {
            let mut out = String::new();
            resolve(Cow::Borrowed(written)).write_json(&mut out);
            assert_eq!(out, json, "{written}");
        }
    }

    #[test]
    fn escapes_what_json_needs() {
        let mut out = String::new();
        write_text("a\"b\\c\n\u{1}ü", &mut out);
        assert_eq!(out, "\"a\\\"b\\\\c\\n\\u0001ü\"");
    }
}
