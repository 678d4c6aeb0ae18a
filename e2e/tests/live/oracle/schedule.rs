//! Schedules of CronJobs and names of time zones, against the library and the zones that Kubernetes reads them with.
//!
//! Not here: what an invalid schedule means for a CronJob.

use fastrand::Rng;
use seaworthy::data::is_time_zone;
use seaworthy::model::Schedule;
use serde::Deserialize;
use serde_json::json;

use super::{chance, compare, one};

const SCHEDULES: usize = 100_000;

#[derive(Deserialize)]
struct Times {
    #[serde(default)]
    bits: Vec<String>,
    #[serde(default)]
    every: u64,
    #[serde(default)]
    invalid: String,
}

fn number(rng: &mut Rng) -> String {
    match rng.u8(..14) {
        0 => one(rng, &["00", "+5", "-1", "007", "99999999999999999999", "1e1", "0x5", "", "٣", "1_0", "5."])
            .to_owned(),
        1 => one(rng, &["jan", "FEB", "Mon", "sun", "fri", "frİ", "Dec", "monday", "sep", "ſun"]).to_owned(),
        _ => rng.u8(..64).to_string(),
    }
}

fn range(rng: &mut Rng) -> String {
    let mut text = match rng.u8(..6) {
        0 => "*".to_owned(),
        1 => "?".to_owned(),
        2 => format!("{}-{}", number(rng), number(rng)),
        3 => one(rng, &["*-3", "*-x", "?-1-2", "**", "1--2", "-", ""]).to_owned(),
        _ => number(rng),
    };
    if rng.u8(..3) == 0 {
        let step = number(rng);
        text = format!("{text}/{}", one(rng, &[step.as_str(), "0", "2", "15", "1", ""]));
    }
    if rng.u8(..40) == 0 { text + "/2" } else { text }
}

fn field(rng: &mut Rng) -> String {
    let count = if rng.u8(..3) > 0 { 1 } else { rng.usize(1..=3) };
    let ranges: Vec<String> = (0..count).map(|_| range(rng)).collect();
    ranges.join(",") + if rng.u8(..30) == 0 { "," } else { "" }
}

/// A field as people write it: the fields count from 0 to `most`, or from 1.
fn plain(rng: &mut Rng, at: usize) -> String {
    let (first, count) = [(0, 60), (0, 24), (1, 31), (1, 12), (0, 7)][at];
    match rng.u8(..4) {
        0 => "*".to_owned(),
        1 => format!("*/{}", rng.u8(1..=count)),
        _ => (first + rng.u8(..count)).to_string(),
    }
}

fn duration(rng: &mut Rng) -> String {
    let mut text = one(rng, &["", "", "", "-", "+"]).to_owned();
    for _ in 0..rng.u8(1..4) {
        text +=
            one(rng, &["1", "0", "90", "", ".5", "1.5", "1.", "9223372036854775808", "153722867", "2562047"]);
        text += one(rng, &["h", "m", "s", "ms", "us", "µs", "μs", "ns", "", "x", "d"]);
    }
    text
}

fn written(rng: &mut Rng) -> String {
    match rng.u8(..12) {
        0 => one(
            rng,
            &[
                "@hourly",
                "@daily",
                "@midnight",
                "@weekly",
                "@monthly",
                "@yearly",
                "@annually",
                "@reboot",
                "@Hourly",
                " @hourly",
                "@every",
                "@",
                "",
            ],
        )
        .to_owned(),
        1 | 2 => format!("@every {}", duration(rng)),
        3 => {
            let key = one(rng, &["TZ=", "CRON_TZ=", "tz=", "TZ"]);
            let zone = one(
                rng,
                &[
                    "UTC",
                    "Europe/Berlin",
                    "europe/berlin",
                    "Mars",
                    "../etc",
                    "/UTC",
                    "Etc/GMT+5",
                    "Asia",
                    "US/Pacific",
                    "Zulu",
                ],
            );
            let space = one(rng, &[" ", " ", "  ", "\t", ""]);
            key.to_owned() + zone + space + one(rng, &["@daily", "0 3 * * *", "@every 1h", "", "0 3 * *"])
        }
        _ => {
            let count = if rng.u8(..12) == 0 { rng.usize(..8) } else { 5 };
            let mut text = String::new();
            for at in 0..count {
                if at > 0 {
                    text += one(
                        rng,
                        &[" ", " ", " ", "  ", "\t", "\u{a0}", "\u{2003}", "\u{85}", "\u{b}", "\u{200b}"],
                    );
                }
                text += &if at < 5 && rng.u8(..4) > 0 { plain(rng, at) } else { field(rng) };
            }
            text
        }
    }
}

#[test]
fn schedules_are_read_as_kubernetes_reads_them() {
    let mut rng = chance("schedule");
    let mut invalid = 0;
    compare(
        SCHEDULES,
        || json!({"ask": "schedule", "schedule": written(&mut rng)}),
        |question, said: Times| {
            invalid += usize::from(!said.invalid.is_empty());
            let ours = Schedule::parse(question["schedule"].as_str().unwrap(), is_time_zone);
            let same = match &ours {
                Ok(Schedule::Fields { minutes, hours, days, months, weekdays }) => {
                    said.bits == [minutes, hours, days, months, weekdays].map(ToString::to_string)
                }
                Ok(Schedule::Every(seconds)) => said.bits.is_empty() && said.every == *seconds,
                Err(_) => !said.invalid.is_empty(),
            };
            (!same).then(|| {
                format!("{question}: {:?} {} {}, ours {ours:?}", said.bits, said.every, said.invalid)
            })
        },
    );
    println!("{SCHEDULES} schedules, {invalid} of them invalid");
    assert!(invalid > SCHEDULES / 20 && invalid < SCHEDULES * 9 / 10);
}

#[test]
fn time_zones_are_those_that_kubernetes_knows() {
    let mut rng = chance("time-zone");
    let areas =
        ["Europe", "America", "Asia", "Africa", "Etc", "US", "Pacific", "europe", "Mars", "Australia"];
    let cities = [
        "Berlin", "New_York", "Tokyo", "Cairo", "GMT+5", "GMT-14", "GMT+15", "Pacific", "Auckland", "berlin",
        "Sydney", "Kyiv", "Kiev",
    ];
    let alone = ["UTC", "GMT", "Zulu", "utc", "CET", "EST5EDT", "EST", "Japan", "X", "GMT0", "Berlin"];
    compare(
        5_000,
        || {
            let name = match rng.u8(..4) {
                0 => one(&mut rng, &alone).to_owned(),
                _ => format!("{}/{}", one(&mut rng, &areas), one(&mut rng, &cities)),
            };
            json!({"ask": "time-zone", "name": name})
        },
        |question, theirs: bool| {
            let ours = is_time_zone(question["name"].as_str().unwrap());
            (ours != theirs).then(|| format!("{question}: {theirs}, ours {ours}"))
        },
    );
}
