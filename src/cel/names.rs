//! What begins with a name: variables, types, calls, `has`.
//!
//! Every name is resolved where it stands, so that one that means nothing is an error with its place.

use super::ast::{Node, What};
use super::lexer::{Kind, RESERVED, Token};
use super::library;
use super::parser::{Parsed, Parser};
use super::value::Type;

impl Parser<'_> {
    /// What begins with a name: a variable, a type, a call.
    pub(super) fn name(&mut self, token: Token) -> Parsed<Node> {
        let name = self.text(token);
        if RESERVED.contains(&name) {
            return self.fail(token.start, format!("'{name}' is a reserved word"));
        }
        if self.takes("(") {
            return if name == "has" { self.has(token) } else { self.global_call(token, name) };
        }
        if let Some(slot) = self.locals.iter().rposition(|local| *local == name) {
            return self.node(token.start, What::Local(slot));
        }
        let field = self.ahead(1);
        let dotted = self.peek().kind == Kind::Sign(".") && field.kind == Kind::Name;
        if let Some(number) = self.variables.iter().position(|variable| *variable == name) {
            self.used.insert(number);
            return self.node(token.start, What::Variable(number));
        }
        if dotted {
            let full = format!("{name}.{}", self.text(field));
            if let Some(number) = self.variables.iter().position(|variable| *variable == full) {
                self.at += 2;
                self.used.insert(number);
                return self.node(token.start, What::Variable(number));
            }
            if library::is_prefix(name) && self.ahead(2).kind == Kind::Sign("(") {
                self.at += 3;
                return self.global_call(token, &full);
            }
            if self
                .variables
                .iter()
                .any(|variable| variable.split_once('.').is_some_and(|(first, _)| first == name))
            {
                return self.unknown(token, &full);
            }
        }
        match Type::named(name) {
            Some(of) => self.node(token.start, What::TypeName(of)),
            None => self.unknown(token, name),
        }
    }

    fn unknown<T>(&self, token: Token, name: &str) -> Parsed<T> {
        let near = self.variables.iter().map(|variable| (strsim::osa_distance(name, variable), *variable));
        let near = near.filter(|(distance, _)| *distance <= 1 + name.len() / 4).min();
        let hint = match near {
            Some((_, variable)) => format!("did you mean '{variable}'?"),
            None => format!("there are {}", self.variables.join(", ")),
        };
        self.fail(token.start, format!("there is no variable '{name}'; {hint}"))
    }

    fn global_call(&mut self, token: Token, name: &str) -> Parsed<Node> {
        let mut args = Vec::new();
        self.arguments(&mut args)?;
        self.call(token.start, name, false, args)
    }

    fn has(&mut self, token: Token) -> Parsed<Node> {
        let of = self.expression()?;
        self.expect(")")?;
        match of.what {
            What::Select { of, field, optional: false } => self.node(token.start, What::Has { of, field }),
            What::Variable(_) => {
                self.fail(token.start, "has() asks for a field; this is a variable, which is always there")
            }
            _ => self.fail(token.start, "has() asks for a field, such as has(object.spec.replicas)"),
        }
    }
}
