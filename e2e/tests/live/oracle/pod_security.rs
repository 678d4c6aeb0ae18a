//! The checks of pod security, together, against Kubernetes' own admission: control by control and level by level.
//!
//! Not here: how pods are made (`pods.rs`).

use std::collections::BTreeMap;

use e2e::Oracle;
use seaworthy::api::{ResultWord, Severity};
use seaworthy::checks::CATALOGUE;
use seaworthy::decode::{Decoded, decode};
use seaworthy::engine::{InForce, Ruleset, evaluate};
use seaworthy::model::{Inventory, Kind, SubjectKey};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BATCH, chance, pods, shrink::shrink};

/// Pods that are compared.
const PODS: usize = 20_000;
/// How often each control must have allowed and forbidden, or the comparison shows nothing.
const OFTEN: usize = 300;

/// A control of Pod Security and the checks that answer for it: it forbids a pod when one of them fails. Where one
/// check answers for several controls, the field of its finding says for which.
const CONTROLS: &[(&str, &[&str], Option<&str>)] = &[
    // Baseline.
    ("privileged", &["privileged-container"], None),
    ("hostNamespaces", &["host-namespace-shared"], None),
    ("hostPathVolumes", &["host-path-volume"], None),
    ("hostPorts", &["host-port"], None),
    ("hostProbesAndHostLifecycle", &["probe-names-host"], None),
    ("capabilities_baseline", &["dangerous-capability"], None),
    ("procMount", &["unmasked-proc"], None),
    ("appArmorProfile", &["security-module-disabled"], Some("apparmor")),
    ("seLinuxOptions", &["security-module-disabled"], Some("selinux")),
    ("seccompProfile_baseline", &["security-module-disabled"], Some("seccomp")),
    ("sysctls", &["unsafe-sysctl"], None),
    ("windowsHostProcess", &["host-process"], None),
    // Restricted.
    ("procMount_restricted", &["proc-mount-set"], None),
    ("allowPrivilegeEscalation", &["privilege-escalation"], None),
    ("capabilities_restricted", &["capabilities-not-dropped"], None),
    ("runAsNonRoot", &["root-not-excluded", "non-root-not-enforced"], None),
    ("runAsUser", &["runs-as-root"], None),
    ("seccompProfile_restricted", &["seccomp-unset"], None),
    ("restrictedVolumes", &["restricted-volume-types"], None),
];

#[derive(Deserialize)]
struct Said {
    controls: BTreeMap<String, Control>,
    baseline: bool,
    restricted: bool,
}

#[derive(Deserialize)]
struct Control {
    level: String,
    allowed: bool,
    #[serde(default)]
    detail: String,
    /// A restricted control stands in for it at that level, so that Windows' exemption from that one counts there.
    #[serde(default)]
    overridden: bool,
}

/// The checks that answer for Pod Security, with their defaults.
fn ruleset() -> Ruleset {
    let checks = CONTROLS.iter().flat_map(|(_, checks, _)| *checks);
    let mut in_force = BTreeMap::new();
    for id in checks {
        let check = CATALOGUE.get(id).unwrap_or_else(|| panic!("there is no check {id}"));
        let params = check.rule.parse(&BTreeMap::new()).unwrap();
        in_force.insert(*id, InForce { check, name: None, severity: None, params });
    }
    let checks = in_force.into_values().collect();
    Ruleset { policy: "pod-security".into(), threshold: Severity::High, checks }
}

/// The controls by which our checks forbid a pod, with the messages. A check that cannot say is an error.
fn ours(pod: &Value, ruleset: &Ruleset) -> BTreeMap<&'static str, String> {
    let record = match decode(Kind::Pod, &pod.to_string(), "default").unwrap() {
        Decoded::Record(record) => record,
        Decoded::Unreadable(_, error) => panic!("{error}: {pod}"),
    };
    let mut inventory = Inventory::offline(true);
    inventory.apply(record);
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let is_workload = |key: &SubjectKey| matches!(key, SubjectKey::Workload(_));
    let key = inventory.subjects().into_iter().find(is_workload).unwrap();
    let outcomes = evaluate(&inventory, &key, &[ruleset], now).unwrap().outcomes;
    assert!(outcomes.iter().all(|outcome| outcome.result != ResultWord::Unknown), "{outcomes:?}");
    let mut forbidden = BTreeMap::new();
    for (control, checks, field) in CONTROLS {
        let mut fails =
            outcomes.iter().filter(|o| o.result == ResultWord::Fail && checks.contains(&&*o.check));
        let about = |path: &str| field.is_none_or(|field| path.to_lowercase().contains(field));
        let first = fails.find(|outcome| about(outcome.field.as_deref().unwrap_or_default()));
        if let Some(outcome) = first {
            forbidden.insert(*control, format!("{}: {}", outcome.check, outcome.message));
        }
    }
    forbidden
}

fn question(pod: &Value) -> Value {
    json!({"ask": "pod-security", "pod": pod})
}

/// The first control on which both disagree, and how.
fn difference(said: &Said, ours: &BTreeMap<&'static str, String>) -> Option<(&'static str, String)> {
    let of_control = CONTROLS.iter().find_map(|(control, checks, _)| {
        let theirs = &said.controls[*control];
        let own = ours.get(control);
        (theirs.allowed == own.is_some()).then(|| {
            let theirs = if theirs.allowed { "allows it" } else { theirs.detail.as_str() };
            (*control, format!("{control}: Kubernetes: {theirs}; {checks:?}: {own:?}"))
        })
    });
    of_control.or_else(|| {
        let forbidding = || ours.keys().map(|control| &said.controls[*control]);
        let baseline = !forbidding().any(|control| control.level == "baseline");
        let restricted = !forbidding().any(|control| !control.overridden);
        let (theirs, own) = ((said.baseline, said.restricted), (baseline, restricted));
        (theirs != own).then(|| ("level", format!("baseline and restricted: {theirs:?}, ours {own:?}")))
    })
}

#[test]
fn the_checks_admit_what_pod_security_admits() {
    let (mut rng, ruleset, mut oracle) = (chance("pod security"), ruleset(), Oracle::start().unwrap());
    let (mut tally, mut differences) = (BTreeMap::<String, [usize; 2]>::new(), BTreeMap::new());
    let mut admitted = [0; 2];
    for batch in 0..PODS / BATCH {
        let made: Vec<Value> =
            (0..BATCH).map(|at| pods::pod(&mut rng, &format!("p{}", batch * BATCH + at))).collect();
        let answers: Vec<Said> = oracle.ask_all(&made.iter().map(question).collect::<Vec<_>>()).unwrap();
        for (pod, said) in made.into_iter().zip(answers) {
            for (control, answer) in &said.controls {
                tally.entry(control.clone()).or_default()[usize::from(answer.allowed)] += 1;
            }
            admitted[0] += usize::from(said.baseline);
            admitted[1] += usize::from(said.restricted);
            if let Some((control, why)) = difference(&said, &ours(&pod, &ruleset)) {
                differences.entry(control).or_insert_with(Vec::new).push((pod, why));
            }
        }
    }
    println!("{PODS} pods; {} admitted by baseline, {} by restricted", admitted[0], admitted[1]);
    println!("{tally:#?}");
    // Each kind of difference once, as small as it gets.
    let shown = differences.iter().map(|(control, found)| {
        let (pod, _) = &found[0];
        let mut why = String::new();
        let small = shrink(pod, |pod| {
            let Some(said) = ask(&mut oracle, pod) else { return false };
            let found = difference(&said, &ours(pod, &ruleset));
            found.filter(|(other, _)| other == control).map(|(_, text)| why = text).is_some()
        });
        format!("{} pods, such as {small}\n  {why}", found.len())
    });
    let shown: Vec<String> = shown.collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    let known: Vec<&str> = CONTROLS.iter().map(|(control, _, _)| *control).collect();
    for (control, [forbidden, allowed]) in &tally {
        assert!(known.contains(&control.as_str()), "{control} is a control that no check answers for");
        assert!(
            *forbidden >= OFTEN && *allowed >= OFTEN,
            "{control}: {forbidden} forbidden, {allowed} allowed"
        );
    }
    assert!(admitted.iter().all(|count| (OFTEN..=PODS - OFTEN).contains(count)), "{admitted:?}");
}

/// What the oracle says of a pod that shrinking may have made unreadable.
fn ask(oracle: &mut Oracle, pod: &Value) -> Option<Said> {
    let readable = pod.pointer("/spec/containers").is_some() && pod.pointer("/metadata/name").is_some();
    let json = pod.to_string();
    let readable = readable && matches!(decode(Kind::Pod, &json, "default"), Ok(Decoded::Record(_)));
    readable.then(|| oracle.ask(&question(pod)).ok()).flatten()
}
