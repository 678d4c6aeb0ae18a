//! Functions that match texts with a regular expression. Not its job: what one may be (`patterns`).

use regex::Regex;

use super::super::library::{Args, Given, no_overload};
use super::super::meter::Meter;
use super::super::value::Value;
use super::convert::text_of;

/// `x.matches('^a')`.
pub(in super::super) fn matches<'e>(args: Args<'_, 'e>, pattern: &Regex, meter: &Meter) -> Given<'e> {
    let Some(text) = text_of(args.first()) else { return no_overload("matches", args) };
    meter.matches(text.len())?;
    Ok(Value::Bool(pattern.is_match(text)))
}

/// `x.find('[0-9]+')`.
pub(in super::super) fn find<'e>(args: Args<'_, 'e>, pattern: &Regex, meter: &Meter) -> Given<'e> {
    let Some(text) = text_of(args.first()) else { return no_overload("find", args) };
    meter.matches(text.len())?;
    let found = pattern.find(text).map_or("", |found| found.as_str());
    meter.makes(found.len())?;
    Ok(Value::text(found))
}

/// `x.findAll('[0-9]+')`, `x.findAll('[0-9]+', 2)`.
pub(in super::super) fn find_all<'e>(args: Args<'_, 'e>, pattern: &Regex, meter: &Meter) -> Given<'e> {
    let (text, most) = match args {
        [Value::Text(text), _] => (text, usize::MAX),
        [Value::Text(text), _, Value::Int(most)] => (text, usize::try_from(*most).unwrap_or(usize::MAX)),
        _ => return no_overload("findAll", args),
    };
    let mut found = Vec::new();
    meter.matches(text.len())?;
    for one in pattern.find_iter(text).take(most) {
        // Each search may look at all that is left.
        meter.matches(text.len().saturating_sub(one.end()))?;
        meter.makes_items(1)?;
        meter.makes(one.len())?;
        found.push(Value::text(one.as_str()));
    }
    Value::list(found)
}
