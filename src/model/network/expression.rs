//! Calico's selector expressions: `app == 'web' && has(team)`.
//!
//! What cannot be read is `Opaque`, and whatever rests on it cannot be told.

use serde::{Deserialize, Deserializer};

use super::super::Text;
use super::LabelValue;
use super::endpoint::{all, any};

/// A selector expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expression {
    /// `all()`, or nothing.
    #[default]
    All,
    /// `has(key)`.
    Has(Text),
    /// `key == 'value'`, `key in {'a', 'b'}`.
    In(Text, Vec<Text>),
    /// `key contains 'x'`, `key starts with 'x'`, `key ends with 'x'`.
    Text(Text, TextTest, Text),
    /// `!x`; `key != 'value'` and `not in` as well, which hold for a key that is not there.
    Not(Box<Expression>),
    /// `x && y`.
    And(Vec<Expression>),
    /// `x || y`.
    Or(Vec<Expression>),
    /// Not one that can be read here: `global()`, or a mistake.
    Opaque,
}

/// How the value of a label is compared with a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// `contains`.
    Contains,
    /// `starts with`.
    StartsWith,
    /// `ends with`.
    EndsWith,
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Self {
        let Some(tokens) = tokens(text) else { return Self::Opaque };
        if tokens.is_empty() {
            return Self::All;
        }
        let mut parser = Parser { tokens: tokens.into_iter().peekable(), depth: 0 };
        parser.or().filter(|_| parser.tokens.peek().is_none()).unwrap_or(Self::Opaque)
    }

    /// Whether it holds for what has labels; `None` when that cannot be told.
    pub fn holds(&self, label: &dyn Fn(&str) -> LabelValue) -> Option<bool> {
        match self {
            Self::All => Some(true),
            // A label that a controller adds is there, but nobody knows its value here.
            Self::Has(key) => label(key).meets(|has| has.is_some()),
            Self::In(key, values) => known(label(key))?.meets(|has| has.is_some_and(|v| values.contains(v))),
            Self::Text(key, test, part) => known(label(key))?.meets(|has| {
                has.is_some_and(|value| match test {
                    TextTest::Contains => value.contains(part.as_str()),
                    TextTest::StartsWith => value.starts_with(part.as_str()),
                    TextTest::EndsWith => value.ends_with(part.as_str()),
                })
            }),
            Self::Not(inner) => inner.holds(label).map(|holds| !holds),
            Self::And(parts) => all(parts.iter().map(|part| part.holds(label))),
            Self::Or(parts) => any(parts.iter().map(|part| part.holds(label))),
            Self::Opaque => None,
        }
    }

    /// Whether a part of it cannot be read.
    pub fn is_opaque(&self) -> bool {
        match self {
            Self::Opaque => true,
            Self::Not(inner) => inner.is_opaque(),
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::is_opaque),
            _ => false,
        }
    }
}

/// In an expression with `!` nothing may be assumed of a value that is added later.
fn known(value: LabelValue) -> Option<LabelValue> {
    Some(value).filter(|value| *value != LabelValue::Added)
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(Text),
    Quoted(Text),
    Sign(&'static str),
}

const SIGNS: [&str; 9] = ["&&", "||", "==", "!=", "!", "(", ")", "{", "}"];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let (mut rest, mut tokens) = (text.trim_start(), Vec::new());
    while let Some(first) = rest.chars().next() {
        let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
        let after = if first == '\'' || first == '"' {
            let (quoted, after) = rest.strip_prefix(first)?.split_once(first)?;
            tokens.push(Token::Quoted(Text::new(quoted)));
            after
        } else if in_word(first) {
            let (word, after) = rest.split_at_checked(rest.find(|c| !in_word(c)).unwrap_or(rest.len()))?;
            tokens.push(Token::Word(Text::new(word)));
            after
        } else if first == ',' {
            tokens.push(Token::Sign(","));
            rest.strip_prefix(',')?
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
            tokens.push(Token::Sign(sign));
            rest.strip_prefix(sign)?
        };
        rest = after.trim_start();
    }
    Some(tokens)
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

/// Deeper nesting than anybody writes could exhaust the stack.
const DEEPEST: usize = 32;

impl Parser {
    fn takes(&mut self, sign: &'static str) -> bool {
        self.tokens.next_if_eq(&Token::Sign(sign)).is_some()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(w) if *w == word)).is_some()
    }

    fn word(&mut self) -> Option<Text> {
        match self.tokens.next()? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn quoted(&mut self) -> Option<Text> {
        match self.tokens.next()? {
            Token::Quoted(text) => Some(text),
            _ => None,
        }
    }

    fn or(&mut self) -> Option<Expression> {
        let mut parts = vec![self.and()?];
        while self.takes("||") {
            parts.push(self.and()?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Expression::Or(parts) })
    }

    fn and(&mut self) -> Option<Expression> {
        let mut parts = vec![self.operation()?];
        while self.takes("&&") {
            parts.push(self.operation()?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Expression::And(parts) })
    }

    fn operation(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let found = if self.takes("!") {
            self.operation().map(not)
        } else if self.takes("(") {
            let inner = self.or();
            inner.filter(|_| self.takes(")"))
        } else {
            self.term()
        };
        self.depth -= 1;
        found
    }

    fn term(&mut self) -> Option<Expression> {
        let word = self.word()?;
        if self.takes("(") {
            let found = match word.as_str() {
                "all" => Expression::All,
                "has" => Expression::Has(self.word()?),
                "global" => Expression::Opaque,
                _ => return None,
            };
            return self.takes(")").then_some(found);
        }
        if self.takes("==") {
            return Some(Expression::In(word, vec![self.quoted()?]));
        }
        if self.takes("!=") {
            return Some(not(Expression::In(word, vec![self.quoted()?])));
        }
        match self.word()?.as_str() {
            "in" => Some(Expression::In(word, self.values()?)),
            "not" if self.takes_word("in") => Some(not(Expression::In(word, self.values()?))),
            "contains" => Some(Expression::Text(word, TextTest::Contains, self.quoted()?)),
            "starts" if self.takes_word("with") => {
                Some(Expression::Text(word, TextTest::StartsWith, self.quoted()?))
            }
            "ends" if self.takes_word("with") => {
                Some(Expression::Text(word, TextTest::EndsWith, self.quoted()?))
            }
            _ => None,
        }
    }

    fn values(&mut self) -> Option<Vec<Text>> {
        let mut values = Vec::new();
        if !self.takes("{") {
            return None;
        }
        while !self.takes("}") {
            values.push(self.quoted()?);
            if !self.takes(",") {
                return self.takes("}").then_some(values);
            }
        }
        Some(values)
    }
}

fn not(inner: Expression) -> Expression {
    Expression::Not(Box::new(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, pairs: &[(&str, &str)]) -> Option<bool> {
        Expression::parse(text).holds(&|key| {
            let found = pairs.iter().find(|(k, _)| *k == key);
            found.map_or(LabelValue::Absent, |(_, value)| LabelValue::Is(Text::new(value)))
        })
    }

    #[test]
    fn means_what_calico_says() {
        let pod: &[(&str, &str)] = &[("app", "web"), ("tier", "front-end")];
        for (text, expected) in [
            ("", Some(true)),
            ("all()", Some(true)),
            ("app == 'web'", Some(true)),
            ("app==\"web\"&&tier=='front-end'", Some(true)),
            ("app != 'web'", Some(false)),
            ("other != 'web'", Some(true)),
            ("other == 'web'", Some(false)),
            ("has(app) && !has(other)", Some(true)),
            ("app in {'api', 'web'}", Some(true)),
            ("app in { }", Some(false)),
            ("other not in {'api'}", Some(true)),
            ("app not in {'web'}", Some(false)),
            ("tier contains 'end'", Some(true)),
            ("tier starts with 'front'", Some(true)),
            ("tier ends with 'front'", Some(false)),
            ("!(app == 'api' || tier == 'back') && all()", Some(true)),
            ("app == 'api' || app == 'web' && tier == 'back'", Some(false)),
            ("app = 'web'", None),
            ("app == web", None),
            ("app == 'web", None),
            ("global()", None),
            ("app == 'api' && global()", Some(false)),
            ("(app == 'web'", None),
            ("all() all()", None),
        ] {
            assert_eq!(holds(text, pod), expected, "{text}");
        }
        assert_eq!(holds(&"(".repeat(3000), pod), None);
        assert_eq!(holds(&"!".repeat(3001), pod), None);
    }
}
