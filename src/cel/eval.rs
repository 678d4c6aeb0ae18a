//! The value of a tree. It recurses once a level of the tree, which is bounded, and spends a step a node.
//!
//! Not its job: functions (`functions`), macros over lists (`comprehend`).

use super::ast::{Entry, Item, Node, Operator, What};
use super::error::{Failure, Problem};
use super::functions::{lists, times};
use super::library::{Body, Function, no_overload};
use super::meter::{Meter, STEPS_A_PATTERN};
use super::numbers;
use super::patterns;
use super::program::{Program, Scope};
use super::value::{Key, List, Map, Value};

pub(super) type Evaluated<T> = Result<T, Box<Failure>>;

/// An evaluation under way.
pub(super) struct Evaluator<'e, 's> {
    pub(super) program: &'e Program,
    scope: &'s dyn Scope<'e>,
    pub(super) meter: Meter,
    /// What macros have bound, by slot.
    pub(super) locals: Vec<Value<'e>>,
}

/// A problem gets its place.
pub(super) trait At<T> {
    fn at(self, node: &Node) -> Evaluated<T>;
}

impl<T> At<T> for Result<T, Problem> {
    fn at(self, node: &Node) -> Evaluated<T> {
        self.map_err(|problem| Box::new(Failure { at: node.at, problem }))
    }
}

fn is_spent(failure: &Failure) -> bool {
    matches!(failure.problem, Problem::Spent(_))
}

impl<'e, 's> Evaluator<'e, 's> {
    pub(super) fn new(program: &'e Program, scope: &'s dyn Scope<'e>) -> Self {
        let locals = vec![Value::Null; program.slots];
        Self { program, scope, meter: Meter::new(), locals }
    }

    // What needs much room on the stack is done by others, so that a level takes little.
    pub(super) fn eval(&mut self, node: &'e Node) -> Evaluated<Value<'e>> {
        self.meter.steps(1).at(node)?;
        match &node.what {
            What::Local(slot) => Ok(self.locals.get(*slot).cloned().unwrap_or(Value::Null)),
            What::Variable(number) => self.variable(node, *number),
            What::Select { of, field, optional } => self.select(node, of, field, *optional),
            What::Has { of, field } => self.has(node, of, field),
            What::Index { of, key, optional } => self.index(node, of, key, *optional),
            What::And(parts) => self.all_or_any(parts, false),
            What::Or(parts) => self.all_or_any(parts, true),
            What::Not(of) => self.not(node, of),
            What::Negate(of) => self.negate(node, of),
            What::Binary(operator, sides) => self.binary(node, *operator, sides),
            What::Choose(parts) => self.choose(node, parts),
            What::List(items) => self.list(node, items),
            What::Map(entries) => self.map(node, entries),
            What::Call { function, args, pattern } => self.call(node, function, args, *pattern),
            What::Macro(of) => self.comprehend(node, of),
            What::Text(_) | What::Bytes(_) | What::TypeName(_) => self.literal(node),
            What::Null => Ok(Value::Null),
            What::Bool(value) => Ok(Value::Bool(*value)),
            What::Int(value) => Ok(Value::Int(*value)),
            What::Uint(value) => Ok(Value::Uint(*value)),
            What::Double(value) => Ok(Value::Double(*value)),
        }
    }

    fn literal(&self, node: &'e Node) -> Evaluated<Value<'e>> {
        if let What::Bytes(bytes) = &node.what {
            self.meter.makes(bytes.len()).at(node)?;
        }
        Ok(node.literal().unwrap_or(Value::Null))
    }

    fn variable(&self, node: &'e Node, number: usize) -> Evaluated<Value<'e>> {
        self.scope.variable(number).map_err(Problem::Wrong).at(node)
    }

    fn select(&mut self, node: &'e Node, of: &'e Node, field: &str, optional: bool) -> Evaluated<Value<'e>> {
        let value = self.eval(of)?;
        self.meter.reads(field.len()).at(node)?;
        let found = match inner(&value) {
            Some(Value::Map(map)) => map.member(field),
            Some(other) if !optional => {
                return Problem::wrong(format!("{} has no field '{field}'", other.described())).at(node);
            }
            _ => None,
        };
        if optional || matches!(value, Value::Optional(_)) {
            return found.map_or(Ok(Value::Optional(None)), |found| found.some().at(node));
        }
        match found {
            Some(found) => Ok(found),
            None => missing(node, &format!("'{field}'")),
        }
    }

    fn has(&mut self, node: &'e Node, of: &'e Node, field: &str) -> Evaluated<Value<'e>> {
        let value = self.eval(of)?;
        self.meter.reads(field.len()).at(node)?;
        Ok(Value::Bool(match inner(&value) {
            Some(Value::Map(map)) => map.member(field).is_some(),
            _ => false,
        }))
    }

    fn index(&mut self, node: &'e Node, of: &'e Node, key: &'e Node, optional: bool) -> Evaluated<Value<'e>> {
        let value = self.eval(of)?;
        let key = self.eval(key)?;
        if let Value::Text(text) = &key {
            self.meter.reads(text.len()).at(node)?;
        }
        let found = match inner(&value) {
            Some(Value::Map(map)) => lookup(map, &key),
            Some(Value::List(list)) => place(&key).at(node)?.and_then(|at| list.get(at)),
            Some(other) if !optional => {
                return Problem::wrong(format!("{} cannot be looked into by []", other.described())).at(node);
            }
            _ => None,
        };
        if optional || matches!(value, Value::Optional(_)) {
            return found.map_or(Ok(Value::Optional(None)), |found| found.some().at(node));
        }
        match (found, inner(&value), &key) {
            (Some(found), _, _) => Ok(found),
            (None, Some(Value::List(list)), _) => {
                Problem::wrong(format!("the list has {} items, and none at this place", list.len())).at(node)
            }
            (None, _, Value::Text(key)) => {
                let start: String = key.chars().take(60).collect();
                missing(node, &format!("'{}'", start.escape_debug()))
            }
            (None, _, key) => missing(node, &format!("of type {}", key.type_of())),
        }
    }

    /// `&&` and `||`: what decides, decides, whatever the other parts are.
    fn all_or_any(&mut self, parts: &'e [Node], decides: bool) -> Evaluated<Value<'e>> {
        let mut failed = None;
        for part in parts {
            match self.eval(part) {
                Ok(Value::Bool(value)) if value == decides => return Ok(Value::Bool(decides)),
                Ok(Value::Bool(_)) => {}
                Ok(other) => {
                    let problem = Problem::Wrong(format!("a bool is wanted here, not {}", other.described()));
                    failed.get_or_insert(Box::new(Failure { at: part.at, problem }));
                }
                Err(failure) if is_spent(&failure) => return Err(failure),
                Err(failure) => {
                    failed.get_or_insert(failure);
                }
            }
        }
        failed.map_or(Ok(Value::Bool(!decides)), Err)
    }

    fn not(&mut self, node: &'e Node, of: &'e Node) -> Evaluated<Value<'e>> {
        match self.eval(of)? {
            Value::Bool(value) => Ok(Value::Bool(!value)),
            other => no_overload("!", &[other]).at(node),
        }
    }

    fn negate(&mut self, node: &'e Node, of: &'e Node) -> Evaluated<Value<'e>> {
        let value = self.eval(of)?;
        let negated = match value {
            Value::Int(value) => value.checked_neg().map(Value::Int),
            Value::Duration(value) => value.checked_neg().map(Value::Duration),
            Value::Double(value) => Some(Value::Double(-value)),
            other => return no_overload("-", &[other]).at(node),
        };
        negated.ok_or_else(|| Problem::Wrong("the result does not fit into 64 bits".to_owned())).at(node)
    }

    fn choose(&mut self, node: &'e Node, parts: &'e [Node; 3]) -> Evaluated<Value<'e>> {
        let [condition, yes, no] = parts;
        match self.eval(condition)? {
            Value::Bool(true) => self.eval(yes),
            Value::Bool(false) => self.eval(no),
            other => {
                Problem::wrong(format!("a bool is wanted before '?', not {}", other.described())).at(node)
            }
        }
    }

    fn binary(&mut self, node: &'e Node, operator: Operator, sides: &'e [Node; 2]) -> Evaluated<Value<'e>> {
        let [left, right] = sides;
        let left = self.eval(left)?;
        let right = self.eval(right)?;
        self.combine(operator, left, right).at(node)
    }

    fn combine(&self, operator: Operator, left: Value<'e>, right: Value<'e>) -> Result<Value<'e>, Problem> {
        let meter = &self.meter;
        let known = match operator {
            Operator::Equals => Some(left.equals(&right, meter)?),
            Operator::Differs => Some(!left.equals(&right, meter)?),
            Operator::In => match &right {
                Value::List(list) => Some(lists::has(list, &left, meter)?),
                Value::Map(map) => {
                    if let Value::Text(text) = &left {
                        meter.reads(text.len())?;
                    }
                    Some(lookup(map, &left).is_some())
                }
                _ => None,
            },
            Operator::Less => left.compare(&right, meter)?.map(|order| order.is_lt()),
            Operator::LessOrEqual => left.compare(&right, meter)?.map(|order| order.is_le()),
            Operator::Greater => left.compare(&right, meter)?.map(|order| order.is_gt()),
            Operator::GreaterOrEqual => left.compare(&right, meter)?.map(|order| order.is_ge()),
            Operator::Add => return self.add(left, right),
            Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulo => None,
        };
        if let Some(known) = known {
            return Ok(Value::Bool(known));
        }
        let made =
            numbers::combine(operator, &left, &right).or_else(|| times::combine(operator, &left, &right));
        made.unwrap_or_else(|| no_overload(operator.as_str(), &[left, right]))
    }

    fn add(&self, left: Value<'e>, right: Value<'e>) -> Result<Value<'e>, Problem> {
        match (&left, &right) {
            (Value::Text(a), Value::Text(b)) => {
                self.meter.makes(a.len().saturating_add(b.len()))?;
                Ok(Value::text([&**a, &**b].concat()))
            }
            (Value::Bytes(a), Value::Bytes(b)) => {
                self.meter.makes(a.len().saturating_add(b.len()))?;
                Ok(Value::Bytes([&**a, &**b].concat().into()))
            }
            (Value::List(a), Value::List(b)) => {
                self.meter.makes_items(a.len().saturating_add(b.len()))?;
                Value::list(a.iter().chain(b.iter()).collect())
            }
            _ => {
                let sum = numbers::combine(Operator::Add, &left, &right);
                let sum = sum.or_else(|| times::combine(Operator::Add, &left, &right));
                sum.unwrap_or_else(|| no_overload("+", &[left, right]))
            }
        }
    }

    fn list(&mut self, node: &'e Node, items: &'e [Item]) -> Evaluated<Value<'e>> {
        self.meter.makes_items(items.len()).at(node)?;
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(&item.value)?;
            list.extend(if item.optional { optional(value).at(&item.value)? } else { Some(value) });
        }
        Value::list(list).at(node)
    }

    fn map(&mut self, node: &'e Node, entries: &'e [Entry]) -> Evaluated<Value<'e>> {
        self.meter.makes_items(entries.len().saturating_mul(2)).at(node)?;
        let mut map = std::collections::BTreeMap::new();
        for entry in entries {
            let key = self.eval(&entry.key)?.key().at(&entry.key)?;
            let value = self.eval(&entry.value)?;
            let value = if entry.optional { optional(value).at(&entry.value)? } else { Some(value) };
            if let Some(value) = value {
                map.insert(key, value);
            }
        }
        Value::map(map).at(node)
    }

    fn call(
        &mut self,
        node: &'e Node,
        function: &'static Function,
        args: &'e [Node],
        pattern: Option<usize>,
    ) -> Evaluated<Value<'e>> {
        if let (Body::OrElse { unwrap }, [first, second]) = (&function.body, args) {
            return match self.eval(first)? {
                Value::Optional(None) => self.eval(second),
                Value::Optional(Some(value)) if *unwrap => Ok(value.as_ref().clone()),
                value @ Value::Optional(_) => Ok(value),
                other => no_overload(function.name, &[other]).at(node),
            };
        }
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            values.push(self.eval(arg)?);
        }
        match &function.body {
            Body::Plain(body) => body(&values, &self.meter).at(node),
            Body::Pattern(body) => match pattern.and_then(|at| self.program.patterns.get(at)) {
                Some(pattern) => body(&values, pattern, &self.meter).at(node),
                None => self.with_made_pattern(*body, &values).at(node),
            },
            Body::OrElse { .. } => no_overload(function.name, &values).at(node),
        }
    }

    /// The regular expression is a value: it is compiled now, which costs.
    fn with_made_pattern(
        &self,
        body: for<'v> fn(&[Value<'v>], &regex::Regex, &Meter) -> Result<Value<'v>, Problem>,
        values: &[Value<'e>],
    ) -> Result<Value<'e>, Problem> {
        let Some(Value::Text(pattern)) = values.get(1) else {
            return Problem::wrong("a regular expression is a text");
        };
        if pattern.len() > patterns::MAX_MADE {
            return Problem::wrong(
                "the regular expression is too long for one that is made while evaluating",
            );
        }
        self.meter.steps(STEPS_A_PATTERN)?;
        body(values, &patterns::compile(pattern).map_err(Problem::Wrong)?, &self.meter)
    }
}

/// What is looked into: of an optional value, what is there.
fn inner<'v, 'e>(value: &'v Value<'e>) -> Option<&'v Value<'e>> {
    match value {
        Value::Optional(inside) => inside.as_deref(),
        other => Some(other),
    }
}

fn missing<T>(node: &Node, key: &str) -> Evaluated<T> {
    Problem::wrong(format!("there is no key {key}; has() or .? asks whether there is one")).at(node)
}

/// The value of a key, which may be a number of any type.
fn lookup<'e>(map: &Map<'e>, key: &Value<'e>) -> Option<Value<'e>> {
    let key = match key {
        Value::Double(value) => Key::Number(i128::from(whole(*value)?), false),
        other => other.key().ok()?,
    };
    map.get(&key)
}

/// The place in a list that a value says; `None` where no list has it.
fn place(key: &Value<'_>) -> Result<Option<usize>, Problem> {
    Ok(match key {
        Value::Int(at) => usize::try_from(*at).ok(),
        Value::Uint(at) => usize::try_from(*at).ok(),
        Value::Double(at) if whole(*at).is_some() => whole(*at).and_then(|at| usize::try_from(at).ok()),
        other => return Problem::wrong(format!("{} is no place in a list", other.described())),
    })
}

/// A number without a fraction as a whole one.
#[expect(clippy::cast_possible_truncation, reason = "the bounds are looked at before")]
fn whole(value: f64) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= MOST).then_some(value as i64)
}

/// What is written with `?` has to be optional; it is left out where it is not there.
fn optional(value: Value<'_>) -> Result<Option<Value<'_>>, Problem> {
    match value {
        Value::Optional(value) => Ok(value.map(|value| value.as_ref().clone())),
        other => Problem::wrong(format!("an optional value is wanted after '?', not {}", other.described())),
    }
}

/// A list's items with their places, or a map's keys and values.
pub(super) fn pairs<'v, 'e>(
    value: &'v Value<'e>,
) -> Option<Box<dyn Iterator<Item = (Value<'e>, Value<'e>)> + 'v>> {
    match value {
        Value::List(list) => {
            let list: &List<'e> = list;
            let place = |at| i64::try_from(at).map_or(Value::Null, Value::Int);
            Some(Box::new(list.iter().enumerate().map(move |(at, item)| (place(at), item))))
        }
        Value::Map(map) => Some(map.iter()),
        _ => None,
    }
}
