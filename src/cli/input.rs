//! What commands read manifests and policies with: they are read, what is wrong with them is said, policies resolved.
//!
//! Not its job: judging, or what a command prints.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::api::{Level, ProductionPolicy};
use crate::checks::CATALOGUE;
use crate::manifest::{self, Loaded, Options};
use crate::model::DeclaredKind;
use crate::output::{Style, clean};
use crate::policy::{PolicySet, default_policy, of_object, resolve};

use super::args::InputArgs;
use super::exemptions::Origins;
use super::{Failure, say};

/// An input that was read.
pub(super) struct Read {
    /// What it holds.
    pub(super) loaded: Loaded,
    /// The policies to judge it by, and the exemptions.
    pub(super) policies: PolicySet,
    /// Where each exemption was read.
    pub(super) exemptions: Origins,
    /// How many files could not be read at all.
    pub(super) unreadable: usize,
}

/// Reads an input and the policies. `fallback`: the profile where there is no policy; `adjust`: what the command's
/// own flags change in each.
pub(super) fn read(
    paths: &[PathBuf],
    args: &InputArgs,
    fallback: Level,
    adjust: impl Fn(&mut ProductionPolicy),
) -> Result<Read, Failure> {
    let texts = manifest::read(paths, &mut io::stdin()).map_err(|e| e.to_string())?;
    for error in &texts.unreadable {
        say(&clean(&error.to_string()));
    }
    let unreadable = texts.unreadable.len();
    let options = Options {
        namespace: args.namespace.clone(),
        complete: args.complete,
        kubernetes: args.kubernetes_version,
    };
    let mut loaded = manifest::load(&texts.sources, &options);
    let (policies, exemptions) = policies(args, &mut loaded, fallback, adjust)?;
    let declared = policies.declared_kinds();
    if !declared.is_empty() {
        // Which further kinds there are is only known now.
        DeclaredKind::put_in_force(&declared);
        loaded = manifest::load(&texts.sources, &options);
    }
    for policy in policies.iter() {
        for overruled in policies.overruled(policy) {
            say(&format!("note: ProductionPolicy '{}': {overruled}", policy.name()));
        }
    }
    drop(texts.sources);
    for problem in &loaded.problems {
        let place = format!("{}:{}", problem.file, problem.place);
        say(&format!("{}: {}", Style::Heading.paint(clean(&place)), clean(&problem.reason)));
    }
    note_unseen_namespaces(&loaded, &policies);
    Ok(Read { loaded, policies, exemptions, unreadable })
}

/// The policies and exemptions of the input and of `--policy`; where there is no policy, a profile for everything.
fn policies(
    args: &InputArgs,
    loaded: &mut Loaded,
    fallback: Level,
    adjust: impl Fn(&mut ProductionPolicy),
) -> Result<(PolicySet, Origins), Failure> {
    if let Some(problem) = loaded.problems.iter().find(|problem| problem.of_policy) {
        return Err(problem.to_string());
    }
    let mut written: Vec<(String, ProductionPolicy)> = std::mem::take(&mut loaded.policies);
    let mut exemptions = std::mem::take(&mut loaded.exemptions);
    if !args.policy.is_empty() {
        let from_files = policy_files(&args.policy, &args.namespace)?;
        written.extend(from_files.policies);
        exemptions.extend(from_files.exemptions);
    }
    if written.is_empty() {
        written.push((String::new(), default_policy(fallback)));
    }
    let mut set = PolicySet::default();
    for (origin, mut policy) in written {
        adjust(&mut policy);
        let resolved = resolve(&policy, &CATALOGUE).map_err(|errors| {
            let each: Vec<String> = errors.iter().map(|e| format!("{origin}: {e}")).collect();
            each.join("\nerror: ")
        })?;
        if let Some(other) = set.insert(resolved) {
            say(&format!(
                "note: {origin}: a ProductionPolicy '{}' was read before; this one holds",
                other.name()
            ));
        }
    }
    let mut origins = Origins::new();
    for (origin, exemption) in exemptions {
        let exemption = Arc::new(of_object(&exemption));
        let id = exemption.id.clone();
        if set.exemptions.insert(exemption).is_some() {
            say(&format!("note: {origin}: a {id} was read before for this namespace; this one holds"));
        }
        origins.insert(id, origin);
    }
    Ok((set, origins))
}

/// What is in the files that `--policy` names.
pub(super) fn policy_files(files: &[PathBuf], namespace: &str) -> Result<Loaded, Failure> {
    let texts = manifest::read(files, &mut io::stdin()).map_err(|e| e.to_string())?;
    if let Some(error) = texts.unreadable.first() {
        return Err(error.to_string());
    }
    let options = Options { namespace: namespace.to_owned(), ..Options::default() };
    let loaded = manifest::load(texts.sources, &options);
    if let Some(problem) = loaded.problems.first() {
        return Err(problem.to_string());
    }
    if loaded.policies.is_empty() && loaded.exemptions.is_empty() {
        let what = "no ProductionPolicy or ComplianceExemption is in the files given with --policy";
        return Err(what.to_owned());
    }
    Ok(loaded)
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
