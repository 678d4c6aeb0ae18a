//! The command line: arguments, and one file a command.
//!
//! Findings go to standard output, everything else to standard error.
//! Exit codes: 0 clean, 1 findings at or above the bar, 2 usage, input or cluster error, 3 nothing to audit.
//! Not its job: anything that a library user would want.

mod args;
mod attest;
mod audit;
mod checklists;
#[cfg(feature = "operator")]
mod cluster;
#[cfg(feature = "operator")]
mod controller;
mod exempt;
mod exemptions;
mod input;
mod output;
mod places;
mod policy;
mod policy_args;
mod profiles;
mod remediate;
mod subject;
mod validate;
mod why;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::api::ATTESTATION_PREFIX;
use crate::checks::CATALOGUE;
use crate::model::is_practice;
use crate::output as text;
use crate::policy::ATTESTATION;
use args::{Args, ChecksCommand, Command, ListFormat};
use policy_args::RemediateCommand;

/// What went wrong, for people.
type Failure = String;

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All is well.
    Clean,
    /// Something is at or above the bar.
    Findings,
    /// There was nothing to audit.
    Nothing,
}

/// Runs the command that the arguments of the process ask for.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let ended = match args.command {
        Command::Attest(attest) => attest::run(&attest),
        Command::Audit(audit) => audit::run(&audit),
        Command::Checks { command: ChecksCommand::List { output } } => list(output),
        Command::Checklists(checklists) => checklists::run(&checklists),
        Command::Exempt(exempt) => exempt::run(&exempt),
        Command::Explain { check } => explain(&check),
        Command::Profiles { command } => profiles::run(&command),
        Command::Policy { command } => policy::run(&command),
        Command::Why(args) => why::run(&args),
        Command::Remediate { command: RemediateCommand::Plan(plan) } => remediate::run(&plan),
        Command::Version => print(&format!("seaworthy {}\n", env!("CARGO_PKG_VERSION"))),
        #[cfg(feature = "operator")]
        Command::Crds => crds(),
        #[cfg(feature = "operator")]
        Command::Controller(controller) => controller::run(&controller),
    };
    match ended {
        Ok(End::Clean) => ExitCode::SUCCESS,
        Ok(End::Findings) => ExitCode::from(1),
        Ok(End::Nothing) => ExitCode::from(3),
        Err(failure) => {
            say(&format!("error: {failure}"));
            ExitCode::from(2)
        }
    }
}

/// Writes to standard output; colours only where it is a terminal.
pub(crate) fn print(text: &str) -> Result<End, Failure> {
    let mut out = anstream::AutoStream::auto(io::stdout()).lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(End::Clean),
        // `seaworthy ... | head` is no error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(End::Clean),
        Err(error) => Err(format!("cannot write to standard output: {error}")),
    }
}

/// Says something on standard error.
pub(crate) fn say(line: &str) {
    let mut err = anstream::AutoStream::auto(io::stderr()).lock();
    // Where not even this can be written, nobody is there to be told.
    let _ = writeln!(err, "{line}");
}

fn list(format: ListFormat) -> Result<End, Failure> {
    print(&match format {
        ListFormat::Table => text::check_list(&CATALOGUE),
        ListFormat::Json => text::check_list_json(&CATALOGUE),
    })
}

fn explain(id: &str) -> Result<End, Failure> {
    let attested = id.strip_prefix(ATTESTATION_PREFIX).is_some_and(is_practice);
    match CATALOGUE.get(id).or_else(|| attested.then_some(&ATTESTATION)) {
        Some(check) => print(&text::explain(check)),
        None => {
            let hint = CATALOGUE.nearest(id).map(|near| format!("; did you mean '{near}'?"));
            Err(format!("there is no check '{id}'{}", hint.unwrap_or_default()))
        }
    }
}

#[cfg(feature = "operator")]
fn crds() -> Result<End, Failure> {
    print(&crate::cluster::crds_yaml(&CATALOGUE).map_err(|error| error.to_string())?)
}
