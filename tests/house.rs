//! Holds the house together: who may name whom, who may write, how long a file may be.
//!
//! The feature `operator` makes the compiler hold the greatest wall (the core has no client); this test holds the
//! others. ARCHITECTURE.md says why each stands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and the modules that it may name. Arrows point inward only.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("model", &[]),
    ("data", &[]),
    ("cel", &["model"]),
    ("decode", &["data", "model"]),
    ("engine", &["api", "model"]),
    ("checks", &["api", "data", "engine", "model"]),
    ("policy", &["api", "cel", "data", "engine", "model"]),
    ("remedy", &["api", "engine", "model", "policy"]),
    ("report", &["api", "data", "engine", "model", "policy"]),
    ("manifest", &["api", "decode", "model"]),
    ("output", &["api", "data", "engine", "report"]),
    ("cluster", &["api", "decode", "engine", "model", "remedy"]),
    ("telemetry", &["model"]),
    (
        "controller",
        &["api", "checks", "cluster", "decode", "engine", "model", "policy", "remedy", "report", "telemetry"],
    ),
    (
        "cli",
        &[
            "api",
            "checks",
            "cluster",
            "controller",
            "data",
            "manifest",
            "model",
            "output",
            "policy",
            "remedy",
            "report",
            "telemetry",
        ],
    ),
];

/// Modules without any input or output: no client, no clock, no files, no threads.
const PURE: &[&str] =
    &["api", "cel", "model", "data", "decode", "engine", "checks", "policy", "remedy", "report", "output"];

/// What a pure module never names.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::io",
    "std::process",
    "std::thread",
    "tokio",
    "kube::",
    "k8s_openapi",
    "Timestamp::now",
    "Instant::now",
    "SystemTime",
];

/// Calls of the client that change the cluster, and the files that may make them.
const WRITING: &[&str] = &[
    ".patch(",
    ".patch_status(",
    ".create(",
    ".replace(",
    ".replace_status(",
    ".delete(",
    ".delete_collection(",
];
const WRITERS: &[&str] = &[
    "cluster/submit.rs",
    "controller/apply.rs",
    "controller/apply/remedies.rs",
    "controller/events.rs",
    "controller/leader.rs",
];

fn source_files(below: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(below);
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    let relative = |path: &Path| path.strip_prefix(&root).unwrap().to_owned();
    found.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect()
}

/// The part of a file that ships: without its tests and its comments.
fn shipped(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules that a text names by `crate::`.
fn named(code: &str) -> BTreeSet<&str> {
    let after = code.split("crate::").skip(1);
    after.map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap()).collect()
}

#[test]
fn dependencies_point_inward() {
    let may_name: BTreeMap<&str, &[&str]> = MAY_NAME.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in source_files("src") {
        let Some(module) = path.iter().next().and_then(|m| m.to_str()).filter(|m| !m.ends_with(".rs")) else {
            continue;
        };
        let allowed =
            may_name.get(module).unwrap_or_else(|| panic!("{module} is a new module: give it a place"));
        for other in named(&shipped(&text)) {
            if other != module && !allowed.contains(&other) {
                wrong.push(format!("{} names crate::{other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for (path, text) in source_files("src") {
        let module = path.iter().next().unwrap().to_str().unwrap();
        let code = shipped(&text);
        for word in IMPURE.iter().filter(|word| PURE.contains(&module) && code.contains(**word)) {
            wrong.push(format!("{} names {word}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pipeline_has_no_client_and_no_clock() {
    for file in [
        "pipeline.rs",
        "pipeline/exempting.rs",
        "pipeline/intake.rs",
        "policies.rs",
        "exemptions.rs",
        "statuses.rs",
        "calendar.rs",
        "queue.rs",
        "change.rs",
        "act.rs",
        "remediation.rs",
        "memory.rs",
        "pipeline/hints.rs",
        "staging.rs",
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/controller").join(file);
        let code = shipped(&fs::read_to_string(path).unwrap());
        for word in ["kube::", "tokio", "Timestamp::now", "Instant::now"] {
            assert!(!code.contains(word), "{file} names {word}");
        }
    }
}

#[test]
fn only_the_writers_write() {
    let mut wrong = Vec::new();
    for (path, text) in source_files("src") {
        let name = path.to_string_lossy();
        let shell = ["cluster/", "controller/", "telemetry/", "cli/"].iter().any(|m| name.starts_with(m));
        let code = shipped(&text);
        for call in WRITING.iter().filter(|call| code.contains(**call)) {
            // `str::replace` takes a text first; the client's takes a name and parameters.
            let of_text = *call == ".replace(" && !code.contains("PostParams");
            if shell && !of_text && !WRITERS.contains(&name.as_ref()) {
                wrong.push(format!("{name} calls {call}..)"));
            }
        }
    }
    assert!(wrong.is_empty(), "only {WRITERS:?} may write:\n{}", wrong.join("\n"));
    // What a person asks for goes past the gate, and is none of the controller's business.
    let asked_for = |(_, text): &(PathBuf, String)| shipped(text).contains(".submit(");
    let controller = source_files("src/controller");
    assert!(!controller.is_empty() && !controller.iter().any(asked_for), "the controller submits");
}

#[test]
fn one_check_never_names_another() {
    let ids: Vec<&str> = seaworthy::checks::CATALOGUE.iter().map(|check| check.id).collect();
    for (path, text) in source_files("src/checks") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "mod" {
            continue;
        }
        let code = shipped(&text);
        for id in &ids {
            let module = id.replace('-', "_");
            let own = module == name;
            assert!(own || !code.contains(&format!("\"{id}\"")), "{} names {id}", path.display());
            assert!(own || !code.contains(&format!("{module}::")), "{} uses {module}", path.display());
        }
    }
}

#[test]
fn every_check_file_is_registered_and_has_a_page() {
    let ids: BTreeSet<String> = seaworthy::checks::CATALOGUE.iter().map(|c| c.id.replace('-', "_")).collect();
    for (path, text) in source_files("src/checks") {
        if text.contains("static CHECK: Check") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(ids.contains(&name), "{} is not in its category's list", path.display());
            let page =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks").join(&path).with_extension("md");
            assert!(page.is_file(), "{} is missing", page.display());
        }
    }
}

#[test]
fn a_new_check_is_scaffolded_into_every_form_of_list() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-check");
    let folder = root.join("src/checks/pod_security");
    fs::create_dir_all(&folder).unwrap();
    let module = folder.join("mod.rs");
    let lists = [
        "//! x\n\nuse crate::engine::Check;\n\nconst CHECKS: &[&Check] = &[];\n",
        "//! x\n\nmod a;\n\nuse crate::engine::Check;\n\nconst CHECKS: &[&Check] = &[&a::CHECK];\n",
        "//! x\n\nmod a;\nmod b;\n\nuse crate::engine::Check;\n\nconst CHECKS: &[&Check] = &[\n    &a::CHECK,\n    &b::CHECK,\n];\n",
    ];
    for (number, list) in lists.iter().enumerate() {
        fs::write(&module, list).unwrap();
        let id = format!("too-many-{}", ["cooks", "chefs", "menus"][number]);
        let made =
            std::process::Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/new-check"))
                .args([&id, "pod_security"])
                .env("SEAWORTHY_ROOT", &root)
                .output()
                .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let name = id.replace('-', "_");
        let text = fs::read_to_string(&module).unwrap();
        let entries = text.matches("::CHECK").count();
        assert!(
            text.contains(&format!("mod {name};")) && text.contains(&format!("&{name}::CHECK")),
            "{text}"
        );
        assert!(entries == number + 1 && !text.contains(",,") && !text.contains(", ,"), "{text}");
        let code = fs::read_to_string(folder.join(&name).with_extension("rs")).unwrap();
        assert!(code.contains("Category::PodSecurity") && code.contains(&format!("id: \"{id}\"")), "{code}");
    }
    fs::remove_dir_all(&root).unwrap();
}

#[test]
fn files_open_with_what_they_are_and_stay_short() {
    for below in ["src", "e2e/src", "e2e/tests", "tests"] {
        for (path, text) in source_files(below) {
            assert!(text.starts_with("//!"), "{below}/{} does not say what it is", path.display());
            let lines = text.lines().count();
            assert!(lines <= 400, "{below}/{} has {lines} lines: split it by what it knows", path.display());
        }
    }
}

#[test]
fn every_invariant_names_the_test_that_holds_it() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let tests: String =
        ["src", "tests", "e2e/tests"].iter().flat_map(|b| source_files(b)).map(|(_, text)| text).collect();
    let invariants: Vec<&str> = text.lines().filter(|line| line.contains("Invariant:")).collect();
    assert!(invariants.len() >= 8, "an architecture is its invariants");
    for line in invariants {
        let (_, held_by) =
            line.split_once("(held by `").unwrap_or_else(|| panic!("no test is named: {line}"));
        let name = held_by.split('`').next().unwrap();
        let name = name.rsplit("::").next().unwrap();
        assert!(tests.contains(&format!("fn {name}(")), "there is no test {name}: {line}");
    }
}
