//! Paths and standard input to texts.
//!
//! Not its job: what the texts mean.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// The largest text that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// A text and where it comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path as people know it; `<stdin>` for standard input.
    pub name: String,
    /// What it says.
    pub text: String,
    /// Whether somebody named this very file (or standard input) and not a folder above it.
    pub named: bool,
}

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A path that was named is not there.
    #[error("cannot read '{path}': {source}; check the path")]
    Path {
        /// The path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A folder could not be walked.
    #[error("cannot walk the folder '{path}': {source}")]
    Walk {
        /// The folder.
        path: String,
        /// Why.
        source: ignore::Error,
    },
    /// Standard input could not be read.
    #[error("cannot read standard input: {0}")]
    Stdin(io::Error),
    /// More than is read.
    #[error("'{0}' is larger than 256 MiB; audit it in parts")]
    TooLarge(String),
}

/// Reads files, the manifests in folders, and standard input for `-`, each in a stable order.
///
/// # Errors
/// When something that was named cannot be read.
pub fn read(paths: &[PathBuf], stdin: &mut dyn Read) -> Result<Vec<Source>, InputError> {
    let mut sources = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(read_stdin(stdin)?);
        } else if path.is_dir() {
            for file in walk(path)? {
                sources.push(read_file(&file, false)?);
            }
        } else {
            sources.push(read_file(path, true)?);
        }
    }
    Ok(sources)
}

fn read_stdin(stdin: &mut dyn Read) -> Result<Source, InputError> {
    let mut bytes = Vec::new();
    let read = stdin.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(InputError::Stdin)?;
    text("<stdin>".to_owned(), bytes, read as u64, true)
}

fn read_file(path: &Path, named: bool) -> Result<Source, InputError> {
    let name = path.display().to_string();
    let fail = |source| InputError::Path { path: name.clone(), source };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(fail)?;
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    text(name, bytes, read as u64, named)
}

fn text(name: String, bytes: Vec<u8>, read: u64, named: bool) -> Result<Source, InputError> {
    if read > MAX_BYTES {
        return Err(InputError::TooLarge(name));
    }
    // What is not UTF-8 is seen as such: the replacement character is not a printable one in YAML keys of ours,
    // so the document is judged as far as it can be read and nothing is lost.
    let text =
        String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Ok(Source { name, text, named })
}

fn walk(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let fail = |source| InputError::Walk { path: folder.display().to_string(), source };
    let mut files = Vec::new();
    // Hidden files and what version control ignores are left out, as in other tools for developers.
    for entry in WalkBuilder::new(folder).sort_by_file_path(Path::cmp).build() {
        let entry = entry.map_err(fail)?;
        let manifest = |e: &std::ffi::OsStr| e == "yaml" || e == "yml" || e == "json";
        if entry.file_type().is_some_and(|t| t.is_file()) && entry.path().extension().is_some_and(manifest) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}
