//! What commands read manifests, clusters and policies with: what is wrong with them is said, policies are resolved.
//!
//! Not its job: judging, or what a command prints.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::api::{ComplianceExemption, Enforcement, Level, ProductionPolicy};
use crate::checks::CATALOGUE;
use crate::manifest::{self, About, Loaded, Options};
use crate::model::{DeclaredKind, Needs, Text};
use crate::output::{Style, clean};
use crate::policy::{PolicySet, default_policy, of_object, resolve};

use super::args::{InputArgs, ReadingArgs};
#[cfg(feature = "operator")]
use super::cluster::Connection;
use super::policy_args::Origin;
use super::{Failure, exemptions, say};

/// An input that was read.
pub(super) struct Read {
    /// What it holds.
    pub(super) loaded: Loaded,
    /// The policies to judge it by, and the exemptions.
    pub(super) policies: PolicySet,
    /// Where each policy stands.
    pub(super) origins: Origins,
    /// Where each exemption was read.
    pub(super) exemption_origins: exemptions::Origins,
    /// How many files could not be read at all.
    pub(super) unreadable: usize,
    /// The namespace that is meant where none is named.
    pub(super) namespace: Option<String>,
}

/// Where policies stand, by their names.
pub(super) type Origins = BTreeMap<Text, String>;

/// Policies and exemptions with where each stands; empty where that is nowhere.
#[derive(Default)]
pub(super) struct Written {
    pub(super) policies: Vec<(String, ProductionPolicy)>,
    pub(super) exemptions: Vec<(String, ComplianceExemption)>,
}

/// Those that can be applied.
struct Resolved {
    policies: PolicySet,
    origins: Origins,
    exemption_origins: exemptions::Origins,
}

/// Reads files and the policies. `fallback`: what holds where there is no policy; `adjust`: what the command's own
/// flags change in each.
pub(super) fn read(
    paths: &[PathBuf],
    args: &InputArgs,
    fallback: ProductionPolicy,
    adjust: impl Fn(&mut ProductionPolicy),
) -> Result<Read, Failure> {
    let texts = texts(paths)?;
    let mut options = options(&args.reading);
    let mut loaded = manifest::load(&texts.sources, &options);
    let Resolved { policies, origins, exemption_origins } = policies(args, &mut loaded, fallback, adjust)?;
    let declared = policies.declared_kinds();
    options.keep = policies.needs();
    if !declared.is_empty() || !options.keep.is_empty() {
        // Which further kinds there are, and which objects custom checks look at whole, is only known now.
        DeclaredKind::put_in_force(&declared);
        loaded = manifest::load(&texts.sources, &options);
    }
    say_overruled(&policies);
    say_problems(&loaded);
    note_unseen_namespaces(&loaded, &policies);
    let namespace = args.reading.namespace.clone();
    let unreadable = texts.unreadable.len();
    Ok(Read { loaded, policies, origins, exemption_origins, unreadable, namespace })
}

/// Reads files or a cluster, and the policies. `fallback`: what holds where there is no policy.
pub(super) fn read_from(
    origin: Origin<'_>,
    args: &InputArgs,
    fallback: ProductionPolicy,
) -> Result<Read, Failure> {
    match origin {
        Origin::Files(paths) => read(paths, args, fallback, |_| {}),
        #[cfg(feature = "operator")]
        Origin::Cluster => {
            let connection = Connection::open()?;
            let mut written = given(args)?;
            if written.policies.is_empty() {
                written.policies = connection.policies()?;
            }
            // Of two of one name the later holds: that which was given.
            written.exemptions.splice(0..0, connection.exemptions()?);
            let Resolved { policies, origins, exemption_origins } = resolved(written, fallback, |_| {})?;
            say_overruled(&policies);
            let loaded = connection.read(policies.declared_kinds(), &policies.needs())?;
            let namespace = Some(args.reading.namespace.clone().unwrap_or_else(|| connection.namespace()));
            Ok(Read { loaded, policies, origins, exemption_origins, unreadable: 0, namespace })
        }
    }
}

/// Reads files or a cluster to be judged by sets of policies that were read before. Policies among them are left out;
/// exemptions count for every set.
pub(super) fn read_beside(
    origin: Origin<'_>,
    args: &ReadingArgs,
    declared: Vec<DeclaredKind>,
    sets: [&mut PolicySet; 2],
) -> Result<Loaded, Failure> {
    let mut needs = Needs::default();
    for set in &sets {
        needs.merge(&set.needs());
    }
    let exempt = |exemptions: &[(String, ComplianceExemption)]| {
        for set in sets {
            for (_, exemption) in exemptions {
                set.exemptions.insert(Arc::new(of_object(exemption)));
            }
        }
    };
    match origin {
        Origin::Files(paths) => {
            DeclaredKind::put_in_force(&declared);
            let options = Options { keep: needs, ..options(args) };
            let loaded = manifest::load(texts(paths)?.sources, &options);
            say_problems(&loaded);
            exempt(&loaded.exemptions);
            for (origin, policy) in &loaded.policies {
                let name = clean(&policy.metadata.name);
                say(&format!(
                    "note: {origin}: ProductionPolicy '{name}' is left out: only OLD and NEW count"
                ));
            }
            Ok(loaded)
        }
        #[cfg(feature = "operator")]
        Origin::Cluster => {
            let connection = Connection::open()?;
            exempt(&connection.exemptions()?);
            connection.read(declared, &needs)
        }
    }
}

/// The policies of one side of a comparison. `as_enforced`: also those count that are only previewed.
pub(super) fn read_side(
    side: &str,
    path: &PathBuf,
    args: &ReadingArgs,
    as_enforced: bool,
) -> Result<PolicySet, Failure> {
    let namespace = options(args).namespace;
    let mut written = policy_files(std::slice::from_ref(path), &namespace)?;
    if written.policies.is_empty() {
        say(&format!("note: {side} has no ProductionPolicy, so it asks for nothing"));
        return Ok(PolicySet::default());
    }
    for (origin, policy) in &mut written.policies {
        if policy.spec.enforcement == Enforcement::Preview {
            let name = clean(&policy.metadata.name);
            let how = if as_enforced { "is taken as if it were enforced" } else { "does not count" };
            say(&format!("note: {origin}: ProductionPolicy '{name}' is only previewed, and {how}"));
            if as_enforced {
                policy.spec.enforcement = Enforcement::Enforced;
            }
        }
    }
    let set = resolved(written, default_policy(Level::Standard), |_| {})?.policies;
    say_overruled(&set);
    Ok(set)
}

fn options(args: &ReadingArgs) -> Options {
    Options {
        namespace: args.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        complete: args.complete,
        kubernetes: args.kubernetes_version,
        ..Options::default()
    }
}

/// The texts of files; those of folders that cannot be read are said.
pub(super) fn texts(paths: &[PathBuf]) -> Result<manifest::Texts, Failure> {
    let texts = manifest::read(paths, &mut io::stdin()).map_err(|e| e.to_string())?;
    for error in &texts.unreadable {
        say(&clean(&error.to_string()));
    }
    Ok(texts)
}

pub(super) fn say_problems(loaded: &Loaded) {
    for problem in &loaded.problems {
        let place = format!("{}:{}", problem.file, problem.place);
        say(&format!("{}: {}", Style::Heading.paint(clean(&place)), clean(&problem.reason)));
    }
}

fn say_overruled(policies: &PolicySet) {
    for policy in policies.iter() {
        for overruled in policies.overruled(policy) {
            say(&format!("note: ProductionPolicy '{}': {overruled}", policy.name()));
        }
    }
}

/// The policies and exemptions of the input and of `--policy`; where there is no policy, a profile for everything.
fn policies(
    args: &InputArgs,
    loaded: &mut Loaded,
    fallback: ProductionPolicy,
    adjust: impl Fn(&mut ProductionPolicy),
) -> Result<Resolved, Failure> {
    if let Some(problem) = loaded.problems.iter().find(|problem| problem.about == About::Policy) {
        return Err(problem.to_string());
    }
    let mut written = Written {
        policies: std::mem::take(&mut loaded.policies),
        exemptions: std::mem::take(&mut loaded.exemptions),
    };
    let given = given(args)?;
    written.policies.extend(given.policies);
    written.exemptions.extend(given.exemptions);
    resolved(written, fallback, adjust)
}

/// What `--policy` gives.
fn given(args: &InputArgs) -> Result<Written, Failure> {
    let written = policy_files(&args.policy, &options(&args.reading).namespace)?;
    if written.policies.is_empty() && written.exemptions.is_empty() && !args.policy.is_empty() {
        let what = "no ProductionPolicy or ComplianceExemption is in the files given with --policy";
        return Err(what.to_owned());
    }
    Ok(written)
}

/// The policies and exemptions of files that are given as such: whatever is wrong there is an error.
pub(super) fn policy_files(files: &[PathBuf], namespace: &str) -> Result<Written, Failure> {
    let texts = manifest::read(files, &mut io::stdin()).map_err(|e| e.to_string())?;
    if let Some(error) = texts.unreadable.first() {
        return Err(error.to_string());
    }
    let options = Options { namespace: namespace.to_owned(), ..Options::default() };
    let Loaded { policies, exemptions, problems, .. } = manifest::load(texts.sources, &options);
    match problems.first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(Written { policies, exemptions }),
    }
}

/// Policies and exemptions, ready to judge by; where there is no policy, a profile for everything.
fn resolved(
    mut written: Written,
    fallback: ProductionPolicy,
    adjust: impl Fn(&mut ProductionPolicy),
) -> Result<Resolved, Failure> {
    if written.policies.is_empty() {
        written.policies.push((String::new(), fallback));
    }
    let mut set = PolicySet::default();
    let mut origins = Origins::new();
    for (origin, mut policy) in written.policies {
        adjust(&mut policy);
        let resolved = resolve(&policy, &CATALOGUE).map_err(|errors| {
            let each: Vec<String> = errors.iter().map(|e| format!("{origin}: {e}")).collect();
            each.join("\nerror: ")
        })?;
        let name = resolved.name().clone();
        if let Some(other) = set.insert(resolved) {
            say(&format!(
                "note: {origin}: a ProductionPolicy '{}' was read before; this one holds",
                other.name()
            ));
        }
        origins.insert(name, origin);
    }
    origins.retain(|_, origin| !origin.is_empty());
    let mut exemption_origins = exemptions::Origins::new();
    for (origin, exemption) in written.exemptions {
        let exemption = Arc::new(of_object(&exemption));
        let id = exemption.id.clone();
        if set.exemptions.insert(exemption).is_some() {
            say(&format!("note: {origin}: a {id} was read before for this namespace; this one holds"));
        }
        exemption_origins.insert(id, origin);
    }
    exemption_origins.retain(|_, origin| !origin.is_empty());
    Ok(Resolved { policies: set, origins, exemption_origins })
}

/// A policy may select namespaces by labels that the input does not show.
fn note_unseen_namespaces(loaded: &Loaded, policies: &PolicySet) {
    let unseen: Vec<&str> = loaded
        .inventory
        .spaces()
        .filter(|(_, space)| space.object().is_none() && space.subjects().next().is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    if !unseen.is_empty() && policies.iter().any(|policy| policy.selection.asks_for_namespace_labels()) {
        say(&format!(
            "note: the input has no Namespace object of {}, so its labels are unknown and every policy applies there",
            unseen.join(", ")
        ));
    }
}
