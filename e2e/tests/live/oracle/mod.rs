//! Differential tests: what Seaworthy takes Kubernetes to do, against what Kubernetes' own code does, or for networks,
//! which Kubernetes leaves to others, the code that its community tests them with.
//!
//! Each file asks one question of the oracle (`e2e/oracle`), about what chance made. The seed is printed, and
//! `SEAWORTHY_SEED=...` replays a run. No cluster is needed. Not here: what a finding says (`tests/pages.rs`).

mod clusters;
mod network;
mod network_examples;
mod pod_security;
mod pods;
mod quantity;
mod schedule;
mod selector;
mod shrink;

use e2e::Oracle;
use fastrand::Rng;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How many questions are under way at once.
const BATCH: usize = 1000;

/// Chance, the same in every run unless `SEAWORTHY_SEED` says otherwise.
fn chance(test: &str) -> Rng {
    let seed = std::env::var("SEAWORTHY_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("{test}: SEAWORTHY_SEED={seed}");
    Rng::with_seed(seed)
}

/// One of these.
fn one<'a, T: ?Sized>(rng: &mut Rng, of: &[&'a T]) -> &'a T {
    of[rng.usize(..of.len())]
}

/// Makes `count` questions, asks them, and hands each to `compare` with its answer; it says what differs.
fn compare<T: DeserializeOwned>(
    count: usize,
    mut make: impl FnMut() -> Value,
    mut compare: impl FnMut(&Value, T) -> Option<String>,
) {
    let (mut oracle, mut differences, mut asked) = (Oracle::start().unwrap(), Vec::new(), 0);
    while asked < count {
        let questions: Vec<Value> = (0..BATCH.min(count - asked)).map(|_| make()).collect();
        let answers: Vec<T> = oracle.ask_all(&questions).unwrap();
        differences
            .extend(questions.iter().zip(answers).filter_map(|(question, said)| compare(question, said)));
        asked += questions.len();
    }
    let shown: Vec<&str> = differences.iter().take(20).map(String::as_str).collect();
    assert!(shown.is_empty(), "{} of {asked} differ, such as:\n{}", differences.len(), shown.join("\n"));
}
