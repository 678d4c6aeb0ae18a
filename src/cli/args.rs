//! The arguments. No input or output happens here.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::api::Severity;
use crate::data::Checklist;
use crate::model::KubernetesVersion;
use crate::policy::BuiltIn;

use super::policy_args::{PolicyCommand, RemediateCommand, WhyArgs};
use super::subject::SubjectName;

/// Tells, at any moment, whether each Kubernetes workload is ready for production, and why not.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a PracticeAttestation to standard output: that a practice was carried out, by whom, and when
    #[command(after_help = "To apply it: seaworthy attest ... | kubectl apply -f -")]
    Attest(AttestArgs),
    /// Audit manifests: files, folders, or `-` for standard input
    #[command(
        after_help = "Exit codes: 0 clean, 1 findings at or above the bar or a document that cannot be read, \
                            2 usage or input error, 3 nothing to audit."
    )]
    Audit(AuditArgs),
    /// The catalogue of checks
    Checks {
        #[command(subcommand)]
        command: ChecksCommand,
    },
    /// The published checklists that the checks answer for, and how each item stands
    Checklists(ChecklistsArgs),
    /// Write a ComplianceExemption to standard output: what is exempt, why, and until when
    Exempt(ExemptArgs),
    /// Show the page of a check: what it is about, examples, how to fix it
    Explain {
        /// The check, as `seaworthy checks list` shows it
        check: String,
    },
    /// The built-in profiles that policies start from, in every version
    Profiles {
        #[command(subcommand)]
        command: ProfilesCommand,
    },
    /// ProductionPolicies: what one asks for, whether it is right, what changing it would do
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Why a check says what it says of a workload, who asks for it, and how to fix it
    #[command(
        after_help = "Exit codes: 0 it does not fail or no policy asks for it, 1 it fails, 2 usage, input or cluster error, \
                            3 nothing to look at."
    )]
    Why(WhyArgs),
    /// What would be made where it is missing
    Remediate {
        #[command(subcommand)]
        command: RemediateCommand,
    },
    /// Print the CustomResourceDefinitions as YAML
    #[cfg(feature = "operator")]
    Crds,
    /// Run the controller that watches a cluster and writes reports
    #[cfg(feature = "operator")]
    Controller(ControllerArgs),
    /// Print the version
    Version,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChecksCommand {
    /// List every check
    List {
        /// The format
        #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
        output: ListFormat,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesCommand {
    /// List every profile
    List {
        /// The format
        #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
        output: ListFormat,
    },
    /// Show the checks of a profile
    Show {
        /// The profile, as in `Standard` for the newest version of it, or `Standard/v1.0`
        #[arg(value_name = "LEVEL[/VERSION]")]
        profile: BuiltIn,
        /// The format
        #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
        output: ListFormat,
    },
    /// Show what the second profile has that the first has not, and the other way round
    Diff {
        /// The profile to come from
        #[arg(value_name = "LEVEL[/VERSION]")]
        from: BuiltIn,
        /// The profile to go to
        #[arg(value_name = "LEVEL[/VERSION]")]
        to: BuiltIn,
        /// The format
        #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
        output: ListFormat,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    Table,
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AttestArgs {
    /// The practice, as a policy asks for it: load-test, on-call, backup-restore-test
    pub(crate) practice: String,
    /// The workload that it was carried out for, as in deployment/checkout
    #[arg(value_name = "TYPE/NAME")]
    pub(crate) subject: Option<SubjectName>,
    /// It was carried out for all of the namespace
    #[arg(long, conflicts_with = "subject")]
    pub(crate) namespace_wide: bool,
    /// The namespace of the workload
    #[arg(short, long, default_value = "default")]
    pub(crate) namespace: String,
    /// When it was carried out: a day, which means its beginning in UTC, or a time in RFC 3339
    #[arg(long, value_name = "DATE")]
    pub(crate) performed: String,
    /// Who carried it out: a person, a team, a job
    #[arg(long, value_name = "WHO", env = "USER")]
    pub(crate) by: String,
    /// How it came out
    #[arg(long, value_enum, ignore_case = true, default_value_t = OutcomeWord::Passed)]
    pub(crate) outcome: OutcomeWord,
    /// In a few words, for readers
    #[arg(long, value_name = "TEXT")]
    pub(crate) summary: Option<String>,
    /// A link to what shows it
    #[arg(long, value_name = "URI")]
    pub(crate) evidence: Vec<String>,
    /// When it stops counting, if sooner than a policy says: a day or a time
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// The name of the object; made from the workload and the practice if not given, so that the next takes its place
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Apply it to the cluster of the current kubeconfig context instead
    #[cfg(feature = "operator")]
    #[arg(long)]
    pub(crate) apply: bool,
    /// The time that nothing may be later than, in RFC 3339; now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeWord {
    Passed,
    Failed,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    /// Files, folders (searched for .yaml, .yml and .json), or `-` for standard input; read as one input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The format; json and yaml print a ComplianceReportList, the objects that a cluster would hold
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
    /// List every result, also those that pass or do not apply
    #[arg(long)]
    pub(crate) show_passed: bool,
    /// The lowest severity that makes the exit code 1; without it, whatever makes a report non-compliant does
    #[arg(long, value_enum, ignore_case = true, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Bar>,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// How an input is read and by what it is judged.
#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// A file with the ProductionPolicies and ComplianceExemptions to apply, besides those found in the input. With none at all, profile Standard applies (Strict for checklists)
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// How an input is read.
#[derive(Debug, clap::Args)]
pub(crate) struct ReadingArgs {
    /// The namespace of objects that name none, as `kubectl apply` would use; `default` if not given
    #[arg(short, long)]
    pub(crate) namespace: Option<String>,
    /// The input is everything there is: what is not in it does not exist
    #[arg(long)]
    pub(crate) complete: bool,
    /// The version of Kubernetes that the input is meant for, as in 1.36; the newest that is known if not given
    #[arg(long, value_name = "VERSION")]
    pub(crate) kubernetes_version: Option<KubernetesVersion>,
    /// The time to judge by, in RFC 3339; now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExemptArgs {
    /// Whom it is for, as in deployment/checkout; namespace/NAME is all of a namespace
    #[arg(value_name = "TYPE/NAME")]
    pub(crate) subject: SubjectName,
    /// What it is for: checks, custom checks, attestations; '*' alone is everything
    #[arg(required = true, value_name = "CHECK")]
    pub(crate) checks: Vec<String>,
    /// Why the risk is acceptable
    #[arg(long)]
    pub(crate) reason: String,
    /// When it ends: a date, which means its first instant in UTC, or a time in RFC 3339
    #[arg(long, value_name = "DATE", conflicts_with = "for_")]
    pub(crate) until: Option<String>,
    /// How long it lasts from now on, as in 30d, 2w or 12h
    #[arg(long = "for", value_name = "DURATION")]
    pub(crate) for_: Option<String>,
    /// The namespace of the workload
    #[arg(short, long, default_value = "default")]
    pub(crate) namespace: String,
    /// Who answers for the risk
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// Who accepted the risk
    #[arg(long)]
    pub(crate) approved_by: Option<String>,
    /// A link to a ticket or a decision
    #[arg(long, value_name = "URL")]
    pub(crate) ticket: Vec<String>,
    /// The name of the object; made from the workload and the checks if not given
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A file with ProductionPolicies: their own checks are known then, and it is said what they refuse
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<PathBuf>,
    /// Apply it to the cluster of the current kubeconfig context instead
    #[cfg(feature = "operator")]
    #[arg(long)]
    pub(crate) apply: bool,
    /// The time that --for counts from, in RFC 3339; now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ChecklistsArgs {
    /// One list only
    #[arg(value_enum)]
    pub(crate) list: Option<List>,
    /// Audit these files, folders, or `-` for standard input, and show how each item stands
    #[arg(short, long, value_name = "PATH")]
    pub(crate) filename: Vec<PathBuf>,
    /// The format
    #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) output: ListFormat,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum List {
    Stakater,
    #[value(name = "syseleven")]
    SysEleven,
    Restrepo,
    Haptik,
}

impl List {
    /// The list that is meant.
    pub(crate) fn checklist(self) -> Checklist {
        match self {
            Self::Stakater => Checklist::Stakater,
            Self::SysEleven => Checklist::SysEleven,
            Self::Restrepo => Checklist::Restrepo,
            Self::Haptik => Checklist::Haptik,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Yaml,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bar {
    Critical,
    High,
    Medium,
    Low,
    Info,
    /// Findings never make the exit code 1
    Never,
}

impl Bar {
    /// The severity; `None` for never.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[cfg(feature = "operator")]
#[derive(Debug, clap::Args)]
pub(crate) struct ControllerArgs {
    /// The namespace that the controller runs in: the Lease stands there
    #[arg(long, env = "POD_NAMESPACE", default_value = "seaworthy-system")]
    pub(crate) namespace: String,
    /// The name that holds the Lease; a random one if not given
    #[arg(long, env = "POD_NAME")]
    pub(crate) identity: Option<String>,
    /// Where /livez, /readyz and /metrics are served
    #[arg(long, default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    pub(crate) listen: std::net::SocketAddr,
    /// Objects that policies may ask for where they are missing (spec.remediation); none if not given
    #[arg(long, env = "SEAWORTHY_REMEDIATION", value_enum, value_delimiter = ',', value_name = "KIND")]
    pub(crate) remediation: Vec<RemediationKind>,
    /// How many of them are written within a minute at most; what does harm is taken away beyond that
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u16).range(1..=6000), value_name = "NUMBER")]
    pub(crate) remediation_writes_per_minute: u16,
    /// How log lines look
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Which log lines there are, as in `info,seaworthy=debug`
    #[arg(long, env = "SEAWORTHY_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) log: String,
}

#[cfg(feature = "operator")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RemediationKind {
    PodDisruptionBudgets,
    NetworkPolicies,
}

#[cfg(feature = "operator")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}
