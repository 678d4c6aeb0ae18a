//! An example of a page as documents that can stand beside others, and what the offline audit says of them.
//!
//! Not its job: the cluster (`live.rs`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy::api::{ComplianceReport, ProductionPolicy, ResultWord, Severity};
use seaworthy::checks::CATALOGUE;
use seaworthy::cluster::withheld;
use seaworthy::engine::{Check, Example};
use seaworthy::manifest::{self, Options, Source};
use seaworthy::policy::{PolicySet, resolve};
use seaworthy::report::audit;
use serde_json::{Map, Value, json};

use super::live::Live;

/// The label by which an example's policy selects its namespaces.
const LABEL: &str = "parity";

/// What makes up a result, but for times and policies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    check: String,
    result: ResultWord,
    severity: Severity,
    message: String,
    container: Option<String>,
    object: Option<String>,
    field: Option<String>,
}

/// The results of each report, by namespace and name of the report, in the report's order.
pub type Found = BTreeMap<(String, String), Vec<Line>>;

pub fn lines(report: ComplianceReport) -> ((String, String), Vec<Line>) {
    let line = |result: seaworthy::api::ReportResult| Line {
        check: result.check,
        result: result.result,
        severity: result.severity,
        message: result.message,
        container: result.container,
        object: result.object,
        field: result.field,
    };
    let at = (report.metadata.namespace, report.metadata.name);
    (at, report.results.into_iter().map(line).collect())
}

/// An example.
#[derive(Debug)]
pub struct Case {
    /// Its number among all.
    pub at: usize,
    check: &'static Check,
    number: usize,
    /// In namespaces of its own.
    pub renamed: Placed,
    /// In the namespaces that it names.
    pub as_written: Placed,
    /// Whether it has objects that concern other namespaces as well.
    reaches_far: bool,
}

/// A namespace that an example needs.
#[derive(Clone, Debug)]
pub struct Needed {
    pub name: String,
    pub document: Value,
}

/// The documents of an example as they are applied, and its policy.
#[derive(Debug)]
pub struct Placed {
    pub documents: Vec<Value>,
    pub policy: Value,
    /// The names of its namespaces.
    names: BTreeSet<String>,
}

impl Case {
    pub fn new(at: usize, check: &'static Check, number: usize, example: &Example, live: &Live) -> Self {
        let title = title(check, number);
        let parsed: Vec<Value> =
            serde_saphyr::from_multiple(&example.yaml).unwrap_or_else(|error| panic!("{title}: {error}"));
        let documents: Vec<Value> = parsed.into_iter().flat_map(items).collect();
        let prefix = format!("p{at}");
        let placed = |rename: &dyn Fn(&str) -> String| {
            let documents =
                place(&documents, live, &prefix, rename).unwrap_or_else(|error| panic!("{title}: {error}"));
            Placed::new(documents, policy(check, &json!(example.params), &prefix))
        };
        let renamed = placed(&|namespace| format!("{prefix}-{namespace}"));
        let as_written = placed(&str::to_owned);
        let reaches_far = documents.iter().any(|document| reaches_far(document, live));
        Self { at, check, number, renamed, as_written, reaches_far }
    }

    /// What people find it by.
    pub fn title(&self) -> String {
        title(self.check, self.number)
    }

    /// Whether it has to stand in the cluster while no other does that it would change, or that would change it.
    pub fn stands_alone(&self) -> bool {
        self.reaches_far || self.rests_on_names()
    }

    /// Whether other names of namespaces would change the verdict.
    fn rests_on_names(&self) -> bool {
        let (written, renamed) = (offline([&self.as_written]), offline([&self.renamed]));
        let prefix = format!("p{}-", self.at);
        let back = |text: &str| text.replace(&prefix, "");
        let renamed: Found = renamed
            .into_iter()
            .map(|((namespace, name), mut lines)| {
                for line in &mut lines {
                    line.message = back(&line.message);
                    line.object = line.object.as_deref().map(back);
                }
                ((back(&namespace), name), lines)
            })
            .collect();
        written != renamed
    }
}

/// Whether an object may concern every namespace: by its scope, or by what it is about.
fn reaches_far(document: &Value, live: &Live) -> bool {
    let everybody = ["system:serviceaccounts", "system:authenticated"];
    let mut subjects = document["subjects"].as_array().into_iter().flatten();
    let cluster_scoped = live.kind_of(document).is_ok_and(|kind| !kind.namespaced);
    (cluster_scoped && document["kind"] != "Namespace")
        || document["apiVersion"].as_str().is_some_and(|version| version.starts_with("velero.io/"))
        || subjects.any(|subject| everybody.iter().any(|group| subject["name"] == *group))
}

fn title(check: &Check, number: usize) -> String {
    format!("{}, example {number} of its page", check.id)
}

/// Gives every namespace its name and the label of the example, also those that the documents only mention.
fn place(
    written: &[Value],
    live: &Live,
    example: &str,
    rename: &dyn Fn(&str) -> String,
) -> Result<Vec<Value>, String> {
    let mut documents = written.to_vec();
    let (mut mentioned, mut shown) = (BTreeSet::new(), BTreeSet::new());
    for document in &mut documents {
        let namespaced = live.kind_of(document)?.namespaced;
        let is_namespace = document["kind"] == "Namespace";
        let metadata = document["metadata"].as_object_mut().ok_or("an object has no metadata")?;
        if is_namespace {
            let name = rename(metadata["name"].as_str().ok_or("a Namespace has no name")?);
            label(metadata, example);
            metadata.insert("name".to_owned(), name.as_str().into());
            shown.insert(name);
        } else if namespaced {
            let name = rename(metadata.get("namespace").and_then(Value::as_str).unwrap_or("default"));
            metadata.insert("namespace".to_owned(), name.as_str().into());
            mentioned.insert(name);
        }
        for part in ["spec", "subjects"] {
            rename_mentions(document.get_mut(part), rename);
        }
    }
    for name in mentioned.difference(&shown) {
        let mut metadata = Map::from_iter([("name".to_owned(), name.as_str().into())]);
        label(&mut metadata, example);
        documents.insert(0, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}));
    }
    Ok(documents)
}

fn policy(check: &Check, params: &Value, example: &str) -> Value {
    let mut setting = json!({"name": check.id});
    if *params != json!({}) {
        setting["parameters"] = params.clone();
    }
    json!({
        "apiVersion": "seaworthy.dev/v1alpha1",
        "kind": "ProductionPolicy",
        "metadata": {"name": example},
        "spec": {
            "profile": {"level": "None"},
            "match": {"namespaceSelector": {"matchLabels": {LABEL: example}}, "excludeNamespaces": []},
            "checks": [setting],
            "reporting": {"passed": "Include"},
        },
    })
}

impl Placed {
    fn new(documents: Vec<Value>, policy: Value) -> Self {
        let mut placed = Self { documents, policy, names: BTreeSet::new() };
        placed.names = placed.namespaces().into_iter().map(|needed| needed.name).collect();
        placed
    }

    /// The namespaces that it needs.
    pub fn namespaces(&self) -> Vec<Needed> {
        let namespaces = self.documents.iter().filter(|document| document["kind"] == "Namespace");
        let needed = |document: &Value| Needed {
            name: document["metadata"]["name"].as_str().unwrap().to_owned(),
            document: document.clone(),
        };
        namespaces.map(needed).collect()
    }

    /// The names of its namespaces.
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Whether a report stands in one of its namespaces.
    pub fn holds(&self, (namespace, _): &(String, String)) -> bool {
        self.names.contains(namespace)
    }
}

/// What the offline audit says of examples that stand side by side, as of a cluster with nothing else in it.
pub fn offline<'a>(placed: impl IntoIterator<Item = &'a Placed> + Clone) -> Found {
    offline_beside(placed, [])
}

/// The same beside objects that no policy is for.
pub fn offline_beside<'a>(
    placed: impl IntoIterator<Item = &'a Placed> + Clone,
    others: impl IntoIterator<Item = &'a Value>,
) -> Found {
    let mut policies = PolicySet::default();
    for placed in placed.clone() {
        let policy: ProductionPolicy = serde_json::from_value(placed.policy.clone()).unwrap();
        policies.insert(resolve(&policy, &CATALOGUE).unwrap());
    }
    let documents = others.into_iter().chain(placed.into_iter().flat_map(|placed| &placed.documents));
    let texts: Vec<String> = documents.map(Value::to_string).collect();
    let source = Source { name: "examples".to_owned(), text: texts.join("\n---\n") };
    let loaded = manifest::load(vec![source], &Options { complete: true, ..Options::default() });
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let mut inventory = loaded.inventory.into_live();
    for (kind, sight) in withheld() {
        inventory.set_sight(kind, sight);
    }
    let reports = audit(&inventory, &policies, Timestamp::now());
    reports.into_iter().map(|(_, report)| lines(report)).collect()
}

/// The results without their wording: neighbours may be named in it.
pub fn verdicts(found: &Found) -> Found {
    let mut found = found.clone();
    found.values_mut().flatten().for_each(|line| line.message.clear());
    found
}

/// The objects of a document: none in an empty one, many in a List.
fn items(document: Value) -> Vec<Value> {
    match document {
        Value::Null => Vec::new(),
        Value::Object(mut object) if object.get("kind").is_some_and(|kind| kind == "List") => {
            match object.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            }
        }
        document => vec![document],
    }
}

fn label(metadata: &mut Map<String, Value>, value: &str) {
    let labels = metadata.entry("labels").or_insert_with(|| json!({}));
    labels.as_object_mut().expect("labels are a map").insert(LABEL.to_owned(), value.into());
}

/// Renames namespaces where a spec mentions them.
fn rename_mentions(value: Option<&mut Value>, rename: &dyn Fn(&str) -> String) {
    match value {
        Some(Value::Object(object)) => {
            for (key, value) in object {
                match value {
                    Value::String(name) if key == "namespace" || key == "kubernetes.io/metadata.name" => {
                        *name = rename(name);
                    }
                    value => rename_mentions(Some(value), rename),
                }
            }
        }
        Some(Value::Array(items)) => {
            items.iter_mut().for_each(|item| rename_mentions(Some(item), rename));
        }
        _ => {}
    }
}
