//! Macros: calls whose arguments are looked at once for each item. They stay in the tree as what they are.
//!
//! Not its job: what they give (`eval`).

use super::ast::{Macro, MacroKind, Node, What};
use super::lexer::{Kind, RESERVED, Token};
use super::parser::{Parsed, Parser};

/// How a macro is written.
#[derive(Clone, Copy)]
pub(super) struct Form {
    kind: MacroKind,
    /// How many variables it may bind: at least, and at most.
    binds: (usize, usize),
    /// It may have a condition before its last argument.
    filters: bool,
}

/// The macro of a name.
pub(super) fn form(name: &str) -> Option<Form> {
    let form = |kind, binds, filters| Some(Form { kind, binds, filters });
    match name {
        "all" => form(MacroKind::All, (1, 2), false),
        "exists" => form(MacroKind::Exists, (1, 2), false),
        "exists_one" | "existsOne" => form(MacroKind::ExistsOne, (1, 2), false),
        "map" => form(MacroKind::Map, (1, 1), true),
        "filter" => form(MacroKind::Filter, (1, 1), false),
        "transformList" => form(MacroKind::Map, (2, 2), true),
        "transformMap" => form(MacroKind::TransformMap, (2, 2), true),
        "sortBy" => form(MacroKind::SortBy, (1, 1), false),
        "optMap" => form(MacroKind::OptMap, (1, 1), false),
        "optFlatMap" => form(MacroKind::OptFlatMap, (1, 1), false),
        _ => None,
    }
}

impl<'s> Parser<'s> {
    /// A call of a macro, its name and the opening parenthesis passed.
    pub(super) fn macro_call(&mut self, name: Token, form: Form, over: Node) -> Parsed<Node> {
        let called = self.text(name);
        let slot = self.locals.len();
        let first = self.binding(called)?;
        self.expect(",")?;
        let comma_after_name = self.peek().kind == Kind::Name && self.ahead(1).kind == Kind::Sign(",");
        let two = form.binds.0 == 2 || (form.binds.1 == 2 && comma_after_name);
        self.locals.push(first);
        if two {
            let at = self.peek().start;
            let second = self.binding(called)?;
            if first == second {
                return self.fail(at, format!("both variables of '{called}' are called '{first}'"));
            }
            self.expect(",")?;
            self.locals.push(second);
        }
        self.slots = self.slots.max(self.locals.len());
        let mut body = self.expression()?;
        let mut when = None;
        if form.filters && self.takes(",") {
            when = Some(std::mem::replace(&mut body, self.expression()?));
        }
        self.expect(")")?;
        self.locals.truncate(slot);
        let kind = form.kind;
        self.node(name.start, What::Macro(Box::new(Macro { kind, over, slot, two, when, body })))
    }

    /// The name of a variable that a macro binds.
    fn binding(&mut self, called: &str) -> Parsed<&'s str> {
        let token = self.peek();
        let name = self.text(token);
        if token.kind != Kind::Name || RESERVED.contains(&name) {
            return self.unexpected(&format!("the name that '{called}' gives each item"));
        }
        self.at += 1;
        Ok(name)
    }
}
