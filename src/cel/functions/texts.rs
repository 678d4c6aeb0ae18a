//! Functions of texts. Places in a text count characters, as everywhere in CEL.

use super::super::error::Problem;
use super::super::library::{Args, Given, no_overload};
use super::super::meter::Meter;
use super::super::value::{List, Text, Value};

/// Both texts of a function of two, counted as read.
fn two<'a>(name: &str, args: Args<'a, '_>, meter: &Meter) -> Result<(&'a str, &'a str), Problem> {
    match args {
        [Value::Text(text), Value::Text(other)] => {
            meter.reads(text.len().saturating_add(other.len()))?;
            Ok((text, other))
        }
        _ => no_overload(name, args),
    }
}

fn one<'a, 'e>(name: &str, args: Args<'a, 'e>, meter: &Meter) -> Result<&'a Text<'e>, Problem> {
    match args {
        [Value::Text(text)] => {
            meter.makes(text.len())?;
            Ok(text)
        }
        _ => no_overload(name, args),
    }
}

/// `x.contains(y)`.
pub(in super::super) fn contains<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    two("contains", args, meter).map(|(text, part)| Value::Bool(text.contains(part)))
}

/// `x.startsWith(y)`.
pub(in super::super) fn starts_with<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    two("startsWith", args, meter).map(|(text, part)| Value::Bool(text.starts_with(part)))
}

/// `x.endsWith(y)`.
pub(in super::super) fn ends_with<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    two("endsWith", args, meter).map(|(text, part)| Value::Bool(text.ends_with(part)))
}

/// `x.lowerAscii()`.
pub(in super::super) fn lower<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    one("lowerAscii", args, meter).map(|text| Value::text(text.to_ascii_lowercase()))
}

/// `x.upperAscii()`.
pub(in super::super) fn upper<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    one("upperAscii", args, meter).map(|text| Value::text(text.to_ascii_uppercase()))
}

/// `x.trim()`.
pub(in super::super) fn trim<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    one("trim", args, meter).map(|text| part_of(text, text.trim()))
}

/// A part of a text: lent where the text is.
fn part_of<'e>(text: &Text<'e>, part: &str) -> Value<'e> {
    if let Text::Lent(whole) = text {
        let whole: &'e str = whole;
        let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        if let Some(lent) = whole.get(start..start.saturating_add(part.len())) {
            return Value::lent(lent);
        }
    }
    Value::text(part)
}

/// The byte at which a character begins; the end for one past the last.
fn byte_of(text: &str, at: i64) -> Option<usize> {
    let at = usize::try_from(at).ok()?;
    let ends = std::iter::once(text.len());
    text.char_indices().map(|(byte, _)| byte).chain(ends).nth(at)
}

fn out_of_range<T>(at: i64) -> Result<T, Problem> {
    Problem::wrong(format!("{at} is outside of the text"))
}

/// `x.charAt(1)`.
pub(in super::super) fn char_at<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let [Value::Text(text), Value::Int(at)] = args else { return no_overload("charAt", args) };
    meter.reads(text.len())?;
    let Some(byte) = byte_of(text, *at) else { return out_of_range(*at) };
    let c = text.get(byte..).and_then(|rest| rest.chars().next());
    Ok(Value::text(c.map(String::from).unwrap_or_default()))
}

/// `x.substring(1)`, `x.substring(1, 3)`.
pub(in super::super) fn substring<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (text, from, to) = match args {
        [Value::Text(text), Value::Int(from)] => (text, *from, None),
        [Value::Text(text), Value::Int(from), Value::Int(to)] => (text, *from, Some(*to)),
        _ => return no_overload("substring", args),
    };
    meter.makes(text.len())?;
    if to.is_some_and(|to| from > to) {
        return Problem::wrong(format!("a part of a text cannot begin at {from} and end before"));
    }
    let Some(start) = byte_of(text, from) else { return out_of_range(from) };
    let end = match to {
        None => text.len(),
        Some(to) => match byte_of(text, to) {
            Some(end) => end,
            None => return out_of_range(to),
        },
    };
    Ok(part_of(text, text.get(start..end).unwrap_or_default()))
}

/// Where a text stands in another, from a character on, forwards or backwards; -1 where it does not.
pub(super) fn find(args: Args<'_, '_>, backwards: bool, meter: &Meter) -> Result<i64, Problem> {
    let (text, part, from) = match args {
        [Value::Text(text), Value::Text(part)] => (text, part, None),
        [Value::Text(text), Value::Text(part), Value::Int(from)] => (text, part, Some(*from)),
        _ => return no_overload(if backwards { "lastIndexOf" } else { "indexOf" }, args),
    };
    meter.reads(text.len().saturating_add(part.len()).saturating_mul(2))?;
    let count = |text: &str| i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if part.is_empty() {
        return Ok(from.unwrap_or(if backwards { count(text) } else { 0 }));
    }
    let length = count(text);
    let from = from.unwrap_or(if backwards { length.saturating_sub(1).max(0) } else { 0 });
    if from < 0 {
        return out_of_range(from);
    }
    if from >= length {
        return Ok(-1);
    }
    let start = byte_of(text, from).unwrap_or(text.len());
    let found = if backwards {
        // The part may begin at the character, and reach beyond it.
        let last = start.saturating_add(part.len()).min(text.len());
        let mut end = last;
        while !text.is_char_boundary(end) {
            end += 1;
        }
        text.get(..end).and_then(|before| before.rfind(&**part)).filter(|at| *at <= start)
    } else {
        text.get(start..).and_then(|rest| rest.find(&**part)).map(|at| at + start)
    };
    Ok(found.and_then(|at| text.get(..at)).map_or(-1, count))
}

/// `x.replace(a, b)`, `x.replace(a, b, 1)`.
pub(in super::super) fn replace<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (text, old, new, most) = match args {
        [Value::Text(text), Value::Text(old), Value::Text(new)] => (text, old, new, None),
        [Value::Text(text), Value::Text(old), Value::Text(new), Value::Int(most)] => {
            (text, old, new, usize::try_from(*most).ok())
        }
        _ => return no_overload("replace", args),
    };
    meter.reads(text.len())?;
    let most = most.unwrap_or(usize::MAX);
    let count = text.matches(&**old).take(most).count();
    meter.makes(text.len().saturating_add(count.saturating_mul(new.len())))?;
    Ok(Value::text(text.replacen(&**old, new, most)))
}

/// `x.split(',')`, `x.split(',', 2)`.
pub(in super::super) fn split<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (text, by, most) = match args {
        [Value::Text(text), Value::Text(by)] => (text, by, None),
        [Value::Text(text), Value::Text(by), Value::Int(most)] => (text, by, usize::try_from(*most).ok()),
        _ => return no_overload("split", args),
    };
    let most = most.unwrap_or(usize::MAX);
    meter.makes(text.len())?;
    // An empty separator stands between all characters, and not at the ends.
    let parts: Box<dyn Iterator<Item = &str>> = match (by.is_empty(), most) {
        (_, 0) => Box::new(std::iter::empty()),
        (false, most) => Box::new(text.splitn(most, &**by)),
        (true, most) => Box::new(characters(text, most)),
    };
    let mut items = Vec::new();
    for part in parts {
        meter.makes_items(1)?;
        items.push(part_of(text, part));
    }
    Value::list(items)
}

/// The characters of a text, each alone, but what is left in the last of `most`.
fn characters(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let mut left = most;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        left = left.saturating_sub(1);
        let length = if left == 0 { rest.len() } else { first.len_utf8() };
        let (part, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(part)
    })
}

/// `x.join()`, `x.join(',')`.
pub(in super::super) fn join<'e>(args: Args<'_, 'e>, meter: &Meter) -> Given<'e> {
    let (list, by): (&List<'e>, &str) = match args {
        [Value::List(list)] => (list, ""),
        [Value::List(list), Value::Text(by)] => (list, by),
        _ => return no_overload("join", args),
    };
    let mut joined = String::new();
    for (at, item) in list.iter().enumerate() {
        let Value::Text(item) = item else {
            return Problem::wrong(format!("'join' is for texts, and item {at} is {}", item.described()));
        };
        meter.makes(item.len().saturating_add(by.len()))?;
        meter.steps(1)?;
        if at > 0 {
            joined.push_str(by);
        }
        joined.push_str(&item);
    }
    Ok(Value::text(joined))
}
