//! What macros give: they look at their body once for each item, and count each look.

use std::collections::BTreeMap;

use super::ast::{Macro, MacroKind, Node};
use super::error::{Failure, Problem};
use super::eval::{At, Evaluated, Evaluator, pairs};
use super::functions::lists;
use super::value::Value;

/// What `all` and `exists` have found so far.
#[derive(Default)]
struct Found {
    count: usize,
    failed: Option<Box<Failure>>,
}

impl<'e> Evaluator<'e, '_> {
    pub(super) fn comprehend(&mut self, node: &'e Node, of: &'e Macro) -> Evaluated<Value<'e>> {
        let over = self.eval(&of.over)?;
        match of.kind {
            MacroKind::OptMap | MacroKind::OptFlatMap => self.optional(node, of, &over),
            MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => self.quantify(node, of, &over),
            MacroKind::Map | MacroKind::Filter => self.collect(node, of, &over),
            MacroKind::TransformMap => self.transform(node, of, &over),
            MacroKind::SortBy => self.sort(node, of, &over),
        }
    }

    fn bind(&mut self, of: &Macro, over: &Value<'e>, key: Value<'e>, item: Value<'e>) {
        // One variable is a map's key, but a list's item.
        let (first, second) = match (of.two, over) {
            (true, _) => (key, Some(item)),
            (false, Value::Map(_)) => (key, None),
            (false, _) => (item, None),
        };
        for (slot, value) in std::iter::once(first).chain(second).enumerate() {
            if let Some(local) = self.locals.get_mut(of.slot + slot) {
                *local = value;
            }
        }
    }

    fn items<'v>(
        node: &Node,
        over: &'v Value<'e>,
    ) -> Evaluated<Box<dyn Iterator<Item = (Value<'e>, Value<'e>)> + 'v>> {
        let no_list = || format!("a list or a map is wanted here, not {}", over.described());
        pairs(over).ok_or_else(|| Problem::Wrong(no_list())).at(node)
    }

    fn truth(&mut self, node: &'e Node) -> Evaluated<bool> {
        match self.eval(node)? {
            Value::Bool(value) => Ok(value),
            other => Problem::wrong(format!("a bool is wanted here, not {}", other.described())).at(node),
        }
    }

    fn quantify(&mut self, node: &'e Node, of: &'e Macro, over: &Value<'e>) -> Evaluated<Value<'e>> {
        let mut found = Found::default();
        for (key, item) in Self::items(node, over)? {
            self.meter.steps(1).at(node)?;
            self.bind(of, over, key, item);
            match (of.kind, self.truth(&of.body)) {
                (_, Err(failure)) if matches!(failure.problem, Problem::Spent(_)) => return Err(failure),
                // It counts, and so has to know all of them.
                (MacroKind::ExistsOne, Err(failure)) => return Err(failure),
                (_, Err(failure)) => {
                    found.failed.get_or_insert(failure);
                }
                (MacroKind::All, Ok(false)) => return Ok(Value::Bool(false)),
                (MacroKind::Exists, Ok(true)) => return Ok(Value::Bool(true)),
                (_, Ok(value)) => found.count += usize::from(value),
            }
        }
        match (found.failed, of.kind) {
            (Some(failure), _) => Err(failure),
            (None, MacroKind::ExistsOne) => Ok(Value::Bool(found.count == 1)),
            (None, kind) => Ok(Value::Bool(kind == MacroKind::All)),
        }
    }

    fn collect(&mut self, node: &'e Node, of: &'e Macro, over: &Value<'e>) -> Evaluated<Value<'e>> {
        let mut list = Vec::new();
        for (key, item) in Self::items(node, over)? {
            self.meter.steps(1).at(node)?;
            let kept = if matches!(over, Value::Map(_)) { key.clone() } else { item.clone() };
            self.bind(of, over, key, item);
            let value = if of.kind == MacroKind::Filter {
                self.truth(&of.body)?.then_some(kept)
            } else if of.when.as_ref().map_or(Ok(true), |when| self.truth(when))? {
                Some(self.eval(&of.body)?)
            } else {
                None
            };
            if let Some(value) = value {
                self.meter.makes_items(1).at(node)?;
                list.push(value);
            }
        }
        Value::list(list).at(node)
    }

    fn transform(&mut self, node: &'e Node, of: &'e Macro, over: &Value<'e>) -> Evaluated<Value<'e>> {
        let mut map = BTreeMap::new();
        for (key, item) in Self::items(node, over)? {
            self.meter.steps(1).at(node)?;
            let kept = key.key().at(node)?;
            self.bind(of, over, key, item);
            if of.when.as_ref().map_or(Ok(true), |when| self.truth(when))? {
                self.meter.makes_items(2).at(node)?;
                map.insert(kept, self.eval(&of.body)?);
            }
        }
        Value::map(map).at(node)
    }

    fn sort(&mut self, node: &'e Node, of: &'e Macro, over: &Value<'e>) -> Evaluated<Value<'e>> {
        let mut keyed = Vec::new();
        for (key, item) in Self::items(node, over)? {
            self.meter.steps(1).at(node)?;
            self.meter.makes_items(2).at(node)?;
            let kept = if matches!(over, Value::Map(_)) { key.clone() } else { item.clone() };
            self.bind(of, over, key, item);
            keyed.push((self.eval(&of.body)?, kept));
        }
        lists::sort_by_keys(keyed, &self.meter).at(node)
    }

    fn optional(&mut self, node: &'e Node, of: &'e Macro, over: &Value<'e>) -> Evaluated<Value<'e>> {
        let value = match over {
            Value::Optional(Some(value)) => value.as_ref().clone(),
            Value::Optional(None) => return Ok(Value::Optional(None)),
            other => {
                return Problem::wrong(format!(
                    "an optional value is wanted here, not {}",
                    other.described()
                ))
                .at(node);
            }
        };
        self.bind(of, over, Value::Null, value);
        let body = self.eval(&of.body)?;
        if of.kind == MacroKind::OptMap { body.some().at(node) } else { Ok(body) }
    }
}
