//! `seaworthy profiles`: what the built-in profiles have, in every version, and how two of them differ.

use crate::api::Level;
use crate::checks::CATALOGUE;
use crate::output::{self, ProfileChecks};
use crate::policy::{BuiltIn, versions};

use super::args::{ListFormat, ProfilesCommand};
use super::{End, Failure, print};

pub(super) fn run(command: &ProfilesCommand) -> Result<End, Failure> {
    print(&match command {
        ProfilesCommand::List { output } => {
            let mut all = Vec::new();
            for version in versions().rev() {
                for level in Level::WITH_CHECKS {
                    all.push(content(BuiltIn { level, version })?);
                }
            }
            match output {
                ListFormat::Table => output::profiles(&all),
                ListFormat::Json => output::profiles_json(&all),
            }
        }
        ProfilesCommand::Show { profile, output } => {
            let content = content(*profile)?;
            match output {
                ListFormat::Table => output::profile(&content),
                ListFormat::Json => output::profile_json(&content),
            }
        }
        ProfilesCommand::Diff { from, to, output } => {
            let (from, to) = (content(*from)?, content(*to)?);
            match output {
                ListFormat::Table => output::profile_diff(&from, &to),
                ListFormat::Json => output::profile_diff_json(&from, &to),
            }
        }
    })
}

fn content(profile: BuiltIn) -> Result<ProfileChecks, Failure> {
    let checks = profile.checks(&CATALOGUE).map_err(|error| error.to_string())?;
    let newest = versions().next_back() == Some(profile.version);
    Ok(ProfileChecks { name: profile.to_string(), newest, checks })
}
