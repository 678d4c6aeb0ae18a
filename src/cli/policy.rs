//! `seaworthy policy`: what policies ask for, whether they are right, and what changing them would do.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::api::{Level, POLICY_KIND, PreviewCheck};
use crate::checks::CATALOGUE;
use crate::manifest::{self, Loaded, Options};
use crate::model::{DeclaredKind, Kind};
use crate::output::{self, ChangesView, DiffView, Effective, PolicyStanding, Style, SubjectChange, clean};
use crate::policy::{Flaw, NotCovered, Policy, PolicySet, default_policy, demands, name_of, validate};
use crate::report::{Changes, policy_diff};

use super::args::ListFormat;
use super::input::{Read, read_beside, read_from, read_side, texts};
use super::policy_args::{DiffArgs, EffectiveArgs, PolicyCommand, ValidateArgs};
use super::{End, Failure, places, print, say, why};

pub(super) fn run(command: &PolicyCommand) -> Result<End, Failure> {
    match command {
        PolicyCommand::Diff(args) => diff(args),
        PolicyCommand::Validate(args) => check(args),
        PolicyCommand::Effective(args) => effective(args),
    }
}

fn diff(args: &DiffArgs) -> Result<End, Failure> {
    let inputs = [&args.old, &args.new].into_iter().chain(&args.paths);
    if inputs.filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err("standard input is read once; write `-` for one of OLD, NEW and PATH".to_owned());
    }
    let mut old = read_side("OLD", &args.old, &args.reading, false)?;
    let mut new = read_side("NEW", &args.new, &args.reading, true)?;
    let declared = declared(&old, &new)?;
    let loaded = read_beside(args.origin(), &args.reading, declared, [&mut old, &mut new])?;
    let now = args.reading.now.unwrap_or_else(Timestamp::now);
    if loaded.inventory.subjects().is_empty() {
        say("nothing to look at: there is no workload");
        return Ok(End::Nothing);
    }
    let diff = policy_diff(&loaded.inventory, &old, &new, now);
    let view = DiffView {
        newly_failing: changes(&loaded, &diff.newly),
        no_longer_failing: changes(&loaded, &diff.no_longer),
    };
    print(&match args.output {
        ListFormat::Table => output::policy_diff(&view),
        ListFormat::Json => output::pretty(&view),
    })?;
    Ok(if diff.newly.subjects.is_empty() { End::Clean } else { End::Findings })
}

/// The kinds that either side declares. Which kinds there are is one thing for the whole input.
fn declared(old: &PolicySet, new: &PolicySet) -> Result<Vec<DeclaredKind>, Failure> {
    let mut kinds = old.declared_kinds();
    for kind in new.declared_kinds() {
        let resource = Kind::from(kind).resource();
        if kinds.contains(&kind) {
            continue;
        }
        if kinds.iter().any(|other| Kind::from(*other).resource() == resource) {
            return Err(format!(
                "OLD and NEW declare {resource} differently (spec.workloadKinds), and what each finds of \
                                it cannot be compared; make the entries the same"
            ));
        }
        kinds.push(kind);
    }
    Ok(kinds)
}

fn changes(loaded: &Loaded, changes: &Changes) -> ChangesView {
    let checks = changes.totals.most_first().into_iter();
    let subjects = changes.subjects.iter().map(|changed| SubjectChange {
        subject: places::head(loaded, &changed.key),
        verdict_changes: changed.newly.fails,
        findings: changed
            .outcomes
            .iter()
            .map(|outcome| why::finding(loaded, &changed.key, outcome))
            .collect(),
    });
    ChangesView {
        workloads: changes.totals.workloads,
        namespaces: changes.totals.namespaces,
        checks: checks.map(|(name, subjects)| PreviewCheck { name: name.to_owned(), subjects }).collect(),
        subjects: subjects.collect(),
    }
}

fn check(args: &ValidateArgs) -> Result<End, Failure> {
    let texts = texts(&args.files)?;
    let loaded = manifest::load(&texts.sources, &Options::default());
    // What is wrong with a workload is not what was asked; what nobody can read may have been a policy.
    let unreadable: Vec<_> = loaded.problems.iter().filter(|p| p.of.is_none() && !p.of_policy).collect();
    let mut wrong = unreadable.len() + texts.unreadable.len();
    let tell = |place: String, what: &str| {
        say(&format!("{}: {}", Style::Heading.paint(clean(&place)), clean(what)));
    };
    for problem in unreadable {
        tell(format!("{}:{}", problem.file, problem.place), &problem.reason);
    }
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for own in &loaded.own {
        let value = own.value();
        let mut flaws = validate(&value, &CATALOGUE);
        let place = |field: &str| format!("{}:{}", own.file(), own.place(field));
        if let Some(name) = name_of(&value).filter(|name| !name.is_empty()) {
            let here = place("metadata.name");
            if let Some(there) = known.get(name) {
                let message = format!(
                    "a {POLICY_KIND} '{name}' is at {there} already; one would take the place of the other"
                );
                flaws.push(Flaw { field: "metadata.name".to_owned(), message });
            } else {
                known.insert(name.to_owned(), here);
            }
        }
        flaws.sort_by_cached_key(|flaw| own.place(&flaw.field));
        for flaw in &flaws {
            tell(place(&flaw.field), &flaw.to_string());
        }
        wrong += flaws.len();
    }
    if wrong > 0 {
        return Err(format!("{wrong} {} found", if wrong == 1 { "problem was" } else { "problems were" }));
    }
    if loaded.own.is_empty() {
        say(&format!("no {POLICY_KIND} is in the files"));
        return Ok(End::Nothing);
    }
    let n = loaded.own.len();
    print(&format!("{n} {} right\n", if n == 1 { "policy is" } else { "policies are" }))
}

fn effective(args: &EffectiveArgs) -> Result<End, Failure> {
    let Read { loaded, policies, origins, namespace, .. } =
        read_from(args.source.origin(), &args.input, default_policy(Level::Standard))?;
    if loaded.inventory.subjects().is_empty() {
        say("nothing to look at: there is no workload");
        return Ok(End::Nothing);
    }
    let key = args.subject.find(&loaded.inventory, namespace.as_deref())?;
    let standings = policies.standings(&loaded.inventory, &key);
    if standings.is_empty() {
        say(&format!("note: namespace '{}' goes or is gone, so no policy covers it", clean(key.namespace())));
    }
    let standing = |(policy, refused): &(&Policy, Option<NotCovered>)| PolicyStanding {
        name: policy.name().to_string(),
        profile: policy.profile.clone(),
        compliance_threshold: policy.ruleset.threshold,
        remediation: policy.remediation.asks().then(|| policy.remediation.clone()),
        not_covered_because: refused.map(|refused| refused.reason(&key)),
        place: origins.get(policy.name()).cloned(),
    };
    let covering = policies.covering(&loaded.inventory, &key);
    let mut checks: Vec<_> = demands(&covering, &key).iter().map(why::demand).collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.severity));
    let view = Effective {
        subject: places::head(&loaded, &key),
        policies: standings.iter().map(standing).collect(),
        checks,
    };
    print(&match args.output {
        ListFormat::Table => output::effective(&view),
        ListFormat::Json => output::pretty(&view),
    })?;
    Ok(if covering.is_empty() { End::Nothing } else { End::Clean })
}
