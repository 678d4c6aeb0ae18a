//! A source to tokens. Not its job: what literals are worth (`literal`), or what tokens mean together (`parser`).

use super::CelError;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name.
    Name,
    /// A name in backquotes.
    Quoted,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    /// An operator, a bracket, a keyword.
    Sign(&'static str),
    /// The end.
    End,
}

/// A token, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The longer before what they begin with.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", "{", "}", ".", ",", "?", ":", "+",
    "-", "*", "/", "%",
];
const KEYWORDS: &[&str] = &["in", "true", "false", "null"];
/// No variable and no function may have one of these names. A field may.
pub(super) const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Takes a source apart. The last token is the end.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, CelError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let kind = lexer.next().map_err(|what| CelError::at(source, start, what))?;
        tokens.push(Token { kind, start, end: lexer.at });
        if kind == Kind::End {
            return Ok(tokens);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn takes(&mut self, text: &str) -> bool {
        let takes = self.rest().starts_with(text);
        self.at += if takes { text.len() } else { 0 };
        takes
    }

    /// Goes past what fits; whether anything did.
    fn skip(&mut self, fits: impl Fn(char) -> bool) -> bool {
        let rest = self.rest();
        let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += length;
        length > 0
    }

    fn skip_blanks(&mut self) {
        while self.skip(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}')) || self.rest().starts_with("//")
        {
            if self.rest().starts_with("//") {
                self.skip(|c| c != '\n');
            }
        }
    }

    fn next(&mut self) -> Result<Kind, String> {
        let Some(first) = self.peek() else { return Ok(Kind::End) };
        let digit_after_point = || {
            self.rest().strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        if first.is_ascii_digit() || digit_after_point() {
            return self.number();
        }
        if let Some(kind) = self.text()? {
            return Ok(kind);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let start = self.at;
            self.skip(|c| c.is_ascii_alphanumeric() || c == '_');
            let name = self.source.get(start..self.at).unwrap_or_default();
            return Ok(KEYWORDS
                .iter()
                .find(|word| **word == name)
                .map_or(Kind::Name, |word| Kind::Sign(word)));
        }
        if self.takes("`") {
            let fits = self.skip(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | ' '));
            let closed = self.takes("`");
            return if fits && closed {
                Ok(Kind::Quoted)
            } else {
                Err("a name in backquotes has no end".to_owned())
            };
        }
        match SIGNS.iter().find(|sign| self.takes(sign)) {
            Some(sign) => Ok(Kind::Sign(sign)),
            None => Err(format!("'{}' means nothing here", first.escape_debug())),
        }
    }

    fn number(&mut self) -> Result<Kind, String> {
        let digit = |c: char| c.is_ascii_digit();
        let kind = if self.takes("0x") {
            if !self.skip(|c| c.is_ascii_hexdigit()) {
                return Err("a number has no digits after '0x'".to_owned());
            }
            Kind::Int
        } else {
            self.skip(digit);
            let mut kind = Kind::Int;
            let rest = self.rest();
            if rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(digit)) {
                self.at += 1;
                self.skip(digit);
                kind = Kind::Double;
            }
            let before = self.at;
            if self.takes("e") || self.takes("E") {
                let _ = self.takes("+") || self.takes("-");
                if self.skip(digit) {
                    kind = Kind::Double;
                } else {
                    self.at = before;
                }
            }
            kind
        };
        let unsigned = kind == Kind::Int && (self.takes("u") || self.takes("U"));
        if self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err("a number runs into a name".to_owned());
        }
        Ok(if unsigned { Kind::Uint } else { kind })
    }

    /// A text or bytes; `None` where neither begins here.
    fn text(&mut self) -> Result<Option<Kind>, String> {
        let rest = self.rest();
        let quote_at = rest.bytes().take(3).position(|byte| matches!(byte, b'\'' | b'"'));
        let Some(prefix) = quote_at.and_then(|at| rest.get(..at)) else { return Ok(None) };
        let (bytes, raw) = match prefix {
            "" => (false, false),
            "r" | "R" => (false, true),
            "b" | "B" => (true, false),
            "br" | "bR" | "Br" | "BR" => (true, true),
            _ => return Ok(None),
        };
        self.at += prefix.len();
        let quote = if self.rest().starts_with('"') { "\"" } else { "'" };
        let long = quote.repeat(3);
        let (end, spans_lines) = if self.takes(&long) { (long.as_str(), true) } else { (quote, false) };
        if !spans_lines {
            self.at += 1;
        }
        loop {
            if self.takes(end) {
                return Ok(Some(if bytes { Kind::Bytes } else { Kind::Text }));
            }
            match self.peek() {
                None => return Err("a text has no end".to_owned()),
                Some('\n' | '\r') if !spans_lines => {
                    return Err("a text has no end on its line; three quotes hold several lines".to_owned());
                }
                Some(c) => self.at += c.len_utf8(),
            }
            // Whatever follows a backslash does not end the text.
            if !raw && self.source.get(..self.at).is_some_and(|before| before.ends_with('\\')) {
                self.at += self.peek().map_or(0, char::len_utf8);
            }
        }
    }
}
