//! Expressions that were written to hold the process up, to eat its memory or to end it: each is refused or gives up in
//! under 50 ms and 32 MiB, on half of the smallest stack that the program has anywhere.
//!
//! One after the other, as memory is counted for the whole process. Not its job: what ordinary ones are worth (`cel`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use std::thread;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use seaworthy::cel::{Compiler, MAX_SOURCE, Scope, Value};
use seaworthy::model::{Allowance, Json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MOST_BYTES: usize = 32 << 20;
/// Without optimisation everything takes more than ten times as long.
const MOST_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 50 });
/// Threads of tokio, of rayon and of tests have 2 MiB.
const STACK: usize = 1 << 20;
/// Objects nest no deeper than they are read, and longer lists are refused.
const DEEP: usize = 64;
const LONG: usize = 60_000;

struct World(Json);

impl<'e> Scope<'e> for &'e World {
    fn variable(&self, _: usize) -> Result<Value<'e>, String> {
        Ok(Value::from(&self.0))
    }
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// The compiler refuses it.
    Refused,
    /// It gives up: too many steps, too much made.
    GivesUp,
    /// It is within what may be spent, or fails, and is cheap either way.
    Cheaply,
}
use Ends::{Cheaply, GivesUp, Refused};

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// `before` and `after` around what was there, so many times, as long as it fits.
fn wrapped(inner: &str, times: usize, wrap: impl Fn(usize, &str) -> String) -> String {
    (0..times).fold(inner.to_owned(), |source, number| {
        let next = wrap(number, &source);
        if next.len() <= MAX_SOURCE { next } else { source }
    })
}

fn bombs() -> Vec<(&'static str, Ends, String)> {
    let ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    let loops = |times, inner: &str, name: &str| {
        wrapped(inner, times, |n, body| format!("{ten}.{name}(x{n}, {body})"))
    };
    let list_of = |item: &str, most: usize| format!("[{}]", vec![item; most / (item.len() + 2)].join(", "));
    let wide = list_of("1", MAX_SOURCE - 100);
    let text = |bytes: usize| format!("'{}'", "a".repeat(bytes));
    vec![
        // Deep.
        ("parentheses", Refused, nested("(", "1", ")", 2000)),
        ("lists", Refused, nested("[", "1", "]", 2000)),
        ("maps", Refused, nested("{1:", "1", "}", 800)),
        ("calls", Refused, nested("size(", "1", ")", 600)),
        ("indexes", Refused, nested("object[", "1", "]", 500)),
        ("conditions", Refused, format!("{}1", "true?1:".repeat(580))),
        ("conditions inside", Refused, nested("true?", "1", ":1", 580)),
        ("fields", Refused, format!("object{}", ".a".repeat(2000))),
        ("sums", Refused, vec!["1"; 2000].join("+")),
        ("macros", Refused, nested("[1].all(x,", "true", ")", 300)),
        ("optional fields", Refused, format!("object{}", ".?a".repeat(1300))),
        ("open parentheses", Refused, "(".repeat(4000)),
        ("open lists", Refused, "[".repeat(4000)),
        ("open calls", Refused, "a(".repeat(2000)),
        ("open texts", Refused, "'a\" ".repeat(1000)),
        ("no end of escapes", Refused, format!("'{}", "\\".repeat(4000))),
        ("the deepest parentheses", Cheaply, nested("(", "1", ")", 78)),
        ("the deepest list", Cheaply, nested("[", "1", "]", 79)),
        ("the deepest macros", GivesUp, loops(78, "true", "all")),
        ("the deepest sum", Cheaply, vec!["1"; 79].join("+")),
        ("the deepest fields", Cheaply, format!("object{}", ".d".repeat(DEEP - 1))),
        ("the deepest format", Cheaply, format!("'%s'.format([{}])", nested("[", "object.d", "]", 70))),
        ("the deepest equality", Cheaply, {
            let deep = nested("[", "object", "]", 70);
            format!("{deep} == {deep}")
        }),
        ("negations", Cheaply, format!("{}true", "!".repeat(4000))),
        ("a long chain", Cheaply, vec!["true"; 500].join(" && ")),
        // Wide and long.
        ("a wide list", Cheaply, wide.clone()),
        ("too long", Refused, " ".repeat(MAX_SOURCE + 1)),
        ("a huge number", Refused, "9".repeat(4000)),
        ("a huge fraction", Cheaply, format!("0.{}", "9".repeat(4000))),
        ("a huge exponent", Refused, format!("1e{}", "9".repeat(4000))),
        ("a huge text", Cheaply, text(4000)),
        ("a huge range", GivesUp, "lists.range(9223372036854775807)".to_owned()),
        ("ranges of ranges", GivesUp, "lists.range(9999).map(x, lists.range(9999))".to_owned()),
        // Many steps.
        ("loops that map", GivesUp, loops(12, "1", "map")),
        (
            "loops that filter",
            GivesUp,
            wrapped("true", 12, |n, s| format!("{ten}.filter(x{n}, {s}).size() > 0")),
        ),
        ("loops that find nothing", GivesUp, loops(12, "false", "exists")),
        ("loops that fail", GivesUp, loops(12, "1 / 0 == 1", "exists")),
        ("loops that fail with long texts", GivesUp, loops(12, "int(object.long[0])", "exists")),
        ("loops over an object", GivesUp, "object.long.all(x, object.long.all(y, true))".to_owned()),
        ("loops behind an or", GivesUp, format!("{} || true", loops(12, "false", "exists"))),
        ("quadratic distinct", GivesUp, "lists.range(5000).distinct()".to_owned()),
        ("quadratic in", GivesUp, "lists.range(3000).all(x, !(x + 9999 in lists.range(3000)))".to_owned()),
        ("quadratic sets", GivesUp, "sets.equivalent(object.long, object.long)".to_owned()),
        ("sorting", GivesUp, "object.long.sort()".to_owned()),
        (
            "sorting again and again",
            GivesUp,
            format!("{}{}", "lists.range(2000)", ".reverse().sort()".repeat(30)),
        ),
        (
            "equality of lists",
            GivesUp,
            wrapped("true", 30, |_, s| format!("{s} && object.long == object.long")),
        ),
        // Much text.
        ("a text that doubles", GivesUp, format!("[{}]{}", text(1000), ".map(x, x + x + x + x)".repeat(30))),
        (
            "a list that doubles",
            GivesUp,
            format!("[{wide}]{}", ".map(x, x + x)".repeat(50)).replace(&wide, "[1, 2, 3]"),
        ),
        ("a list in a list", Cheaply, format!("[1, 2]{}", ".map(x, [x, x])".repeat(70))),
        ("comparing what doubles", GivesUp, format!("[1, 2]{}.map(x, x == x)", ".map(x, [x, x])".repeat(60))),
        (
            "formatting what doubles",
            GivesUp,
            format!("[1, 2]{}.map(x, '%s'.format([x]))", ".map(x, [x, x])".repeat(60)),
        ),
        ("flattening what doubles", GivesUp, format!("[1, 2]{}.flatten(70)", ".map(x, [x, x])".repeat(60))),
        ("a value that nests", Refused, format!("[1]{}", ".map(x, [[[[[[[[x]]]]]]]])".repeat(100))),
        (
            "a value that nests as deep as it may",
            GivesUp,
            format!("[1]{}", ".map(x, [[[[[[[[x]]]]]]]])".repeat(30)),
        ),
        (
            "optional values that nest",
            GivesUp,
            format!("[1]{}", ".map(x, optional.of(optional.of(optional.of(x))))".repeat(60)),
        ),
        (
            "replacing by more",
            GivesUp,
            format!("{}{}", text(500), ".replace('a', 'aaaaaaaaaaaaaaaaaaaa')".repeat(10)),
        ),
        (
            "replacing nothing",
            GivesUp,
            format!("{}{}", text(500), ".replace('', 'aaaaaaaaaaaaaaaaaaaa')".repeat(10)),
        ),
        ("joining", GivesUp, format!("lists.range(3000).map(x, {}).join({})", text(1500), text(1500))),
        ("splitting", GivesUp, format!("lists.range(3000).map(x, {}.split(''))", text(3000))),
        ("formatting", GivesUp, format!("lists.range(3000).map(x, '%s'.format([{}]))", text(3000))),
        ("precise formatting", Cheaply, "'%.100f'.format([1.0e300])".to_owned()),
        (
            "formatting within formatting",
            GivesUp,
            wrapped("'x'", 20, |_, s| format!("'%s%s'.format([[{s}], 1])"))
                .replace("'x'", "lists.range(9000)"),
        ),
        ("quoting", GivesUp, format!("lists.range(3000).map(x, strings.quote({}))", text(3000))),
        ("bytes", GivesUp, format!("lists.range(3000).map(x, bytes({}))", text(3000))),
        // Regular expressions.
        ("catastrophic backtracking", Cheaply, format!("{}.matches('^(a+)+$')", text(2000))),
        ("nested repetition", Refused, "'a'.matches('((((a{99}){99}){99}){99}){99}')".to_owned()),
        ("a large class", Refused, r"'a'.matches(r'[\pL\pN]{900}')".to_owned()),
        ("deep groups", Refused, format!("'a'.matches('{}')", nested("(", "a", ")", 1500))),
        ("many expressions", Refused, wrapped("true", 100, |n, s| format!("{s} && 'a'.matches('{n}')"))),
        (
            "an expression made again and again",
            GivesUp,
            "lists.range(99).all(x, 'a'.matches('a' + string(x)) || true)".to_owned(),
        ),
        (
            "the worst expression made again and again",
            GivesUp,
            format!("lists.range(99).all(x, 'a'.matches(r'{}' + string(x)) || true)", r"[\pL\pN]".repeat(20)),
        ),
        (
            "a text matched again and again",
            GivesUp,
            "lists.range(9999).all(x, !object.text.matches('(x+x+)+y'))".to_owned(),
        ),
        (
            "slow matching",
            GivesUp,
            r"lists.range(99).all(x, !object.text.matches(r'(a|b|ab)*(a|bc){9}[^a]{20}z'))".to_owned(),
        ),
        ("findAll", GivesUp, r"object.text.findAll(r'(a*[^a])|(.)')".to_owned()),
        // Other shapes.
        (
            "a text that doubles within loops",
            GivesUp,
            wrapped(&text(200), 12, |n, s| format!("[{s}].map(x{n}, x{n} + x{n} + x{n} + x{n})[0]")),
        ),
        (
            "loops over two variables",
            GivesUp,
            wrapped("1", 12, |n, s| format!("{ten}.transformList(i{n}, x{n}, {s})")),
        ),
        (
            "maps made of maps",
            GivesUp,
            wrapped("1", 12, |n, s| format!("{{1: 1, 2: 2, 3: 3, 4: 4}}.transformMap(k{n}, v{n}, {s})")),
        ),
        ("keys that are made", GivesUp, "lists.range(9999).map(x, {x: {x: {x: lists.range(99)}}})".to_owned()),
        (
            "sorting by what is made anew",
            GivesUp,
            "lists.range(5000).sortBy(x, object.text + string(x))".to_owned(),
        ),
        (
            "optional values in loops",
            GivesUp,
            wrapped("1", 12, |n, s| format!("{ten}.map(x{n}, optional.of(x{n}).optMap(y{n}, {s}))")),
        ),
        ("adding long lists", GivesUp, vec!["object.long"; 75].join(" + ")),
        ("adding long lists in a loop", GivesUp, "lists.range(999).map(x, object.long + object.long)".to_owned()),
        ("adding long texts", GivesUp, vec!["object.text"; 75].join(" + ") + " == ''"),
        ("a character of a long text", GivesUp, "lists.range(9999).all(x, object.text.charAt(99990) != 'c')".to_owned()),
        (
            "parts of a long text",
            GivesUp,
            "lists.range(9999).all(x, object.text.substring(x, 99999) != '')".to_owned(),
        ),
        (
            "looking for what is not there",
            GivesUp,
            "lists.range(9999).all(x, object.text.indexOf('ababababababababac') == -1)".to_owned(),
        ),
        (
            "looking for it from behind",
            GivesUp,
            format!("lists.range(9999).all(x, object.text.lastIndexOf('c{}') == -1)", "ab".repeat(999)),
        ),
        ("comparing long texts", GivesUp, "lists.range(9999).all(x, object.text == object.text)".to_owned()),
        ("ordering long texts", GivesUp, "lists.range(9999).all(x, object.text <= object.text)".to_owned()),
        ("lowering long texts", GivesUp, "lists.range(9999).all(x, object.text.lowerAscii() != '')".to_owned()),
        ("splitting a long text", GivesUp, "lists.range(99).all(x, object.text.split('a').size() > 1)".to_owned()),
        (
            "replacing within a long text",
            GivesUp,
            format!("object.text.replace('a', {}).replace('a', {})", text(1500), text(1500)),
        ),
        ("measuring long texts", GivesUp, "lists.range(9999).all(x, object.text.size() > 0)".to_owned()),
        ("taking long lists apart", GivesUp, "lists.range(9999).all(x, object.long.slice(1, 59999) != [])".to_owned()),
        ("turning long lists round", GivesUp, "lists.range(9999).all(x, object.long.reverse() != [])".to_owned()),
        ("the least of long lists", GivesUp, "lists.range(9999).all(x, object.long.min() != '')".to_owned()),
        ("sets of long lists", GivesUp, "sets.contains(object.long, object.long.reverse())".to_owned()),
        ("texts to bytes and back", GivesUp, "lists.range(9999).all(x, string(bytes(object.text)) != '')".to_owned()),
        (
            "quantities of many digits",
            Cheaply,
            format!("[1].all(x, isQuantity('{}'))", "9".repeat(3900)),
        ),
        ("quantities that grow", Cheaply, format!("quantity('1E'){}", ".add(quantity('9E'))".repeat(70))),
        ("durations without end", Cheaply, format!("duration('{}h')", "9".repeat(3900))),
        ("an instant in a loop", GivesUp, "object.long.all(x, timestamp('2026-01-01T00:00:00Z').getFullYear() > 0 && object.long.all(y, true))".to_owned()),
        ("a condition in a loop", GivesUp, loops(12, "true ? false : true", "exists_one")),
        ("a loop in what is looped over", GivesUp, wrapped(ten, 20, |n, s| format!("{s}.map(x{n}, {ten}).flatten()"))),
        ("names that are not there", Cheaply, "lists.range(5000).map(x, object.?a.?b.?c.orValue(x)).size() > 0".to_owned()),
        ("escapes", Cheaply, format!("'{}' == ''", r"\u0041".repeat(600))),
        ("raw texts", Cheaply, format!("r'{}' == ''", r"\".repeat(3900))),
        ("comments", Cheaply, format!("1 {}", "// ".repeat(1300))),
        ("nothing but nulls", Refused, "\0".repeat(4000)),
        ("other alphabets", Refused, "ß".repeat(2000)),
        ("directions", Refused, "\u{202e}".repeat(1300)),
        ("commas", Refused, ",".repeat(4000)),
        ("dots", Refused, ".".repeat(4000)),
        ("one letter", Refused, "a".repeat(4000)),
        ("signs", Cheaply, format!("{}1", "-".repeat(4000))),
    ]
}

/// An object with a long list, long texts, and much depth.
fn object() -> String {
    let deep = nested(r#"{"d":"#, "1", "}", DEEP - 1);
    let deep = deep.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let long: Vec<String> =
        (0..LONG).map(|n| format!("\"some name or other {}\"", (n * 7919) % LONG)).collect();
    format!(r#"{{{deep},"long":[{}],"text":"{}"}}"#, long.join(","), "ab".repeat(50_000))
}

fn explode(name: &str, ends: Ends, source: &str, object: &Json) -> Option<String> {
    let world = World(object.clone());
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let begun = Instant::now();
    let said = match Compiler::new(["object"]).compile(source) {
        Err(error) => (Refused, error.to_string()),
        Ok(program) => match program.run(&&world) {
            Err(error) if error.what.starts_with("it makes ") || error.what.starts_with("it takes ") => {
                (GivesUp, error.to_string())
            }
            Err(error) => (Cheaply, error.to_string()),
            Ok(_) => (Cheaply, "a value".to_owned()),
        },
    };
    let (took, made) = (begun.elapsed(), MEMORY.peak_usage().saturating_sub(before));
    println!("{name:48} {took:9.1?} {:7} KiB  {}", made >> 10, said.1.chars().take(80).collect::<String>());
    let fine = said.0 == ends && took < MOST_TIME && made < MOST_BYTES;
    (!fine).then(|| format!("{name}: {said:?} in {took:?} and {made} bytes, wanted {ends:?}"))
}

#[test]
fn every_bomb_ends_soon_and_cheaply() {
    let on_a_small_stack = thread::Builder::new().stack_size(STACK).spawn(|| {
        let text = object();
        let object = Json::parse(&text, None, &Allowance::of_values(200_000)).unwrap();
        let bombs = bombs();
        let wrong = bombs.iter().filter_map(|(name, ends, source)| explode(name, *ends, source, &object));
        wrong.collect::<Vec<_>>()
    });
    let wrong = on_a_small_stack.unwrap().join().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
