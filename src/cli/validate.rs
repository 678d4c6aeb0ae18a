//! `seaworthy policy validate`: what is wrong with the policies, exemptions and attestations of files, each with its
//! place and field.
//!
//! Not its job: what that is (`policy::validate`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::api::{ATTESTATION_KIND, EXEMPTION_KIND, POLICY_KIND};
use crate::checks::CATALOGUE;
use crate::manifest::{self, About, Options, Own};
use crate::output::{Style, clean};
use crate::policy::{Beside, Flaw, Policy, name_of, policy_of, validate};

use super::input::texts;
use super::policy_args::ValidateArgs;
use super::{End, Failure, print, say};

pub(super) fn run(args: &ValidateArgs) -> Result<End, Failure> {
    let texts = texts(&args.files)?;
    let loaded = manifest::load(&texts.sources, &Options::default());
    // What is wrong with a workload is not what was asked; what nobody can read may have been a policy.
    let unreadable: Vec<_> = loaded.problems.iter().filter(|p| p.about == About::Anything).collect();
    let mut wrong = unreadable.len() + texts.unreadable.len();
    for problem in unreadable {
        tell(&format!("{}:{}", problem.file, problem.place), &problem.reason);
    }
    let objects: Vec<(&Own, Value)> = loaded.own.iter().map(|own| (own, own.value())).collect();
    let policies = policies(&objects);
    let now = args.now.unwrap_or_else(Timestamp::now);
    let mut known: BTreeMap<_, (&Value, String)> = BTreeMap::new();
    for (own, value) in &objects {
        let name = name_of(value).filter(|name| !name.is_empty());
        let namespace = value.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
        let place = |field: &str| format!("{}:{}", own.file(), own.place(field));
        let before = name
            .and_then(|name| known.insert((own.kind(), namespace, name), (value, place("metadata.name"))));
        let earlier = before.as_ref().map(|(value, _)| *value);
        let mut flaws =
            validate(own.kind(), value, &Beside { catalogue: &CATALOGUE, policies: &policies, earlier, now });
        if let (Some((_, there)), Some(name)) = (&before, name) {
            let message = format!(
                "a {} '{name}' is at {there} already; one would take the place of the other",
                own.kind()
            );
            flaws.push(Flaw { field: "metadata.name".to_owned(), message });
        }
        flaws.sort_by_cached_key(|flaw| own.place(&flaw.field));
        for flaw in &flaws {
            tell(&place(&flaw.field), &flaw.to_string());
        }
        wrong += flaws.len();
    }
    if wrong > 0 {
        return Err(format!("{wrong} {} found", if wrong == 1 { "problem was" } else { "problems were" }));
    }
    if objects.is_empty() {
        say(&format!("no {POLICY_KIND}, {EXEMPTION_KIND} or {ATTESTATION_KIND} is in the files"));
        return Ok(End::Nothing);
    }
    print(&right(&objects))
}

fn tell(place: &str, what: &str) {
    say(&format!("{}: {}", Style::Heading.paint(clean(place)), clean(what)));
}

/// The policies, where every one of them can be applied: with less than all, nobody knows what they let through.
fn policies(objects: &[(&Own, Value)]) -> Vec<Policy> {
    let policies = objects.iter().filter(|(own, _)| own.kind() == POLICY_KIND);
    policies.map(|(_, value)| policy_of(value, &CATALOGUE)).collect::<Option<_>>().unwrap_or_default()
}

/// How many there are of each kind.
fn right(objects: &[(&Own, Value)]) -> String {
    let of = |kind: &str| objects.iter().filter(|(own, _)| own.kind() == kind).count();
    let known = [
        (of(POLICY_KIND), ["policy", "policies"]),
        (of(EXEMPTION_KIND), ["exemption", "exemptions"]),
        (of(ATTESTATION_KIND), ["attestation", "attestations"]),
    ];
    let others = objects.len().saturating_sub(known.iter().map(|(count, _)| count).sum());
    let counts = known.into_iter().chain([(others, ["report", "reports"])]).filter(|(count, _)| *count > 0);
    let words: Vec<String> = counts
        .map(|(count, [one, many])| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    let verb = if objects.len() == 1 { "is" } else { "are" };
    format!("{} {verb} right\n", words.join(", "))
}
