//! `seaworthy why`: one check on one workload, with everything that made it say what it says.

use jiff::Timestamp;
use serde_json::Map;

use crate::api::Level;
use crate::checks::CATALOGUE;
use crate::manifest::Loaded;
use crate::model::SubjectKey;
use crate::output::{self, Asked, CheckDemand, FindingView, WhyView, clean};
use crate::policy::{Asking, Demand, default_policy};
use crate::report::{self, Outcome, check_named};

use super::args::ListFormat;
use super::input::{Read, read_from};
use super::places::{self, Places};
use super::policy_args::WhyArgs;
use super::{End, Failure, print, say};

pub(super) fn run(args: &WhyArgs) -> Result<End, Failure> {
    let Read { loaded, policies, namespace, .. } =
        read_from(args.source.origin(), &args.input, default_policy(Level::Standard))?;
    let named = check_named(&args.check, &policies, &CATALOGUE).map_err(|near| {
        let hint = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
        format!("there is no check '{}'{hint}", clean(&args.check))
    })?;
    if loaded.inventory.subjects().is_empty() {
        say("nothing to look at: there is no workload");
        return Ok(End::Nothing);
    }
    let key = args.subject.find(&loaded.inventory, namespace.as_deref())?;
    let now = args.input.reading.now.unwrap_or_else(Timestamp::now);
    let why = report::why(&loaded.inventory, &policies, &key, &named, now);
    // It was found a moment ago.
    let Some(why) = why else { return Ok(End::Nothing) };
    let asked_by = why.demand.as_ref().map(|asked| demand(asked).asked_by);
    let view = WhyView {
        subject: places::head(&loaded, &key),
        check: why.name.clone(),
        title: why.title(),
        result: why.outcomes.first().map(|outcome| outcome.result),
        findings: why.outcomes.iter().map(|outcome| finding(&loaded, &key, outcome)).collect(),
        asked_by: asked_by.unwrap_or_default(),
        how_to_fix: why.how_to_fix(),
    };
    print(&match args.output {
        ListFormat::Table => output::why(&view),
        ListFormat::Json => output::pretty(&view),
    })?;
    Ok(if why.fails() { End::Findings } else { End::Clean })
}

/// A failure with its place.
pub(super) fn finding(loaded: &Loaded, key: &SubjectKey, outcome: &Outcome) -> FindingView {
    let exempt = outcome.exempt.as_deref();
    FindingView {
        check: outcome.check.to_string(),
        severity: outcome.severity,
        message: outcome.message.to_string(),
        place: Places::of(loaded, key).field(outcome.object.as_deref(), outcome.field.as_deref()),
        exemption: exempt.map(|exempt| exempt.by.clone()),
        exempt_reason: exempt.map(|exempt| exempt.reason.to_string()),
        exempt_until: exempt.and_then(|exempt| exempt.until),
    }
}

/// A check in force and who asks for it.
pub(super) fn demand(demand: &Demand<'_>) -> CheckDemand {
    let asked = |asking: &Asking<'_>| {
        let (mut parameters, mut definition) = (asking.parameters.clone(), Map::new());
        if asking.definition.is_some() {
            std::mem::swap(&mut parameters, &mut definition);
        }
        Asked {
            policy: asking.policy.name().to_string(),
            severity: asking.overrides_severity.then_some(asking.severity),
            parameters,
            definition,
            compliance_threshold: asking.policy.ruleset.threshold,
            decides_compliance: asking.counts(),
        }
    };
    CheckDemand {
        check: demand.name.to_owned(),
        title: demand.title().to_owned(),
        severity: demand.severity(),
        asked_by: demand.asking.iter().map(asked).collect(),
    }
}
