//! Tokens to a tree: CEL's grammar, with names resolved as they are met.
//!
//! It recurses once a level of nesting, and counts the levels. Not its job: macros (`macros`), what a literal is worth
//! (`literal`).

use std::collections::BTreeSet;

use regex::Regex;

use super::ast::{Entry, Item, Node, Operator, What};
use super::lexer::{Kind, Token};
use super::library::{self, Body};
use super::literal::literal;
use super::{CelError, MAX_DEPTH, MAX_PATTERNS, patterns};

/// What the tokens of one source become.
pub(super) struct Parser<'s> {
    pub(super) source: &'s str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    /// The variables that there are; their names may have points.
    pub(super) variables: &'s [&'static str],
    /// Those that were named.
    pub(super) used: BTreeSet<usize>,
    /// What macros around the place have bound, by slot.
    pub(super) locals: Vec<&'s str>,
    /// How many slots there are at most.
    pub(super) slots: usize,
    pub(super) patterns: Vec<Regex>,
    /// How many more of them there may be.
    pub(super) patterns_left: usize,
    pub(super) nested: usize,
}

pub(super) type Parsed<T> = Result<T, CelError>;

impl<'s> Parser<'s> {
    /// The whole source.
    pub(super) fn whole(&mut self) -> Parsed<Node> {
        let root = self.expression()?;
        match self.peek().kind {
            Kind::End => Ok(root),
            _ => self.unexpected("the end"),
        }
    }

    pub(super) fn peek(&self) -> Token {
        self.ahead(0)
    }

    /// The token so many places ahead; the last one is the end.
    pub(super) fn ahead(&self, by: usize) -> Token {
        let end = self.source.len();
        let token = self.tokens.get(self.at + by).copied();
        token.unwrap_or(Token { kind: Kind::End, start: end, end })
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub(super) fn text(&self, token: Token) -> &'s str {
        self.source.get(token.start..token.end).unwrap_or_default()
    }

    pub(super) fn takes(&mut self, sign: &str) -> bool {
        let takes = matches!(self.peek().kind, Kind::Sign(is) if is == sign);
        self.at += usize::from(takes);
        takes
    }

    pub(super) fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.takes(sign) { Ok(()) } else { self.unexpected(&format!("'{sign}'")) }
    }

    pub(super) fn fail<T>(&self, at: usize, what: impl Into<String>) -> Parsed<T> {
        Err(CelError::at(self.source, at, what))
    }

    pub(super) fn unexpected<T>(&self, wanted: &str) -> Parsed<T> {
        let token = self.peek();
        let found = match token.kind {
            Kind::End => "the end".to_owned(),
            _ => format!("'{}'", self.text(token).escape_debug()),
        };
        self.fail(token.start, format!("{wanted} is expected here, not {found}"))
    }

    /// A node, unless it is too deep.
    pub(super) fn node(&self, at: usize, what: What) -> Parsed<Node> {
        let node = Node::new(at, what);
        if usize::from(node.depth) > MAX_DEPTH {
            return self.fail(at, format!("the expression is nested more than {MAX_DEPTH} levels deep"));
        }
        Ok(node)
    }

    pub(super) fn expression(&mut self) -> Parsed<Node> {
        self.nested += 1;
        if self.nested > MAX_DEPTH {
            let at = self.peek().start;
            return self.fail(at, format!("the expression is nested more than {MAX_DEPTH} levels deep"));
        }
        let condition = self.binary(0)?;
        let at = self.peek().start;
        let node = if self.takes("?") {
            let yes = self.binary(0)?;
            self.expect(":")?;
            let no = self.expression()?;
            self.node(at, What::Choose(Box::new([condition, yes, no])))?
        } else {
            condition
        };
        self.nested -= 1;
        Ok(node)
    }

    /// Operators that bind at least as closely as `least`.
    fn binary(&mut self, least: u8) -> Parsed<Node> {
        let mut left = self.unary()?;
        while let Kind::Sign(sign) = self.peek().kind {
            let Some((binds, operator)) = operator(sign) else { break };
            if binds < least {
                break;
            }
            let at = self.next().start;
            let right = self.binary(binds + 1)?;
            let what = match (operator, sign, left.what) {
                (Some(operator), _, what) => {
                    let left = Node { what, ..left };
                    What::Binary(operator, Box::new([left, right]))
                }
                // A chain of them is one, however long.
                (None, "&&", What::And(mut parts)) => {
                    parts.push(right);
                    What::And(parts)
                }
                (None, "||", What::Or(mut parts)) => {
                    parts.push(right);
                    What::Or(parts)
                }
                (None, "&&", what) => What::And(vec![Node { what, ..left }, right]),
                (None, _, what) => What::Or(vec![Node { what, ..left }, right]),
            };
            left = self.node(at, what)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Node> {
        let first = self.peek();
        let Kind::Sign(sign @ ("!" | "-")) = first.kind else { return self.member() };
        if sign == "-" && matches!(self.ahead(1).kind, Kind::Int | Kind::Double) {
            return self.member();
        }
        let mut odd = false;
        while self.takes(sign) {
            odd = !odd;
        }
        let of = Box::new(self.member()?);
        let wrap = |of| if sign == "!" { What::Not(of) } else { What::Negate(of) };
        let once = self.node(first.start, wrap(of))?;
        // Twice is not nothing: the value has to be one that can be negated.
        if odd { Ok(once) } else { self.node(first.start, wrap(Box::new(once))) }
    }

    fn member(&mut self) -> Parsed<Node> {
        let mut of = self.primary()?;
        loop {
            let at = self.peek().start;
            if self.takes(".") {
                let optional = self.takes("?");
                let name = self.next();
                if !matches!(name.kind, Kind::Name | Kind::Quoted) {
                    self.at -= 1;
                    return self.unexpected("the name of a field or function");
                }
                let field = self.text(name).trim_matches('`');
                of = if !optional && name.kind == Kind::Name && self.takes("(") {
                    self.member_call(name, field, of)?
                } else {
                    self.node(name.start, What::Select { of: Box::new(of), field: field.into(), optional })?
                };
            } else if self.takes("[") {
                let optional = self.takes("?");
                let key = Box::new(self.expression()?);
                self.expect("]")?;
                of = self.node(at, What::Index { of: Box::new(of), key, optional })?;
            } else {
                return Ok(of);
            }
        }
    }

    fn member_call(&mut self, name: Token, field: &'s str, of: Node) -> Parsed<Node> {
        if let Some(form) = super::macros::form(field) {
            return self.macro_call(name, form, of);
        }
        let mut args = vec![of];
        self.arguments(&mut args)?;
        self.call(name.start, field, true, args)
    }

    /// Everything up to the closing parenthesis.
    pub(super) fn arguments(&mut self, args: &mut Vec<Node>) -> Parsed<()> {
        if self.takes(")") {
            return Ok(());
        }
        loop {
            args.push(self.expression()?);
            if !self.takes(",") {
                return self.expect(")");
            }
        }
    }

    pub(super) fn call(&mut self, at: usize, name: &str, is_member: bool, args: Vec<Node>) -> Parsed<Node> {
        let function = library::find(name, is_member, args.len());
        let function = function.map_err(|what| CelError::at(self.source, at, what))?;
        let written = args.get(1).and_then(|node| match &node.what {
            What::Text(text) => Some((node.at, text.clone())),
            _ => None,
        });
        let pattern = match (&function.body, written) {
            (Body::Pattern(_), Some((at, pattern))) => Some(self.pattern(at as usize, &pattern)?),
            _ => None,
        };
        self.node(at, What::Call { function, args, pattern })
    }

    fn pattern(&mut self, at: usize, pattern: &str) -> Parsed<usize> {
        let Some(left) = self.patterns_left.checked_sub(1) else {
            return self.fail(at, format!("a policy may have {MAX_PATTERNS} regular expressions"));
        };
        self.patterns_left = left;
        self.patterns.push(patterns::compile(pattern).map_err(|what| CelError::at(self.source, at, what))?);
        Ok(self.patterns.len() - 1)
    }

    fn primary(&mut self) -> Parsed<Node> {
        let token = self.next();
        match token.kind {
            Kind::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Kind::Sign("[") => self.list(token.start),
            Kind::Sign("{") => self.map(token.start),
            Kind::Sign("true") => self.node(token.start, What::Bool(true)),
            Kind::Sign("false") => self.node(token.start, What::Bool(false)),
            Kind::Sign("null") => self.node(token.start, What::Null),
            Kind::Sign("-") => {
                let number = self.next();
                self.literal(token.start, number, true)
            }
            Kind::Sign(".") if self.peek().kind == Kind::Name => {
                // A name from outside, whatever macros have bound.
                let bound = std::mem::take(&mut self.locals);
                let name = self.next();
                let node = self.name(name);
                self.locals = bound;
                node
            }
            Kind::Name => self.name(token),
            Kind::Int | Kind::Uint | Kind::Double | Kind::Text | Kind::Bytes => {
                self.literal(token.start, token, false)
            }
            _ => {
                self.at -= 1;
                self.unexpected("a value")
            }
        }
    }

    fn literal(&mut self, at: usize, token: Token, negative: bool) -> Parsed<Node> {
        let what = literal(token.kind, self.text(token), negative);
        self.node(at, what.map_err(|what| CelError::at(self.source, at, what))?)
    }

    fn list(&mut self, at: usize) -> Parsed<Node> {
        let mut items = Vec::new();
        while !self.takes("]") {
            let optional = self.takes("?");
            items.push(Item { value: self.expression()?, optional });
            if !self.takes(",") {
                self.expect("]")?;
                break;
            }
        }
        self.node(at, What::List(items))
    }

    fn map(&mut self, at: usize) -> Parsed<Node> {
        let mut entries = Vec::new();
        while !self.takes("}") {
            let optional = self.takes("?");
            let key = self.expression()?;
            self.expect(":")?;
            entries.push(Entry { key, value: self.expression()?, optional });
            if !self.takes(",") {
                self.expect("}")?;
                break;
            }
        }
        self.node(at, What::Map(entries))
    }
}

/// How closely an operator binds, and which it is where both sides have to have a value.
fn operator(sign: &str) -> Option<(u8, Option<Operator>)> {
    Some(match sign {
        "||" => (1, None),
        "&&" => (2, None),
        "<" => (3, Some(Operator::Less)),
        "<=" => (3, Some(Operator::LessOrEqual)),
        ">" => (3, Some(Operator::Greater)),
        ">=" => (3, Some(Operator::GreaterOrEqual)),
        "==" => (3, Some(Operator::Equals)),
        "!=" => (3, Some(Operator::Differs)),
        "in" => (3, Some(Operator::In)),
        "+" => (4, Some(Operator::Add)),
        "-" => (4, Some(Operator::Subtract)),
        "*" => (5, Some(Operator::Multiply)),
        "/" => (5, Some(Operator::Divide)),
        "%" => (5, Some(Operator::Modulo)),
        _ => return None,
    })
}
