//! Regular expressions as Kubernetes takes them (Go's RE2), on a library that differs from it in a few places.
//!
//! Here are the differences: classes such as `\d` are of ASCII, `\Q..\E` quotes, and inside brackets nothing but `]`,
//! `\` and `[:name:]` is special. Both are automata without backtracking. Not its job: what a match costs (`meter`).

use regex::{Regex, RegexBuilder};

/// What a compiled expression may take; the same again for what it caches.
const MAX_BYTES: usize = 48 << 10;
const MAX_NEST: u32 = 32;
/// The longest expression that is made while evaluating.
pub(super) const MAX_MADE: usize = 256;

/// Compiles one.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(&translate(pattern));
    let compiled = builder.size_limit(MAX_BYTES).dfa_size_limit(MAX_BYTES).nest_limit(MAX_NEST).build();
    compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
        error => {
            // The library draws the expression with a mark below; its last line says what is wrong.
            let said = error.to_string();
            let last = said.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("this is no regular expression: {last}")
        }
    })
}

/// The same expression in the library's words.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut in_brackets = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let (said, left): (&str, &str) = match c {
            '\\' => {
                let escaped = after.chars().next();
                let left = after.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
                let said = match escaped {
                    Some('d') => "[0-9]",
                    Some('D') => "[^0-9]",
                    Some('s') => r"[\t\n\x0C\r ]",
                    Some('S') => r"[^\t\n\x0C\r ]",
                    Some('w') => "[0-9A-Za-z_]",
                    Some('W') => "[^0-9A-Za-z_]",
                    Some('b') if !in_brackets => r"(?-u:\b)",
                    Some('Q') if !in_brackets => {
                        let (quoted, left) = left.split_once(r"\E").unwrap_or((left, ""));
                        out.push_str(&regex::escape(quoted));
                        rest = left;
                        continue;
                    }
                    _ => rest.get(..rest.len() - left.len()).unwrap_or_default(),
                };
                (said, left)
            }
            '[' if !in_brackets => {
                in_brackets = true;
                // A bracket that closes at once is one of the characters.
                let length = if after.starts_with("^]") {
                    3
                } else if after.starts_with(']') || after.starts_with('^') {
                    2
                } else {
                    1
                };
                let (open, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
                match open {
                    "[]" => (r"[\]", left),
                    "[^]" => (r"[^\]", left),
                    _ => (open, left),
                }
            }
            '[' if after.starts_with(':') && after.contains(":]") => {
                let end = after.find(":]").map_or(0, |at| at + 3);
                let (class, left) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (class, left)
            }
            '[' => (r"\[", after),
            ']' => {
                in_brackets = false;
                ("]", after)
            }
            '&' if in_brackets => (r"\&", after),
            '~' if in_brackets => (r"\~", after),
            // Go takes a brace that repeats nothing for itself.
            '{' if !in_brackets && !repeats(after) => (r"\{", after),
            _ => (rest.get(..c.len_utf8()).unwrap_or_default(), after),
        };
        out.push_str(said);
        rest = left;
    }
    out
}

/// Whether `{` before this begins a repetition.
fn repeats(after: &str) -> bool {
    let Some((count, _)) = after.split_once('}') else { return false };
    let (least, most) = count.split_once(',').unwrap_or((count, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}")).is_match(text)
    }

    #[test]
    fn means_what_it_means_in_kubernetes() {
        for (pattern, text, does) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "٣", false),
            (r"^\w+$", "é", false),
            (r"^[\w.]+$", "a.b_1", true),
            (r"^[^\d]$", "5", false),
            (r"^[\D5]$", "5", true),
            (r"\Qa.b\E$", "a.b", true),
            (r"\Qa.b\E$", "axb", false),
            (r"^[a&&b]+$", "a&b", true),
            (r"^[]a]+$", "a]", true),
            (r"^[^]a]+$", "b", true),
            (r"^[[]$", "[", true),
            (r"^[[:alpha:]1]+$", "ab1", true),
            (r"^a{,2}$", "a{,2}", true),
            (r"^\{\{.*}}$", "{{x}}", true),
            (r"^x{2}$", "xx", true),
            (r"\bfoo\b", "a foo!", true),
            ("(?i)ABC", "xabcx", true),
            (r"^\pL$", "é", true),
        ] {
            assert_eq!(matches(pattern, text), does, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_is_none_is_said_in_a_line() {
        assert_eq!(compile("a(").unwrap_err(), "this is no regular expression: unclosed group");
        assert_eq!(compile(r"\pL{100}{100}").unwrap_err(), "the regular expression is too large");
        assert!(compile(&"(".repeat(500)).is_err() && compile("[").is_err() && compile("\\").is_err());
    }
}
