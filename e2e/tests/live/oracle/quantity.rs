//! Quantities, and shares of a total, against Kubernetes' own arithmetic.
//!
//! Not here: what a value means for a workload.

use fastrand::Rng;
use seaworthy::model::{Amount, IntOrString, Quantity};
use serde::Deserialize;
use serde_json::json;

use super::{chance, compare, one};

const VALUES: usize = 100_000;

#[derive(Deserialize)]
struct Worth {
    #[serde(default)]
    nanos: String,
    #[serde(default)]
    invalid: String,
}

#[derive(Deserialize)]
struct Share {
    up: Option<i64>,
    down: Option<i64>,
}

fn digits(rng: &mut Rng, most: usize) -> String {
    let length = if rng.u8(..20) == 0 { rng.usize(..=30) } else { rng.usize(..=most) };
    (0..length).map(|_| char::from(b'0' + rng.u8(..10))).collect()
}

fn written(rng: &mut Rng) -> String {
    let sign = one(rng, &["", "", "", "", "", "-", "+"]);
    let whole = digits(rng, 6);
    let fraction = if rng.u8(..3) == 0 { format!(".{}", digits(rng, 4)) } else { String::new() };
    let suffix = match rng.u8(..10) {
        0..7 => {
            one(rng, &["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
                .to_owned()
        }
        7 | 8 => format!("{}{}{}", one(rng, &["e", "E"]), one(rng, &["", "+", "-"]), rng.u8(..25)),
        _ => one(rng, &["K", "ki", "gb", "e", " ", "Gi ", "i", "Zi", "d", "%", "mm", "0x1", "e1e1", "٣"])
            .to_owned(),
    };
    format!("{sign}{whole}{fraction}{suffix}")
}

/// A whole number; ours end where 128 bits do, at a hundred billion exabytes.
fn within(number: &str) -> i128 {
    let end = if number.starts_with('-') { -i128::MAX } else { i128::MAX };
    number.parse().unwrap_or(end)
}

#[test]
fn quantities_are_worth_what_kubernetes_says() {
    let mut rng = chance("quantity");
    let mut invalid = 0;
    compare(
        VALUES,
        || {
            let value = match rng.u8(..20) {
                0 => json!(rng.i64(-1_000_000..1_000_000)),
                1 => json!(f64::from(rng.i32(-1_000_000..1_000_000)) / 1000.0),
                _ => json!(written(&mut rng)),
            };
            json!({"ask": "quantity", "quantity": value})
        },
        |question, said: Worth| {
            invalid += usize::from(!said.invalid.is_empty());
            let ours: Option<Quantity> = serde_json::from_value(question["quantity"].clone()).ok();
            let ours = ours.map(|quantity| quantity.nanos());
            let theirs = (!said.nanos.is_empty()).then(|| within(&said.nanos));
            (ours != theirs).then(|| format!("{question}: {theirs:?} {}, ours {ours:?}", said.invalid))
        },
    );
    println!("{VALUES} quantities, {invalid} of them invalid");
    assert!(invalid > VALUES / 50 && invalid < VALUES / 2);
}

#[test]
fn shares_are_rounded_as_kubernetes_rounds_them() {
    let mut rng = chance("int-or-percent");
    compare(
        VALUES,
        || {
            let number = [rng.i64(0..=100), rng.i64(0..1000), rng.i64(-10..10)][rng.usize(..3)];
            let value = match rng.u8(..10) {
                0 | 1 => json!(number),
                2 => json!(one(
                    &mut rng,
                    &["", "%", "5", "a%", "5.5%", " 5%", "5 %", "%5", "5%%", "+5%", "05%", "-5%"]
                )),
                _ => json!(format!("{number}%")),
            };
            let total = [rng.i64(0..20), rng.i64(0..5000)][rng.usize(..2)];
            json!({"ask": "int-or-percent", "value": value, "total": total})
        },
        |question, said: Share| {
            let value: IntOrString = serde_json::from_value(question["value"].clone()).unwrap();
            let total = question["total"].as_i64().unwrap();
            let ours =
                Amount::of(&value).map(|amount| (amount.rounded_up(total), amount.rounded_down(total)));
            let theirs = said.up.zip(said.down);
            (ours != theirs).then(|| format!("{question}: {theirs:?}, ours {ours:?}"))
        },
    );
}
