//! Programs whose Go sources are in this repository: the oracle. Their version is a hash of their sources, so that
//! one that was changed is built anew, and one that was not is never built twice.
//!
//! Not here: running Go (`go.rs`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::error::{IoContext as _, Result};

/// The folder of the oracle's sources.
pub(super) const ORACLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle");

/// The hash of the oracle's sources; that of nothing where they cannot be read, which the build then complains about.
pub(super) fn oracle_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let files = sources(Path::new(ORACLE)).unwrap_or_default();
        let texts = files.iter().filter_map(|path| Some((path.file_name()?, fs::read(path).ok()?)));
        let hash = texts.fold(OFFSET, |hash, (name, text)| {
            let parts = [name.as_encoded_bytes(), b"\0", &text, b"\0"];
            parts.iter().fold(hash, |hash, part| fnv(hash, part))
        });
        format!("{hash:016x}")
    })
}

/// Puts the sources into a folder, where `go` may write beside them.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in sources(from)? {
        let place = to.join(file.file_name().unwrap_or_default());
        fs::copy(&file, &place).at("copy", &file)?;
    }
    Ok(())
}

/// The files that a build reads, sorted.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).at("list", folder)?;
    let is_source = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == "go.mod" || name == "go.sum" || (name.ends_with(".go") && !name.ends_with("_test.go"))
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(is_source).collect();
    files.sort();
    Ok(files)
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: unlike the standard library's hash it is the same in every version of Rust.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_are_there_and_hashed() {
        assert!(sources(Path::new(ORACLE)).unwrap().iter().any(|path| path.ends_with("main.go")));
        assert_eq!(fnv(OFFSET, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_ne!(oracle_version(), format!("{OFFSET:016x}"));
    }
}
