//! logs-to-files: logs in a volume, where nobody reads them.

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::Reference;
use crate::checks::support::shell;
use crate::data::is_log_shipper;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, VolumeMount, VolumeSource, Workload};

pub(super) static CHECK: Check = Check {
    id: "logs-to-files",
    title: "Programs log to standard output",
    category: Category::Observability,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["ST-44", "SE-01", "SE-32"],
    remediation: "Let the program log to standard output, or ship the files with a sidecar.",
    rule: &PerWorkload(judge),
    page: include_str!("logs_to_files.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let containers: Vec<&Container> = workload.running_containers().collect();
    if containers.iter().any(|container| is_log_shipper(&Reference::of(&container.image).name)) {
        return Verdict::Pass;
    }
    let findings = containers.iter().filter_map(|container| {
        let (at, mount) = container.volume_mounts.iter().enumerate().find(|(_, mount)| holds_logs(workload, mount))?;
        let streamed = containers.iter().any(|other| other.name != container.name && streams(other, mount));
        if streamed || streams(container, mount) {
            return None;
        }
        let message = format!(
            "volume '{}' is mounted at '{}' of {} '{}' and no sidecar ships what is written there: those logs are neither in \
             'kubectl logs' nor in the central log, and fill the volume; log to standard output",
            mount.name,
            mount.mount_path,
            container.role.noun(),
            container.name
        );
        Some(Finding::new(message).container(workload, container, &format!("volumeMounts[{at}]")))
    });
    findings.collect::<Vec<_>>().into()
}

/// Whether a program may write logs to a mount: the path says logs, and the volume can be written to.
fn holds_logs(workload: &Workload, mount: &VolumeMount) -> bool {
    let path = mount.mount_path.trim_end_matches('/');
    let names_logs = path == "/var/log" || path.starts_with("/var/log/") || path.ends_with("/logs");
    let source = workload.template.spec.volumes.iter().find(|volume| volume.name == mount.name);
    let writable = source.is_none_or(|volume| {
        !matches!(
            volume.source,
            VolumeSource::ConfigMap(_)
                | VolumeSource::Secret(_)
                | VolumeSource::Projected(_)
                | VolumeSource::DownwardApi
                | VolumeSource::Image(_)
        )
    });
    names_logs && writable && !mount.read_only
}

/// Whether a container writes the files of a volume to its own output, as a sidecar with `tail -F` does.
fn streams(container: &Container, mount: &VolumeMount) -> bool {
    let words: Vec<&str> =
        container.command.iter().chain(&container.args).map(|word| word.as_str()).collect();
    let tails = |program: &str| shell::base(program) == "tail";
    let in_script = || {
        let script = shell::script(&words).map(shell::commands).unwrap_or_default();
        script.iter().any(|command| command.iter().any(|word| tails(word)))
    };
    let mounts = container.volume_mounts.iter().any(|other| other.name == mount.name);
    mounts && (words.iter().take(2).any(|word| tails(word)) || in_script())
}
