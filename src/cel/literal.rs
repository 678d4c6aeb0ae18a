//! What literals are worth: numbers, texts and bytes with their escapes.

use super::ast::What;
use super::lexer::Kind;

/// The value of a literal, with the sign before it.
pub(super) fn literal(kind: Kind, written: &str, negative: bool) -> Result<What, String> {
    let sign = if negative { "-" } else { "" };
    match kind {
        Kind::Int => {
            let parsed = match written.strip_prefix("0x") {
                Some(digits) => i64::from_str_radix(&format!("{sign}{digits}"), 16),
                None => format!("{sign}{written}").parse(),
            };
            parsed.map(What::Int).map_err(|_| format!("{sign}{written} does not fit into 64 bits"))
        }
        Kind::Uint => {
            let digits = written.trim_end_matches(['u', 'U']);
            let parsed = match digits.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            parsed.map(What::Uint).map_err(|_| format!("{written} does not fit into 64 bits"))
        }
        Kind::Double => {
            let value: f64 =
                format!("{sign}{written}").parse().map_err(|_| format!("{written} is no number"))?;
            if value.is_finite() { Ok(What::Double(value)) } else { Err(format!("{written} is too large")) }
        }
        Kind::Text => {
            let bytes = unescaped(written, false)?;
            let text = String::from_utf8(bytes).map_err(|_| "a text is no UTF-8".to_owned())?;
            Ok(What::Text(text.into()))
        }
        Kind::Bytes => Ok(What::Bytes(unescaped(written.get(1..).unwrap_or_default(), true)?.into())),
        Kind::Name | Kind::Quoted | Kind::Sign(_) | Kind::End => Err("this is no literal".to_owned()),
    }
}

/// The content of a text as it is written, quotes and prefix included.
fn unescaped(written: &str, bytes: bool) -> Result<Vec<u8>, String> {
    // Line ends are those of Unix, whatever the editor.
    let written = written.replace("\r\n", "\n").replace('\r', "\n");
    let raw = written.starts_with(['r', 'R']);
    let quoted = written.trim_start_matches(['r', 'R']);
    let ends =
        if quoted.len() >= 6 && (quoted.starts_with("'''") || quoted.starts_with("\"\"\"")) { 3 } else { 1 };
    let content = quoted.get(ends..quoted.len().saturating_sub(ends)).unwrap_or_default();
    if raw {
        return Ok(content.as_bytes().to_vec());
    }
    let mut out = Vec::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escape = chars.next().unwrap_or(' ');
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
        let mut take = |count: usize| chars.by_ref().take(count).collect::<String>();
        let code = match escape {
            'a' => Some(7),
            'b' => Some(8),
            'f' => Some(12),
            'n' => Some(10),
            'r' => Some(13),
            't' => Some(9),
            'v' => Some(11),
            '\\' | '\'' | '"' | '`' | '?' => Some(u32::from(escape)),
            'x' | 'X' => Some(take(2)).filter(|d| hex(d, 2)).and_then(|d| number(&d, 16)),
            'u' if !bytes => Some(take(4)).filter(|d| hex(d, 4)).and_then(|d| number(&d, 16)),
            'U' if !bytes => Some(take(8)).filter(|d| hex(d, 8)).and_then(|d| number(&d, 16)),
            '0'..='3' => {
                let digits = format!("{escape}{}", take(2));
                Some(digits).filter(|d| d.len() == 3).and_then(|d| number(&d, 8))
            }
            _ => None,
        };
        let code = code.ok_or_else(|| format!("'\\{}' is no escape", escape.escape_debug()))?;
        let is_byte = bytes && matches!(escape, 'x' | 'X' | '0'..='3');
        match (u8::try_from(code), char::from_u32(code)) {
            (Ok(byte), _) if is_byte => out.push(byte),
            (_, Some(c)) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            (_, None) => return Err(format!("U+{code:04X} is no character")),
        }
    }
    Ok(out)
}

fn hex(digits: &str, count: usize) -> bool {
    digits.len() == count && digits.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> Result<String, String> {
        match literal(Kind::Text, written, false)? {
            What::Text(text) => Ok(text.into()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_say_what_they_say_in_kubernetes() {
        for (written, says) in [
            ("'a'", "a"),
            (r#""a\"b""#, "a\"b"),
            (r"'\x41\u00e9\U0001F600\101\?\`'", "A\u{e9}\u{1f600}A?`"),
            (r"r'\d+'", r"\d+"),
            ("''", ""),
            ("'''a'b\r\nc'''", "a'b\nc"),
            ("\"\"\"\"\"\"", ""),
        ] {
            assert_eq!(text(written).as_deref(), Ok(says), "{written}");
        }
        for wrong in [r"'\q'", r"'\x4'", r"'\x+4'", r"'\400'", r"'\08a'", r"'\ud800'", r"'\u12'"] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bytes_are_bytes() {
        let Ok(What::Bytes(bytes)) = literal(Kind::Bytes, r"b'\xff\377é'", false) else { panic!("bytes") };
        assert_eq!(bytes.as_ref(), [255, 255, 0xc3, 0xa9]);
        assert!(literal(Kind::Bytes, r"b'\u0041'", false).is_err());
    }

    #[test]
    fn numbers_end_where_64_bits_do() {
        let is = |kind, written, negative, wanted: &str| {
            assert_eq!(format!("{:?}", literal(kind, written, negative)), wanted);
        };
        is(Kind::Int, "9223372036854775808", true, "Ok(Int(-9223372036854775808))");
        is(Kind::Int, "0x10", true, "Ok(Int(-16))");
        is(Kind::Uint, "0xffu", false, "Ok(Uint(255))");
        is(Kind::Double, "1e3", true, "Ok(Double(-1000.0))");
        assert!(literal(Kind::Int, "9223372036854775808", false).is_err());
        assert!(literal(Kind::Double, "1e999", false).is_err());
    }
}
