//! Paths of the node, as hostPath volumes have them. Not its job: which of them are dangerous.

/// A path without detours: one slash between two parts, no `.` and `..`, and `/run` for `/var/run`, which leads there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodePath(Vec<String>);

impl NodePath {
    /// Reads a path of Linux or Windows.
    pub(crate) fn of(path: &str) -> Self {
        // On Linux a backslash is a character like any other.
        let backslash_parts = !path.starts_with('/');
        let mut parts: Vec<String> = Vec::new();
        for part in path.split(|c| c == '/' || (backslash_parts && c == '\\')) {
            match part {
                "" | "." => {}
                // The API server refuses it; here it must not look harmless.
                ".." => drop(parts.pop()),
                part => parts.push(part.to_owned()),
            }
        }
        if let [var, run, ..] = parts.as_slice()
            && var == "var"
            && run == "run"
        {
            parts.remove(0);
        }
        Self(parts)
    }

    /// Whether it is a folder or something in it, at whatever depth.
    pub(crate) fn is_within(&self, folder: &Self) -> bool {
        self.0.starts_with(&folder.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_within_by_whole_parts() {
        let within = |path: &str, folder: &str| NodePath::of(path).is_within(&NodePath::of(folder));
        for (path, folder) in [
            ("/var/log", "/var/log/"),
            ("/var/log/pods", "/var/log"),
            ("//var/./log", "/var/log"),
            ("/var/run/docker.sock", "/run"),
            ("/etc", "/"),
            (r"\\.\pipe\docker_engine", r"//./pipe/docker_engine"),
        ] {
            assert!(within(path, folder), "{path} in {folder}");
        }
        for (path, folder) in [
            ("/var/logs", "/var/log"),
            ("/var", "/var/log"),
            ("/var/log/../../etc", "/var/log"),
            (r"/var/log\x", "/var/log"),
        ] {
            assert!(!within(path, folder), "{path} in {folder}");
        }
    }
}
