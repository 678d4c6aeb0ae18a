//! security-module-disabled: a container without the kernel's second line of defence.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Profile, SeLinuxOptions, Workload};

pub(super) static CHECK: Check = Check {
    id: "security-module-disabled",
    title: "No container switches seccomp, AppArmor or SELinux off",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Set RuntimeDefault or a Localhost profile, and leave SELinux' user, role and type to the runtime.",
    rule: &PerWorkload(judge),
    page: include_str!("security_module_disabled.md"),
};

/// What the baseline level of Pod Security allows as an SELinux type.
const SE_LINUX_TYPES: &[&str] =
    &["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
/// The annotations that came before the field of AppArmor; each is for the container that it names.
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let pod = &workload.template.spec.security;
    let at_pod = problems(&Modules {
        seccomp: pod.seccomp_profile.as_ref(),
        app_armor: pod.app_armor_profile.as_ref(),
        se_linux: pod.se_linux_options.as_deref(),
    });
    let mut findings: Vec<Finding> = at_pod
        .into_iter()
        .map(|(field, problem)| {
            let path = workload.pod_field(format_args!("securityContext.{field}"));
            Finding::new(format!("the pod {problem}")).field(path)
        })
        .collect();
    for container in &workload.template.spec.containers {
        let own = &container.security_context;
        let at_container = problems(&Modules {
            seccomp: own.seccomp_profile.as_ref(),
            app_armor: own.app_armor_profile.as_ref(),
            se_linux: own.se_linux_options.as_deref(),
        });
        findings.extend(at_container.into_iter().map(|(field, problem)| {
            Finding::new(format!("{} '{}' {problem}", container.role.noun(), container.name)).container(
                workload,
                container,
                &format!("securityContext.{field}"),
            )
        }));
    }
    findings.extend(annotated(workload));
    findings.into()
}

/// What a security context says of the kernel's security modules.
struct Modules<'a> {
    seccomp: Option<&'a Profile>,
    app_armor: Option<&'a Profile>,
    se_linux: Option<&'a SeLinuxOptions>,
}

/// The fields at fault, and what is wrong with each. Every value that is set counts, as in Pod Security's admission.
fn problems(set: &Modules<'_>) -> Vec<(&'static str, String)> {
    let bad = |profile: &&Profile| profile.kind != "RuntimeDefault" && profile.kind != "Localhost";
    let seccomp = set.seccomp.filter(bad).map(|profile| {
        let problem = format!(
            "sets seccompProfile '{}': every system call is open, also those by which programs have broken out of containers; use RuntimeDefault",
            profile.kind
        );
        ("seccompProfile.type", problem)
    });
    let app_armor = set.app_armor.filter(bad).map(|profile| {
        let problem = format!(
            "sets appArmorProfile '{}': nothing bounds what root in the container may mount and write; use RuntimeDefault, or leave it out",
            profile.kind
        );
        ("appArmorProfile.type", problem)
    });
    seccomp.into_iter().chain(app_armor).chain(set.se_linux.and_then(se_linux)).collect()
}

fn se_linux(options: &SeLinuxOptions) -> Option<(&'static str, String)> {
    let SeLinuxOptions { user, role, kind } = options;
    let custom = [
        ("user", user, !user.is_empty()),
        ("role", role, !role.is_empty()),
        ("type", kind, !SE_LINUX_TYPES.contains(&kind.as_str())),
    ];
    let set: Vec<String> = custom
        .into_iter()
        .filter(|(_, _, bad)| *bad)
        .map(|(what, value, _)| format!("{what} '{value}'"))
        .collect();
    let problem = format!(
        "sets SELinux {}, which takes it out of the confinement of containers; leave user and role to the runtime, and use a container type or none",
        set.join(", ")
    );
    (!set.is_empty()).then_some(("seLinuxOptions", problem))
}

fn annotated(workload: &Workload) -> impl Iterator<Item = Finding> {
    let allowed = |profile: &str| {
        profile.is_empty() || profile == "runtime/default" || profile.starts_with("localhost/")
    };
    let annotations = workload.template.metadata.annotations.below(APP_ARMOR);
    annotations.filter(move |(_, profile)| !allowed(profile)).map(|(container, profile)| {
        let message = format!(
            "annotation '{APP_ARMOR}{container}' sets AppArmor profile '{profile}': nothing bounds what root in the container may mount and write; use runtime/default, or the field appArmorProfile"
        );
        Finding::new(message).field(workload.pod_annotation(&format!("{APP_ARMOR}{container}")))
    })
}
