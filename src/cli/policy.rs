//! `seaworthy policy`: what policies ask for, whether they are right, and what changing them would do.

use jiff::Timestamp;

use crate::api::{Level, PreviewCheck};
use crate::manifest::Loaded;
use crate::model::{DeclaredKind, Kind};
use crate::output::{self, ChangesView, DiffView, Effective, PolicyStanding, SubjectChange, clean};
use crate::policy::{NotCovered, Policy, PolicySet, default_policy, demands};
use crate::report::{Changes, policy_diff};

use super::args::ListFormat;
use super::input::{Read, read_beside, read_from, read_side};
use super::policy_args::{DiffArgs, EffectiveArgs, PolicyCommand};
use super::{End, Failure, places, print, say, validate, why};

pub(super) fn run(command: &PolicyCommand) -> Result<End, Failure> {
    match command {
        PolicyCommand::Diff(args) => diff(args),
        PolicyCommand::Validate(args) => validate::run(args),
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
