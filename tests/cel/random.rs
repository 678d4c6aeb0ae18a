//! Expressions that a grammar makes by chance, and texts that are none: whatever they are, they end in a value or in an
//! error, and soon. `SEED=...` replays a run.

use std::time::{Duration, Instant};

use fastrand::Rng;

use super::run;

const EXPRESSIONS: usize = 10_000;

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

/// An expression that mostly compiles, and mostly has a value.
fn expression(rng: &mut Rng, deep: usize) -> String {
    if deep == 0 {
        return one(
            rng,
            &[
                "1",
                "0",
                "-3",
                "2.5",
                "7u",
                "'a'",
                "'shop/api:1.2'",
                "''",
                "true",
                "false",
                "null",
                "[]",
                "{}",
                "object",
                "object.spec",
                "object.spec.replicas",
                "object.metadata.labels",
                "object.spec.foo",
                "x",
                "x",
                "y",
                "b'ab'",
                "related.services",
                "duration('1h')",
                "quantity('1Gi')",
                "[1, 2, 3]",
                "'é%s'",
                "9223372036854775807",
                "object.spec.template.spec.containers",
                "optional.none()",
                "object.?spec",
                "type(1)",
            ],
        )
        .to_owned();
    }
    let mut below = || expression(rng, deep - 1);
    let (a, b, c) = (below(), below(), below());
    match rng.u8(..24) {
        0..4 => {
            let operator =
                one(rng, &["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"]);
            format!("{a} {operator} ({b})")
        }
        4 => format!("({a} ? {b} : {c})"),
        5 => format!("[{a}, {b}, ?optional.of({c})]"),
        6 => format!("{{'k': {a}, {b}: {c}}}"),
        7 => format!("({a})[{b}]"),
        8 => format!("({a}).{}{}", one(rng, &["", "?"]), one(rng, &["spec", "name", "kind"])),
        9 => format!("!({a})"),
        10 => format!("-({a})"),
        11 => format!("has({a}.{})", one(rng, &["spec", "a", "name"])),
        12..16 => {
            let name = one(rng, &["all", "exists", "exists_one", "map", "filter", "sortBy", "optMap"]);
            format!("({a}).{name}({}, {b})", one(rng, &["x", "y"]))
        }
        16 => format!("({a}).{}(x, y, {b})", one(rng, &["all", "exists", "transformList", "transformMap"])),
        17 => {
            let name = one(
                rng,
                &["contains", "startsWith", "matches", "split", "indexOf", "join", "format", "findAll"],
            );
            format!("({a}).{name}({b})")
        }
        18 => {
            let name = one(
                rng,
                &["trim", "size", "sort", "distinct", "reverse", "flatten", "sum", "max", "lowerAscii"],
            );
            format!("({a}).{name}()")
        }
        19 => {
            let name = one(
                rng,
                &["int", "uint", "double", "string", "bytes", "bool", "type", "duration", "quantity"],
            );
            format!("{name}({a})")
        }
        20 => format!("({a}).replace({b}, {c})"),
        21 => format!("({a}).substring({b}, {c})"),
        22 => format!("sets.intersects({a}, {b})"),
        _ => format!("({a}).orValue({b})"),
    }
}

/// What is left when somebody leans on the keyboard.
fn broken(rng: &mut Rng, source: &str) -> String {
    let mut chars: Vec<char> = source.chars().collect();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..=chars.len());
        match rng.u8(..3) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 => chars.insert(
                at,
                one(rng, &["(", ")", "'", "\\", "é", "\0", "`", "?", ".", "0x", "\"\"\""])
                    .chars()
                    .next()
                    .unwrap(),
            ),
            _ => chars.truncate(at),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn whatever_chance_writes_ends() {
    let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let (mut values, mut errors, mut refused) = (0_usize, 0_usize, 0_usize);
    let mut slowest = Duration::ZERO;
    for number in 0..EXPRESSIONS {
        let deep = rng.usize(1..5);
        let mut source = expression(&mut rng, deep);
        // What macros bind is there only within them; mostly it shall be.
        source = format!("[1, 'b'].map(x, [x].map(y, {source}))");
        if number % 10 == 0 {
            source = broken(&mut rng, &source);
        }
        let begun = Instant::now();
        match run(&source, |_| ()) {
            Ok(()) => values += 1,
            Err(error) if seaworthy::cel::Compiler::new(super::VARIABLES).compile(&source).is_err() => {
                assert!(!error.what.is_empty(), "{source}");
                refused += 1;
            }
            Err(error) => {
                assert!(!error.what.is_empty() && error.line > 0 && error.column > 0, "{source}");
                errors += 1;
            }
        }
        slowest = slowest.max(begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}: {source}", begun.elapsed());
    }
    println!("{values} values, {errors} errors, {refused} refused; the slowest took {slowest:?}");
    assert!(values > EXPRESSIONS / 20 && errors > EXPRESSIONS / 20 && refused > EXPRESSIONS / 50);
}
