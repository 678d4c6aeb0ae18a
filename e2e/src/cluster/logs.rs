//! Keeps the logs of a cluster that is about to be removed after a failure.
//!
//! Not here: deciding that something has failed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{IoContext as _, Result};

/// Copies the logs of the cluster in `dir` to a folder of the same name in `kept`, and says which.
pub(super) fn keep(dir: &Path, kept: &Path) -> Result<PathBuf> {
    let folder = kept.join(dir.file_name().unwrap_or_default());
    // Logs of an earlier failure under the same name would only mislead.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).at("create", &folder)?;
    let from = dir.join("log");
    for entry in fs::read_dir(&from).at("list", &from)? {
        let path = entry.at("list", &from)?.path();
        if let Some(name) = path.file_name() {
            fs::copy(&path, folder.join(name)).at("copy", &path)?;
        }
    }
    Ok(folder)
}
