//! Paths and standard input to texts.
//!
//! Not its job: what the texts mean.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use rayon::prelude::*;

/// The largest text that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// A text and where it comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path as people know it; `<stdin>` for standard input.
    pub name: String,
    /// What it says.
    pub text: String,
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
    /// A folder could not be walked in full.
    #[error("cannot read all of the folder '{path}': {source}")]
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

/// What was read, and which files of folders could not be: each costs only itself.
#[derive(Debug, Default)]
pub struct Texts {
    /// The texts.
    pub sources: Vec<Source>,
    /// The files that could not be read, and why.
    pub unreadable: Vec<InputError>,
}

/// Reads files, the manifests in folders, and standard input for `-`, each in a stable order.
///
/// # Errors
/// When something that was named cannot be read.
pub fn read(paths: &[PathBuf], stdin: &mut dyn Read) -> Result<Texts, InputError> {
    let mut texts = Texts::default();
    for path in paths {
        if path.as_os_str() == "-" {
            texts.sources.push(read_stdin(stdin)?);
        } else if path.is_dir() {
            walk(path, &mut texts);
        } else {
            texts.sources.push(read_file(path)?);
        }
    }
    Ok(texts)
}

fn read_stdin(stdin: &mut dyn Read) -> Result<Source, InputError> {
    let mut bytes = Vec::new();
    let read = stdin.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(InputError::Stdin)?;
    text("<stdin>".to_owned(), bytes, read as u64)
}

fn read_file(path: &Path) -> Result<Source, InputError> {
    let name = path.display().to_string();
    let fail = |source| InputError::Path { path: name.clone(), source };
    let file = fs::File::open(path).map_err(fail)?;
    let length = file.metadata().map_or(0, |metadata| metadata.len()).min(MAX_BYTES);
    let mut bytes = Vec::with_capacity(usize::try_from(length + 1).unwrap_or_default());
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    text(name, bytes, read as u64)
}

fn text(name: String, bytes: Vec<u8>, read: u64) -> Result<Source, InputError> {
    if read > MAX_BYTES {
        return Err(InputError::TooLarge(name));
    }
    // What is not UTF-8 is seen as such: the replacement character is not a printable one in YAML keys of ours,
    // so the document is judged as far as it can be read and nothing is lost.
    let text =
        String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Ok(Source { name, text })
}

fn walk(folder: &Path, texts: &mut Texts) {
    let manifest = |e: &std::ffi::OsStr| e == "yaml" || e == "yml" || e == "json";
    // Hidden files and what version control ignores are left out, as in other tools for developers. Links are
    // followed: a mounted ConfigMap is made of them.
    let entries = WalkBuilder::new(folder).follow_links(true).sort_by_file_path(Path::cmp).build();
    let files = entries.filter_map(|entry| match entry {
        Ok(entry) if entry.file_type().is_some_and(|t| t.is_file()) => {
            let file = entry.into_path();
            file.extension().is_some_and(manifest).then_some(Ok(file))
        }
        Ok(_) => None,
        Err(source) => Some(Err(InputError::Walk { path: folder.display().to_string(), source })),
    });
    let files: Vec<Result<PathBuf, InputError>> = files.collect();
    // Side by side, and in their order.
    let read: Vec<_> = files.into_par_iter().map(|file| file.and_then(|file| read_file(&file))).collect();
    for source in read {
        match source {
            Ok(source) => texts.sources.push(source),
            Err(error) => texts.unreadable.push(error),
        }
    }
}
