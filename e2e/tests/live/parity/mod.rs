//! Parity: every example of every check's page gets, on a real cluster, exactly the results that it gets offline.
//!
//! The workload controllers are off, so that a status stays as an example says. An example that concerns all the
//! cluster, or that rests on names of namespaces, comes and goes by itself while a controller watches. All others stand
//! side by side, each in namespaces of its own, under a policy of its own with that one check. Then one controller
//! starts, and what it reports is compared with what the offline audit says of the same documents: of all of them,
//! since a message may name a neighbour. That neighbours change nothing but the wording is looked at as well.
//! Not its job: whether the results are what the page promises (`tests/pages.rs`), or how reports follow changes
//! (`relations.rs`).

mod case;
mod live;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use futures::StreamExt as _;
use seaworthy::checks::CATALOGUE;
use seaworthy::engine::{Expected, Sees};
use serde_json::Value;

use case::{Case, Found};
use live::Live;

/// What makes namespaces and bare pods usable and lets things go again. No garbage collector: it would take the pods
/// of owners that an example does not show.
const CONTROLLERS: &str =
    "serviceaccount-controller,root-ca-certificate-publisher-controller,namespace-controller";
/// Requests under way at one time.
const AT_ONCE: usize = 16;

/// The examples of all pages, but those that only concern an offline input.
fn examples(live: &Live) -> Vec<Case> {
    let examples = CATALOGUE.iter().flat_map(|check| {
        let page = check.page();
        assert!(page.problems.is_empty(), "{}: {:?}", check.id, page.problems);
        page.examples.into_iter().enumerate().map(move |(index, example)| (check, index + 1, example))
    });
    let judged_live = examples.filter(|(check, _, example)| {
        example.expected != Expected::Unknown && !example.offline && check.sees != Sees::Manifest
    });
    let case = |(at, (check, number, example))| Case::new(at, check, number, &example, live);
    judged_live.enumerate().map(case).collect()
}

/// Where both disagree, for people.
fn difference(case: &Case, offline: &Found, live: &Found) -> Option<String> {
    if offline == live {
        return None;
    }
    let mut text = format!("{}:", case.title());
    let mut names: Vec<_> = offline.keys().chain(live.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (offline, live) = (offline.get(name), live.get(name));
        if offline != live {
            write!(text, "\n  report {name:?}\n    offline {offline:#?}\n    live {live:#?}").unwrap();
        }
    }
    Some(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_every_page_is_judged_live_as_it_is_offline() {
    let cluster = Cluster::builder().name("parity").controllers(CONTROLLERS).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let live = Live::prepare(&cluster).await;

    let (alone, cases): (Vec<_>, Vec<_>) = examples(&live).into_iter().partition(Case::stands_alone);
    let mut failures = Vec::new();
    // First, while there is little else that each of them would change.
    let controller = Controller::start(&cluster).await.unwrap();
    for case in &alone {
        failures.extend(live.alone(case).await.err());
    }
    controller.stop().await.unwrap();
    // Their namespaces stay, as taking one away goes through every kind there is.
    let empty: BTreeMap<String, Value> = alone
        .iter()
        .flat_map(|case| case.as_written.namespaces())
        .map(|needed| (needed.name, needed.document))
        .collect();

    live.create_namespaces(cases.iter().flat_map(|case| case.renamed.namespaces()).collect()).await;
    let applied: Vec<_> = futures::stream::iter(&cases)
        .map(async |case| (case, live.apply(&case.renamed).await))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut side_by_side = Vec::new();
    for (case, applied) in applied {
        match applied {
            Ok(()) => side_by_side.push(case),
            Err(error) => failures.push(format!("{}: the API server refuses it: {error}", case.title())),
        }
    }
    let offline = case::offline_beside(side_by_side.iter().map(|case| &case.renamed), empty.values());

    // Everything stands before it starts, so its first look at each object is at what there will be.
    let controller = Controller::start(&cluster).await.unwrap();
    let waited = wait_for("a report of each subject", Duration::from_secs(60), || async {
        let there = live.report_names().await?;
        match offline.keys().filter(|at| !there.contains(*at)).count() {
            0 => Ok(Some(())),
            missing => Err(format!("{missing} of {} are missing", offline.len())),
        }
    });
    failures.extend(waited.await.err().map(|error| error.to_string()));
    let reports = live.reports().await.unwrap();
    for case in &side_by_side {
        let of_case = |found: &Found| -> Found {
            let theirs = found.iter().filter(|(at, _)| case.renamed.holds(at));
            theirs.map(|(at, lines)| (at.clone(), lines.clone())).collect()
        };
        let here = of_case(&offline);
        failures.extend(difference(case, &here, &of_case(&reports)));
        if case::verdicts(&here) != case::verdicts(&case::offline([&case.renamed])) {
            failures.push(format!("{}: its neighbours change its verdict", case.title()));
        }
    }
    let compared = side_by_side.len() + alone.len();
    println!(
        "{compared} examples compared, {} of them under the names that they are written with",
        alone.len()
    );
    assert!(failures.is_empty(), "{} of {compared} examples:\n{}", failures.len(), failures.join("\n\n"));
    let judged = CATALOGUE.iter().filter(|check| check.sees != Sees::Manifest).count();
    assert!(compared >= 2 * judged, "each check has two examples or more");
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
