//! The arguments of the commands about policies and what they make. No input or output happens here.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::Timestamp;

use super::args::{InputArgs, ListFormat, ReadingArgs};
use super::subject::SubjectRef;

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Show what would newly fail, and what no longer, if the policies of NEW took the place of those of OLD
    #[command(
        after_help = "Exit codes: 0 nothing would newly fail, 1 something would, 2 usage, input or cluster error, \
                            3 nothing to look at."
    )]
    Diff(DiffArgs),
    /// Check policies, exemptions and attestations without a cluster: what the API server would refuse, and what can never have an effect
    #[command(
        after_help = "Exit codes: 0 everything is right, 2 something is not or cannot be read, 3 there is nothing to check."
    )]
    Validate(ValidateArgs),
    /// Show which policies cover a workload, which do not and why, and what they ask of it together
    #[command(
        after_help = "Exit codes: 0 a policy covers it, 2 usage, input or cluster error, 3 no policy covers it."
    )]
    Effective(EffectiveArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// A file or folder with the ProductionPolicies in force; `-` is standard input
    pub(crate) old: PathBuf,
    /// A file or folder with those that would take their place, each as if it were enforced
    pub(crate) new: PathBuf,
    /// The manifests to judge: files, folders, or `-` for standard input
    #[cfg_attr(feature = "operator", arg(value_name = "PATH", required_unless_present = "cluster"))]
    #[cfg_attr(not(feature = "operator"), arg(value_name = "PATH", required = true))]
    pub(crate) paths: Vec<PathBuf>,
    /// Judge what runs in the cluster of the current kubeconfig context, without writing anything
    #[cfg_attr(feature = "operator", arg(long, conflicts_with_all = ["paths", "complete", "kubernetes_version", "namespace"]))]
    #[cfg_attr(not(feature = "operator"), arg(skip))]
    cluster: bool,
    /// The format
    #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) output: ListFormat,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ValidateArgs {
    /// Files, folders (searched for .yaml, .yml and .json), or `-` for standard input; what else is in them is left out
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The time to judge by, in RFC 3339; now if not given
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EffectiveArgs {
    /// The workload, as in deployment/checkout; namespace/NAME is the namespace itself
    #[arg(value_name = "TYPE/NAME")]
    pub(crate) subject: SubjectRef,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// The format
    #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) output: ListFormat,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhyArgs {
    /// The workload, as in deployment/checkout; namespace/NAME is the namespace itself
    #[arg(value_name = "TYPE/NAME")]
    pub(crate) subject: SubjectRef,
    /// The check, as `seaworthy checks list` shows it
    pub(crate) check: String,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// The format
    #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) output: ListFormat,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RemediateCommand {
    /// Print the objects that policies ask for (spec.remediation) and that are missing, as YAML to be committed
    #[command(after_help = "What would be refused, and why, goes to standard error.\n\
                            Exit codes: 0 all is told, 1 a document cannot be read, 2 usage, input or cluster error, \
                            3 nothing is asked for, or there is nobody to make it for.")]
    Plan(PlanArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// Files, folders (searched for .yaml, .yml and .json), or `-` for standard input; read as one input
    #[cfg_attr(feature = "operator", arg(value_name = "PATH", required_unless_present = "cluster"))]
    #[cfg_attr(not(feature = "operator"), arg(value_name = "PATH", required = true))]
    pub(crate) paths: Vec<PathBuf>,
    /// Look at the cluster of the current kubeconfig context, without writing anything; its policies apply where --policy gives none
    #[cfg_attr(feature = "operator", arg(long, conflicts_with_all = ["paths", "complete", "kubernetes_version", "namespace"]))]
    #[cfg_attr(not(feature = "operator"), arg(skip))]
    cluster: bool,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// Where what is looked at comes from.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct SourceArgs {
    /// Files, folders, or `-` for standard input; without -n, the workload is looked for in every namespace
    #[arg(short, long, value_name = "PATH")]
    pub(crate) filename: Vec<PathBuf>,
    /// Look at the cluster of the current kubeconfig context, without writing anything; its policies apply where --policy gives none
    #[cfg_attr(feature = "operator", arg(long, conflicts_with_all = ["complete", "kubernetes_version"]))]
    #[cfg_attr(not(feature = "operator"), arg(skip))]
    cluster: bool,
}

/// Where what is looked at comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// Files and folders.
    Files(&'a [PathBuf]),
    /// The cluster of the current kubeconfig context.
    #[cfg(feature = "operator")]
    Cluster,
}

impl<'a> Origin<'a> {
    fn of(files: &'a [PathBuf], cluster: bool) -> Self {
        match cluster {
            #[cfg(feature = "operator")]
            true => Self::Cluster,
            _ => Self::Files(files),
        }
    }
}

impl SourceArgs {
    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin::of(&self.filename, self.cluster)
    }
}

impl PlanArgs {
    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin::of(&self.paths, self.cluster)
    }
}

impl DiffArgs {
    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin::of(&self.paths, self.cluster)
    }
}
