//! job-never-cleaned-up: a finished Job that stays for ever.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "job-never-cleaned-up",
    title: "Finished Jobs go away",
    category: Category::Jobs,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Set ttlSecondsAfterFinished.",
    rule: &PerWorkload(judge),
    page: include_str!("job_never_cleaned_up.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let job = match (&workload.job, workload.kind) {
        (Some(job), Kind::Job) => job,
        (_, Kind::CronJob) => {
            return Verdict::not_applicable("a CronJob deletes its old runs by its history limits");
        }
        (_, kind) => return Verdict::not_applicable(format!("a {kind} does not finish")),
    };
    // Both delete a hook of the last time before they create it anew, if not sooner.
    for (key, tool) in [("helm.sh/hook", "Helm"), ("argocd.argoproj.io/hook", "Argo CD")] {
        if workload.meta.annotations.get(key).is_some() {
            return Verdict::not_applicable(format!("it is a hook of {tool}, which deletes it"));
        }
    }
    let message = "the Job has no ttlSecondsAfterFinished: once it is finished, it and its pods stay until somebody deletes \
                   them, and so does the next one; set it to how long its log may still be of use";
    job.ttl_seconds_after_finished
        .is_none()
        .then(|| Finding::new(message).field("spec.ttlSecondsAfterFinished"))
        .into()
}
