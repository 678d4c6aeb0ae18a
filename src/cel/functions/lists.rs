//! Functions of lists and sets, and those that lists share with texts and maps.

use std::cmp::Ordering;

use super::super::ast::Operator;
use super::super::error::Problem;
use super::super::library::{Args, Given, no_overload};
use super::super::meter::Meter;
use super::super::numbers;
use super::super::value::{List, Type, Value};
use super::texts;

fn count<'e>(of: usize) -> Value<'e> {
    Value::Int(i64::try_from(of).unwrap_or(i64::MAX))
}

/// `size(x)`.
pub(in super::super) fn size<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    Ok(count(match args {
        [Value::Text(text)] => {
            meter.reads(text.len())?;
            text.chars().count()
        }
        [Value::Bytes(bytes)] => bytes.len(),
        [Value::List(list)] => list.len(),
        [Value::Map(map)] => map.len(),
        _ => return no_overload("size", args),
    }))
}

/// Whether a list has an item.
pub(in super::super) fn has(list: &List<'_>, wanted: &Value<'_>, meter: &Meter) -> Result<bool, Problem> {
    for item in list.iter() {
        if item.equals(wanted, meter)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `x.indexOf(y)`, of a list or a text.
pub(in super::super) fn index_of<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::List(list), wanted] = args else { return texts::find(args, false, meter).map(Value::Int) };
    for (at, item) in list.iter().enumerate() {
        if item.equals(wanted, meter)? {
            return Ok(count(at));
        }
    }
    Ok(Value::Int(-1))
}

/// `x.lastIndexOf(y)`, of a list or a text.
pub(in super::super) fn last_index_of<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::List(list), wanted] = args else { return texts::find(args, true, meter).map(Value::Int) };
    for at in (0..list.len()).rev() {
        if list.get(at).map_or(Ok(false), |item| item.equals(wanted, meter))? {
            return Ok(count(at));
        }
    }
    Ok(Value::Int(-1))
}

/// The only list among the arguments.
fn only<'a, 'e>(name: &str, args: Args<'a, 'e>) -> Result<&'a List<'e>, Problem> {
    match args {
        [Value::List(list)] => Ok(list),
        _ => no_overload(name, args),
    }
}

/// The order of two items.
fn order(a: &Value<'_>, b: &Value<'_>, meter: &Meter) -> Result<Ordering, Problem> {
    match a.compare(b, meter)? {
        Some(order) => Ok(order),
        None => Problem::wrong(format!("{} and {} cannot be compared", a.described(), b.described())),
    }
}

/// `x.isSorted()`.
pub(in super::super) fn is_sorted<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let list = only("isSorted", args)?;
    for (a, b) in list.iter().zip(list.iter().skip(1)) {
        if order(&a, &b, meter)? == Ordering::Greater {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

/// `x.sum()`.
pub(in super::super) fn sum<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let list = only("sum", args)?;
    let mut sum: Option<Value<'e>> = None;
    for item in list.iter() {
        meter.steps(1)?;
        if !matches!(item, Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::Duration(_)) {
            return Problem::wrong(format!("{} cannot be summed up", item.described()));
        }
        sum = Some(match sum {
            None => item,
            Some(sum) => add(&sum, &item)?,
        });
    }
    Ok(sum.unwrap_or(Value::Int(0)))
}

fn add<'e>(a: &Value<'e>, b: &Value<'e>) -> Given<'e> {
    if let (Value::Duration(a), Value::Duration(b)) = (a, b) {
        return a
            .checked_add(*b)
            .map_or_else(|| Problem::wrong("the sum is too long"), |sum| Ok(Value::Duration(sum)));
    }
    let sum = numbers::combine(Operator::Add, a, b);
    sum.unwrap_or_else(|| Problem::wrong(format!("{} and {} cannot be added", a.described(), b.described())))
}

/// `x.min()`.
pub(in super::super) fn min<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    extreme(only("min", args)?, Ordering::Less, meter)
}

/// `x.max()`.
pub(in super::super) fn max<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    extreme(only("max", args)?, Ordering::Greater, meter)
}

fn extreme<'e>(list: &List<'e>, wanted: Ordering, meter: &Meter) -> Given<'e> {
    let mut items = list.iter();
    let Some(mut found) = items.next() else {
        return Problem::wrong("an empty list has no smallest or largest item");
    };
    if !comparable(found.type_of()) {
        return Problem::wrong(format!("{} cannot be compared", found.described()));
    }
    for item in items {
        if order(&item, &found, meter)? == wanted {
            found = item;
        }
    }
    Ok(found)
}

fn comparable(of: Type) -> bool {
    matches!(
        of,
        Type::Bool
            | Type::Int
            | Type::Uint
            | Type::Double
            | Type::String
            | Type::Bytes
            | Type::Duration
            | Type::Timestamp
    )
}

/// `x.slice(1, 3)`.
pub(in super::super) fn slice<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::List(list), Value::Int(from), Value::Int(to)] = args else {
        return no_overload("slice", args);
    };
    let (start, end) = (usize::try_from(*from), usize::try_from(*to));
    let (Ok(start), Ok(end)) = (start, end) else {
        return Problem::wrong(format!("{from} to {to} is no part of a list"));
    };
    if start > end || end > list.len() {
        return Problem::wrong(format!("{from} to {to} is no part of a list of {}", list.len()));
    }
    meter.makes_items(end - start)?;
    Value::list((start..end).filter_map(|at| list.get(at)).collect())
}

/// `x.flatten()`, `x.flatten(2)`.
pub(in super::super) fn flatten<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (list, levels) = match args {
        [Value::List(list)] => (list, 1),
        [Value::List(list), Value::Int(levels)] => (list, *levels),
        _ => return no_overload("flatten", args),
    };
    if levels < 0 {
        return Problem::wrong("a list cannot be flattened by less than nothing");
    }
    let mut flat = Vec::new();
    flatten_into(&mut flat, list, levels, meter)?;
    Value::list(flat)
}

/// As deep as the list, which is bounded.
fn flatten_into<'e>(
    flat: &mut Vec<Value<'e>>,
    list: &List<'e>,
    levels: i64,
    meter: &Meter,
) -> Result<(), Problem> {
    for item in list.iter() {
        meter.makes_items(1)?;
        match item {
            Value::List(inner) if levels > 0 => flatten_into(flat, &inner, levels - 1, meter)?,
            item => flat.push(item),
        }
    }
    Ok(())
}

/// `x.distinct()`.
pub(in super::super) fn distinct<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let mut kept: Vec<Value<'e>> = Vec::new();
    for item in only("distinct", args)?.iter() {
        let mut seen = false;
        for other in &kept {
            if item.equals(other, meter)? {
                seen = true;
                break;
            }
        }
        if !seen {
            meter.makes_items(1)?;
            kept.push(item);
        }
    }
    Value::list(kept)
}

/// `x.reverse()`.
pub(in super::super) fn reverse<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let list = only("reverse", args)?;
    meter.makes_items(list.len())?;
    Value::list(list.iter().rev().collect())
}

/// `x.sort()`.
pub(in super::super) fn sort<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let list = only("sort", args)?;
    meter.makes_items(list.len())?;
    let pairs = list.iter().map(|item| (item.clone(), item)).collect();
    sort_by_keys(pairs, meter)
}

/// The second of pairs, sorted by the first.
pub(in super::super) fn sort_by_keys<'e>(mut pairs: Vec<(Value<'e>, Value<'e>)>, meter: &Meter) -> Given<'e> {
    meter.makes_items(pairs.len().saturating_mul(2))?;
    if let Some((first, _)) = pairs.first() {
        let of = first.type_of();
        if !comparable(of) || pairs.iter().any(|(key, _)| key.type_of() != of) {
            return Problem::wrong("only texts, numbers, truths and times, all of one type, can be sorted");
        }
    }
    let mut problem = None;
    pairs.sort_by(|(a, _), (b, _)| {
        // What cannot be compared any more stays where it is; the sort ends soon.
        if problem.is_some() {
            return Ordering::Equal;
        }
        order(a, b, meter).unwrap_or_else(|why| {
            problem = Some(why);
            Ordering::Equal
        })
    });
    match problem {
        Some(problem) => Err(problem),
        None => Value::list(pairs.into_iter().map(|(_, item)| item).collect()),
    }
}

/// `x.first()`.
pub(in super::super) fn first<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    only("first", args)?.get(0).map_or(Ok(Value::Optional(None)), Value::some)
}

/// `x.last()`.
pub(in super::super) fn last<'e>(args: Args<'_, 'e>, _: &Meter) -> Given<'e> {
    let list = only("last", args)?;
    let item = list.len().checked_sub(1).and_then(|at| list.get(at));
    item.map_or(Ok(Value::Optional(None)), Value::some)
}

/// `lists.range(5)`.
pub(in super::super) fn range<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::Int(end)] = args else { return no_overload("lists.range", args) };
    meter.makes_items(usize::try_from(*end).unwrap_or(0))?;
    Value::list((0..*end).map(Value::Int).collect())
}

fn both<'a, 'e>(name: &str, args: Args<'a, 'e>) -> Result<(&'a List<'e>, &'a List<'e>), Problem> {
    match args {
        [Value::List(a), Value::List(b)] => Ok((a, b)),
        _ => no_overload(name, args),
    }
}

fn contains_all(list: &List<'_>, wanted: &List<'_>, meter: &Meter) -> Result<bool, Problem> {
    for item in wanted.iter() {
        if !has(list, &item, meter)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `sets.contains(x, y)`.
pub(in super::super) fn set_contains<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (list, wanted) = both("sets.contains", args)?;
    contains_all(list, wanted, meter).map(Value::Bool)
}

/// `sets.equivalent(x, y)`.
pub(in super::super) fn set_equivalent<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (a, b) = both("sets.equivalent", args)?;
    Ok(Value::Bool(contains_all(a, b, meter)? && contains_all(b, a, meter)?))
}

/// `sets.intersects(x, y)`.
pub(in super::super) fn set_intersects<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (a, b) = both("sets.intersects", args)?;
    for item in a.iter() {
        if has(b, &item, meter)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}
