//! workload-unavailable: pods that should serve and do not.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Availability, LivePod, Workload};

pub(super) static CHECK: Check = Check {
    id: "workload-unavailable",
    title: "The workload's pods are available",
    category: Category::Health,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Live,
    sources: &["ST-43", "PE"],
    remediation: "Find out from the pods' events and logs why they are not available, and roll back if a rollout did it.",
    rule: &PerWorkload(judge),
    page: include_str!("workload_unavailable.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// graceSeconds is how long pods may be unavailable, for instance while they start.
    #[schemars(range(min = 0, max = 31_536_000))]
    grace_seconds: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { grace_seconds: 600 }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end, so none of them has to be available");
    }
    if workload.meta.terminating {
        return Verdict::not_applicable("it is being deleted");
    }
    let grace = parameters.grace_seconds.unsigned_abs();
    let Some(availability) = cx.availability(workload) else {
        return Verdict::unknown("its status does not say how many pods are available");
    };
    let Availability { wanted, available, unavailable_since } = availability;
    if wanted <= 0 {
        return Verdict::not_applicable("no pod of it is wanted at present");
    }
    if available >= wanted {
        return Verdict::Pass;
    }
    let count = match (available, wanted) {
        (_, 1) => "its pod is not available".to_owned(),
        (0, _) => format!("none of {wanted} pods is available"),
        (1, _) => format!("only 1 of {wanted} pods is available"),
        _ => format!("only {available} of {wanted} pods are available"),
    };
    let Some(since) = unavailable_since.or_else(|| since(availability, &cx.pods_of(workload))) else {
        // What is younger than the grace period cannot have been unavailable for longer.
        return match workload.meta.created {
            Some(created) if !cx.has_passed(created, grace) => Verdict::Pass,
            _ => Verdict::unknown(format!("{count}, but nothing says since when")),
        };
    };
    if !cx.has_passed(since, grace) {
        return Verdict::Pass;
    }
    let (effect, severity) = match available {
        0 => ("nobody is served", Severity::Critical),
        _ => ("capacity is missing and the next loss weighs more", Severity::Medium),
    };
    let message = format!(
        "{count}, and this has been so since {since}, longer than {grace} s: {effect}; look at the pods' events and logs for \
         the cause"
    );
    let finding = Finding::new(message);
    Verdict::fail(if severity == CHECK.severity { finding } else { finding.severity(severity) })
}

/// Since when pods are missing, as far as the pods themselves tell.
fn since(availability: Availability, pods: &[&LivePod]) -> Option<Timestamp> {
    let Availability { wanted, available, .. } = availability;
    let pods: Vec<&LivePod> =
        pods.iter().copied().filter(|pod| !pod.finished && !pod.meta.terminating).collect();
    let changed = |pod: &&LivePod| pod.ready_changed.or(pod.meta.created);
    let unready = || pods.iter().filter(|pod| !pod.ready);
    if available <= 0 {
        // The last one to go took the workload with it.
        return pods.iter().filter_map(changed).max();
    }
    if unready().next().is_some() {
        return unready().filter_map(changed).min();
    }
    // All are ready and the newest waits for minReadySeconds; a pod that does not exist tells nothing.
    let all_there = i64::try_from(pods.len()).is_ok_and(|count| count >= wanted);
    if all_there { pods.iter().filter_map(changed).max() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Meta, PodNetwork};

    fn at(hour: i8) -> Timestamp {
        format!("2026-01-01T{hour:02}:00:00Z").parse().unwrap()
    }

    fn pod(ready: bool, changed: Option<i8>) -> LivePod {
        let meta = Meta { created: Some(at(1)), ..Meta::default() };
        LivePod {
            meta,
            ready,
            ready_changed: changed.map(at),
            finished: false,
            network: PodNetwork::default(),
        }
    }

    fn say(wanted: i64, available: i64, pods: &[LivePod]) -> Option<Timestamp> {
        let availability = Availability { wanted, available, unavailable_since: None };
        since(availability, &pods.iter().collect::<Vec<_>>())
    }

    #[test]
    fn all_are_gone_since_the_last_one_went() {
        assert_eq!(say(2, 0, &[pod(false, Some(3)), pod(false, Some(5))]), Some(at(5)));
        assert_eq!(
            say(1, 0, &[pod(false, None)]),
            Some(at(1)),
            "a pod that was never scheduled has its creation"
        );
        assert_eq!(say(1, 0, &[]), None);
    }

    #[test]
    fn some_are_missing_since_the_first_one_went() {
        assert_eq!(say(3, 1, &[pod(true, Some(2)), pod(false, Some(4)), pod(false, Some(6))]), Some(at(4)));
    }

    #[test]
    fn pods_that_do_not_exist_tell_nothing() {
        assert_eq!(say(3, 2, &[pod(true, Some(2)), pod(true, Some(2))]), None);
    }

    #[test]
    fn a_ready_pod_waits_for_min_ready_seconds() {
        assert_eq!(say(2, 1, &[pod(true, Some(2)), pod(true, Some(6))]), Some(at(6)));
    }

    #[test]
    fn pods_that_ended_or_are_going_do_not_count() {
        let finished = LivePod { finished: true, ..pod(false, Some(2)) };
        let mut going = pod(false, Some(2));
        going.meta.terminating = true;
        assert_eq!(say(2, 1, &[finished, going, pod(true, Some(3))]), None);
    }
}
