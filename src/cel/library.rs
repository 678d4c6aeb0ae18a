//! THE table of functions: their names, how they are called, what they give. A function is a line here.
//!
//! Those of CEL itself and, of Kubernetes' libraries, texts, lists, sets, regular expressions, quantities and optional
//! values. Not its job: what they do (`functions`), or macros (`macros`).

use std::fmt;

use regex::Regex;

use super::error::Problem;
use super::functions::{convert, format, lists, patterns, quantities, texts, times};
use super::meter::Meter;
use super::value::{Type, Value};

/// What a function is given: the receiver first, where it has one.
pub(super) type Args<'a, 'e> = &'a [Value<'e>];
/// What a function gives.
pub(super) type Given<'e> = Result<Value<'e>, Problem>;

/// A function.
pub(super) struct Function {
    pub(super) name: &'static str,
    style: Style,
    /// How many arguments it takes, the receiver included: at least, and at most.
    args: (usize, usize),
    /// What it gives, where it is always the same.
    pub(super) gives: Option<Type>,
    pub(super) body: Body,
}

/// What is called.
pub(super) enum Body {
    Plain(for<'e> fn(Args<'_, 'e>, &Meter) -> Given<'e>),
    /// The second argument is a regular expression.
    Pattern(for<'e> fn(Args<'_, 'e>, &Regex, &Meter) -> Given<'e>),
    /// The first argument where it has a value, and otherwise the second, which is only then asked for.
    OrElse {
        unwrap: bool,
    },
}

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `f(x)`.
    Global,
    /// `x.f()`.
    Member,
    /// Either.
    Both,
}
use Style::{Both, Global, Member};

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const fn plain(
    name: &'static str,
    style: Style,
    args: (usize, usize),
    gives: Option<Type>,
    body: for<'e> fn(Args<'_, 'e>, &Meter) -> Given<'e>,
) -> Function {
    Function { name, style, args, gives, body: Body::Plain(body) }
}

const BOOL: Option<Type> = Some(Type::Bool);
const INT: Option<Type> = Some(Type::Int);
const TEXT: Option<Type> = Some(Type::String);
const LIST: Option<Type> = Some(Type::List);
const QUANTITY: Option<Type> = Some(Type::Quantity);
const OPTIONAL: Option<Type> = Some(Type::Optional);

static FUNCTIONS: &[Function] = &[
    plain("size", Both, (1, 1), INT, lists::size),
    // Conversions.
    plain("int", Global, (1, 1), INT, convert::int),
    plain("uint", Global, (1, 1), Some(Type::Uint), convert::uint),
    plain("double", Global, (1, 1), Some(Type::Double), convert::double),
    plain("string", Global, (1, 1), TEXT, convert::string),
    plain("bytes", Global, (1, 1), Some(Type::Bytes), convert::bytes),
    plain("bool", Global, (1, 1), BOOL, convert::bool),
    plain("dyn", Global, (1, 1), None, convert::dynamic),
    plain("type", Global, (1, 1), Some(Type::Type), convert::type_of),
    plain("duration", Global, (1, 1), Some(Type::Duration), times::duration),
    plain("timestamp", Global, (1, 1), Some(Type::Timestamp), times::timestamp),
    // Texts.
    plain("contains", Member, (2, 2), BOOL, texts::contains),
    plain("startsWith", Member, (2, 2), BOOL, texts::starts_with),
    plain("endsWith", Member, (2, 2), BOOL, texts::ends_with),
    plain("charAt", Member, (2, 2), TEXT, texts::char_at),
    plain("indexOf", Member, (2, 3), INT, lists::index_of),
    plain("lastIndexOf", Member, (2, 3), INT, lists::last_index_of),
    plain("lowerAscii", Member, (1, 1), TEXT, texts::lower),
    plain("upperAscii", Member, (1, 1), TEXT, texts::upper),
    plain("replace", Member, (3, 4), TEXT, texts::replace),
    plain("split", Member, (2, 3), LIST, texts::split),
    plain("join", Member, (1, 2), TEXT, texts::join),
    plain("substring", Member, (2, 3), TEXT, texts::substring),
    plain("trim", Member, (1, 1), TEXT, texts::trim),
    plain("format", Member, (2, 2), TEXT, format::format),
    plain("strings.quote", Global, (1, 1), TEXT, format::quote),
    // Regular expressions.
    Function {
        name: "matches",
        style: Both,
        args: (2, 2),
        gives: BOOL,
        body: Body::Pattern(patterns::matches),
    },
    Function { name: "find", style: Member, args: (2, 2), gives: TEXT, body: Body::Pattern(patterns::find) },
    Function {
        name: "findAll",
        style: Member,
        args: (2, 3),
        gives: LIST,
        body: Body::Pattern(patterns::find_all),
    },
    // Lists and sets.
    plain("isSorted", Member, (1, 1), BOOL, lists::is_sorted),
    plain("sum", Member, (1, 1), None, lists::sum),
    plain("min", Member, (1, 1), None, lists::min),
    plain("max", Member, (1, 1), None, lists::max),
    plain("slice", Member, (3, 3), LIST, lists::slice),
    plain("flatten", Member, (1, 2), LIST, lists::flatten),
    plain("distinct", Member, (1, 1), LIST, lists::distinct),
    plain("reverse", Member, (1, 1), LIST, lists::reverse),
    plain("sort", Member, (1, 1), LIST, lists::sort),
    plain("first", Member, (1, 1), OPTIONAL, lists::first),
    plain("last", Member, (1, 1), OPTIONAL, lists::last),
    plain("lists.range", Global, (1, 1), LIST, lists::range),
    plain("sets.contains", Global, (2, 2), BOOL, lists::set_contains),
    plain("sets.equivalent", Global, (2, 2), BOOL, lists::set_equivalent),
    plain("sets.intersects", Global, (2, 2), BOOL, lists::set_intersects),
    // Quantities.
    plain("quantity", Global, (1, 1), QUANTITY, quantities::quantity),
    plain("isQuantity", Global, (1, 1), BOOL, quantities::is_quantity),
    plain("sign", Both, (1, 1), INT, quantities::sign),
    plain("add", Member, (2, 2), QUANTITY, quantities::add),
    plain("sub", Member, (2, 2), QUANTITY, quantities::sub),
    plain("isGreaterThan", Member, (2, 2), BOOL, quantities::is_greater),
    plain("isLessThan", Member, (2, 2), BOOL, quantities::is_less),
    plain("compareTo", Member, (2, 2), INT, quantities::compare_to),
    plain("isInteger", Member, (1, 1), BOOL, quantities::is_integer),
    plain("asInteger", Member, (1, 1), INT, quantities::as_integer),
    plain("asApproximateFloat", Member, (1, 1), Some(Type::Double), quantities::as_float),
    // Instants and durations.
    plain("getFullYear", Member, (1, 2), INT, times::full_year),
    plain("getMonth", Member, (1, 2), INT, times::month),
    plain("getDate", Member, (1, 2), INT, times::date),
    plain("getDayOfMonth", Member, (1, 2), INT, times::day_of_month),
    plain("getDayOfWeek", Member, (1, 2), INT, times::day_of_week),
    plain("getDayOfYear", Member, (1, 2), INT, times::day_of_year),
    plain("getHours", Member, (1, 2), INT, times::hours),
    plain("getMinutes", Member, (1, 2), INT, times::minutes),
    plain("getSeconds", Member, (1, 2), INT, times::seconds),
    plain("getMilliseconds", Member, (1, 2), INT, times::milliseconds),
    // Optional values.
    plain("optional.of", Global, (1, 1), OPTIONAL, convert::optional_of),
    plain("optional.ofNonZeroValue", Global, (1, 1), OPTIONAL, convert::optional_of_non_zero),
    plain("optional.none", Global, (0, 0), OPTIONAL, convert::optional_none),
    plain("hasValue", Member, (1, 1), BOOL, convert::has_value),
    plain("value", Member, (1, 1), None, convert::value),
    Function {
        name: "or",
        style: Member,
        args: (2, 2),
        gives: OPTIONAL,
        body: Body::OrElse { unwrap: false },
    },
    Function {
        name: "orValue",
        style: Member,
        args: (2, 2),
        gives: None,
        body: Body::OrElse { unwrap: true },
    },
];

/// Whether functions have names that begin with this word and a point.
pub(super) fn is_prefix(word: &str) -> bool {
    FUNCTIONS.iter().any(|f| f.name.split_once('.').is_some_and(|(prefix, _)| prefix == word))
}

/// The function of a name that is called with so many arguments, the receiver included.
pub(super) fn find(name: &str, is_member: bool, args: usize) -> Result<&'static Function, String> {
    let Some(function) = FUNCTIONS.iter().find(|f| f.name == name) else {
        let near = FUNCTIONS.iter().map(|f| (strsim::osa_distance(name, f.name), f.name));
        let near = near.filter(|(distance, _)| *distance <= 1 + name.len() / 4).min();
        let hint = near.map_or(String::new(), |(_, name)| format!("; did you mean '{name}'?"));
        return Err(format!("there is no function '{name}'{hint}"));
    };
    match (function.style, is_member) {
        (Global, true) => return Err(format!("'{name}' is called as {name}(...)")),
        (Member, false) => return Err(format!("'{name}' is called on a value: x.{name}(...)")),
        _ => {}
    }
    let (least, most) = function.args;
    let receiver = usize::from(is_member);
    if args < least || args > most {
        let count = |n: usize| n.saturating_sub(receiver).to_string();
        let wanted =
            if least == most { count(least) } else { format!("{} or {}", count(least), count(most)) };
        let noun = if wanted == "1" { "argument" } else { "arguments" };
        return Err(format!("'{name}' takes {wanted} {noun}, not {}", count(args)));
    }
    Ok(function)
}

/// A function was given values that it is not for.
pub(super) fn no_overload<T>(name: &str, args: Args<'_, '_>) -> Result<T, Problem> {
    let types: Vec<&str> = args.iter().map(|value| value.type_of().as_str()).collect();
    Problem::wrong(format!("'{name}' is not for ({})", types.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once() {
        for (at, function) in FUNCTIONS.iter().enumerate() {
            assert!(FUNCTIONS[..at].iter().all(|other| other.name != function.name), "{}", function.name);
            assert!(function.args.0 <= function.args.1);
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_call() {
        let said = |name, is_member, args| find(name, is_member, args).unwrap_err();
        assert_eq!(
            said("startWith", true, 2),
            "there is no function 'startWith'; did you mean 'startsWith'?"
        );
        assert_eq!(said("cidr", false, 1), "there is no function 'cidr'");
        assert_eq!(said("trim", false, 1), "'trim' is called on a value: x.trim(...)");
        assert_eq!(said("quantity", true, 1), "'quantity' is called as quantity(...)");
        assert_eq!(said("contains", true, 1), "'contains' takes 1 argument, not 0");
        assert_eq!(said("split", true, 1), "'split' takes 1 or 2 arguments, not 0");
        assert_eq!(said("matches", false, 1), "'matches' takes 2 arguments, not 1");
    }
}
