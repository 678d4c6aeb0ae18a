//! `seaworthy exempt`: writes a ComplianceExemption to standard output, to be reviewed, kept in Git and applied.
//!
//! What a cluster would refuse is refused here, with the nearest name of a check. Not its job: applying it.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::api::{ComplianceExemption, EVERY_CHECK, EXEMPTION_KIND, ExemptionSpec, ObjectMeta};
use crate::checks::CATALOGUE;
#[cfg(feature = "operator")]
use crate::cluster::exemptions;
use crate::model::{Kind, shortened};
use crate::output::{self, clean};
use crate::policy::{
    Exemption, PolicySet, Standing, breadth, breadth_message, decide, flaws, instant, no_such_check,
    of_object, resolve,
};

use super::args::ExemptArgs;
#[cfg(feature = "operator")]
use super::cluster::Connection;
use super::input::policy_files;
use super::{End, Failure, print, say};

pub(super) fn run(args: &ExemptArgs) -> Result<End, Failure> {
    let now = args.now.unwrap_or_else(Timestamp::now);
    let policies = policies(args)?;
    let unknown = args.checks.iter().filter(|name| *name != EVERY_CHECK);
    let unknown = unknown.filter(|name| !policies.knows(&CATALOGUE, name));
    if let Some(name) = unknown.into_iter().next() {
        return Err(no_such_check(&CATALOGUE, name));
    }
    let object = object(args, until(args, now)?);
    if let Some(flaw) = flaws(&object).first() {
        return Err(flaw.clone());
    }
    notes(&of_object(&object), &policies, now);
    let yaml = output::object_yaml(EXEMPTION_KIND, &object)?;
    #[cfg(feature = "operator")]
    if args.apply {
        return print(&Connection::open()?.apply(&exemptions(), &yaml)?);
    }
    print(&yaml)
}

/// The policies that `--policy` names: their own checks may be exempt, and they may refuse it.
fn policies(args: &ExemptArgs) -> Result<PolicySet, Failure> {
    let mut set = PolicySet::default();
    if args.policy.is_empty() {
        return Ok(set);
    }
    for (origin, policy) in policy_files(&args.policy, &args.namespace)?.policies {
        let resolved = resolve(&policy, &CATALOGUE).map_err(|errors| {
            let each: Vec<String> = errors.iter().map(|error| format!("{origin}: {error}")).collect();
            each.join("\nerror: ")
        })?;
        set.insert(resolved);
    }
    Ok(set)
}

/// When it ends.
fn until(args: &ExemptArgs, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    let until = match (&args.until, &args.for_) {
        (Some(written), _) => instant(written).map_err(|why| format!("--until: {why}"))?,
        (None, Some(written)) => {
            let wrong = || format!("--for: '{written}' is no duration; write it as 30d, 2w or 12h");
            let span: Span = written.parse().map_err(|_| wrong())?;
            let end = now.to_zoned(TimeZone::UTC).checked_add(span).map_err(|_| wrong())?;
            // The API's times have seconds.
            Timestamp::from_second(end.timestamp().as_second()).map_err(|_| wrong())?
        }
        (None, None) => return Ok(None),
    };
    if until <= now {
        return Err(format!("the exemption would be over already: it ends at {until}"));
    }
    Ok(Some(until))
}

/// Each name once, in the order given, and as it is now.
fn checks(args: &ExemptArgs) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let now = args.checks.iter().map(|name| CATALOGUE.get(name).map_or(name.as_str(), |check| check.id));
    now.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
}

fn object(args: &ExemptArgs, until: Option<Timestamp>) -> ComplianceExemption {
    let (kind, name) = (args.subject.kind, &args.subject.name);
    let is_namespace = kind == Kind::Namespace;
    let name_of_checks = match checks(args).as_slice() {
        [every] if every == EVERY_CHECK => "everything".to_owned(),
        named => named.join("."),
    };
    let own_name = || shortened(&format!("{}-{name}-{name_of_checks}", kind.name().to_ascii_lowercase()));
    ComplianceExemption {
        metadata: ObjectMeta {
            name: args.name.clone().unwrap_or_else(own_name),
            namespace: if is_namespace { name.clone() } else { args.namespace.clone() },
            ..ObjectMeta::default()
        },
        spec: ExemptionSpec {
            // Without a target it is all of the namespace.
            target_ref: (!is_namespace).then(|| args.subject.target()),
            checks: checks(args),
            reason: args.reason.trim().to_owned(),
            expiration_time: until,
            owner: args.owner.clone().unwrap_or_default(),
            approved_by: args.approved_by.clone().unwrap_or_default(),
            references: args.ticket.clone(),
            ..ExemptionSpec::default()
        },
        status: None,
    }
}

/// Says what may surprise: that it has no end, that it is over-broad, that a policy will not have it.
fn notes(exemption: &Exemption, policies: &PolicySet, now: Timestamp) {
    if exemption.until.is_none() {
        say("note: it has no end; --until or --for sets one, and a policy may want it");
    }
    if let Some(breadth) = breadth(exemption, &CATALOGUE) {
        say(&clean(&format!("note: over-broad: {}", breadth_message(exemption, breadth))));
    }
    let mut said: BTreeSet<String> = BTreeSet::new();
    for policy in policies.iter() {
        let asked_for = policy.ruleset.checks.iter().map(|in_force| in_force.name());
        for check in asked_for.filter(|check| policy.is_meant(&exemption.checks, check)) {
            let why = match decide(exemption, &policy.permits, check, now).standing {
                Standing::InForce | Standing::Expired => continue,
                Standing::Pending(policy) => format!("policy '{policy}' wants it approved"),
                Standing::Refused(why) => format!("it will be refused: {why}"),
            };
            said.insert(why);
        }
    }
    for why in &said {
        say(&clean(&format!("note: {why}")));
    }
}
