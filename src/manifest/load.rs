//! Texts to an inventory: every object that the model knows, the policies among them, and what could not be read.
//!
//! Not its job: reading files (`input`), or what an object of a kind looks like (`decode`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::thread;

use hashbrown::HashMap;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::input::Source;
use super::node::{Place, Value};
use super::own::{OURS, Own, no_such_kind};
use super::places::{self, Places, WHOLE};
use super::problem::{About, Problem};
use super::scalar::Scalar;
use super::stream::{Chunk, chunks};
use super::yaml;
use crate::api::{ComplianceExemption, EXEMPTION_KIND, GROUP, POLICY_KIND, ProductionPolicy, REPORT_KIND};
use crate::decode::{Decoded, decode_manifest, parse_json, whole};
use crate::model::{Inventory, Kind, KubernetesVersion, Needs, Text};

/// How an input is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespace of objects that name none.
    pub namespace: String,
    /// The input is everything there is.
    pub complete: bool,
    /// The version of Kubernetes that it is meant for.
    pub kubernetes: Option<KubernetesVersion>,
    /// The objects that are kept whole.
    pub keep: Needs,
}

impl Default for Options {
    fn default() -> Self {
        Self { namespace: "default".to_owned(), complete: false, kubernetes: None, keep: Needs::default() }
    }
}

/// Where an object was read: a document of a source, or an item of one.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    source: usize,
    places: Arc<Places>,
    at: places::At,
}

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// The objects that the model knows.
    pub inventory: Inventory,
    /// The policies, with where they stand.
    pub policies: Vec<(String, ProductionPolicy)>,
    /// The exemptions, with where they stand.
    pub exemptions: Vec<(String, ComplianceExemption)>,
    /// The objects of our own API as they were written, those included that are not what they should be.
    pub own: Vec<Own>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Documents of kinds that no check looks at.
    pub other_objects: usize,
    /// Documents that are not Kubernetes objects at all.
    pub not_kubernetes: usize,
    origins: HashMap<(Kind, Text, Text), Origin>,
    /// The names of the sources. Their texts are not needed any more.
    names: Vec<String>,
}

/// Reads every document of every source. Of kinds that policies declare only those are known that are in force.
pub fn load(sources: impl AsRef<[Source]>, options: &Options) -> Loaded {
    let sources = sources.as_ref();
    let read = |index: usize, source: &Source| {
        let mut part = Part::new(options);
        for chunk in chunks(&source.text) {
            part.document(index, source, chunk);
        }
        part
    };
    let inventory = Inventory::offline(options.complete).for_kubernetes(options.kubernetes);
    let mut loaded = Loaded::from(inventory);
    // Files are read side by side, and put in beside that, one after the other in their order: of two objects with one
    // name the last one counts.
    let (send, parts) = mpsc::channel();
    thread::scope(|scope| {
        let loaded = &mut loaded;
        scope.spawn(move || loaded.take_in_order(parts));
        // A bridge hands sources out in their order, so that next to none has to wait for one before it.
        sources.iter().enumerate().par_bridge().for_each_with(send, |send, (index, source)| {
            // Nobody listens only when the other side panicked, and then so does the scope.
            let _ = send.send((index, read(index, source)));
        });
    });
    loaded.inventory.kept_whole(&options.keep);
    loaded.names = sources.iter().map(|source| source.name.clone()).collect();
    loaded
}

/// What was not read from texts: nothing in it has a place.
impl From<Inventory> for Loaded {
    fn from(inventory: Inventory) -> Self {
        Self {
            inventory,
            policies: Vec::new(),
            exemptions: Vec::new(),
            own: Vec::new(),
            problems: Vec::new(),
            other_objects: 0,
            not_kubernetes: 0,
            origins: HashMap::new(),
            names: Vec::new(),
        }
    }
}

impl Loaded {
    fn take_in_order<'o>(&mut self, parts: impl IntoIterator<Item = (usize, Part<'o>)>) {
        let (mut early, mut next) = (BTreeMap::new(), 0);
        for (index, part) in parts {
            early.insert(index, part);
            while let Some(part) = early.remove(&next) {
                self.take(part);
                next += 1;
            }
        }
    }

    fn take(&mut self, part: Part<'_>) {
        let Part { options: _, objects, policies, exemptions, own, problems, other_objects, not_kubernetes } =
            part;
        self.policies.extend(policies);
        self.exemptions.extend(exemptions);
        self.own.extend(own);
        self.problems.extend(problems);
        self.other_objects += other_objects;
        self.not_kubernetes += not_kubernetes;
        for (kind, decoded, whole, origin) in objects {
            let meta = match &decoded {
                Decoded::Record(record) => record.meta(),
                Decoded::Unreadable(meta, _) => meta,
            };
            self.origins.insert((kind, meta.namespace.clone(), meta.name.clone()), origin);
            match decoded {
                Decoded::Record(record) => self.inventory.fill_whole(record, whole),
                Decoded::Unreadable(meta, error) => {
                    self.inventory.apply_unreadable(kind, meta, error.to_string());
                }
            }
        }
    }

    /// Where one object stands.
    pub fn document(&self, kind: Kind, namespace: &Text, name: &Text) -> Option<Document<'_>> {
        let origin = self.origins.get(&(kind, namespace.clone(), name.clone()))?;
        Some(Document { file: self.names.get(origin.source)?, origin })
    }
}

/// Where an object stands, to find the places of its fields.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    file: &'a str,
    origin: &'a Origin,
}

impl Document<'_> {
    /// `file:line:column` of a field of the object, or of the nearest part of its path that is there.
    pub fn place(&self, field: &str) -> String {
        format!("{}:{}", self.file, self.origin.locate(field))
    }
}

impl Origin {
    pub(super) fn locate(&self, path: &str) -> Place {
        self.places.locate(self.at, path)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    #[serde(borrow, default)]
    api_version: Cow<'a, str>,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    items: Option<&'a RawValue>,
}

/// What one source holds.
struct Part<'o> {
    options: &'o Options,
    objects: Vec<(Kind, Decoded, Option<Arc<str>>, Origin)>,
    policies: Vec<(String, ProductionPolicy)>,
    exemptions: Vec<(String, ComplianceExemption)>,
    own: Vec<Own>,
    problems: Vec<Problem>,
    other_objects: usize,
    not_kubernetes: usize,
}

/// Where the reader is.
struct At<'s> {
    source: &'s Source,
    origin: Origin,
    in_list: bool,
}

impl<'o> Part<'o> {
    fn new(options: &'o Options) -> Self {
        Self {
            options,
            objects: Vec::new(),
            policies: Vec::new(),
            exemptions: Vec::new(),
            own: Vec::new(),
            problems: Vec::new(),
            other_objects: 0,
            not_kubernetes: 0,
        }
    }

    fn document<'s>(&mut self, index: usize, source: &'s Source, chunk: Chunk<'s>) {
        let node = match yaml::parse(chunk.text, chunk.first_line) {
            Ok(Some(node)) => node,
            // Nothing but comments: Helm leaves many of these.
            Ok(None) => return,
            Err(error) => return self.problem(source, error.place, error.reason),
        };
        if matches!(node.value, Value::Scalar(Scalar::Null)) {
            return;
        }
        let mut json = String::with_capacity(chunk.text.len());
        node.write_json(&mut json);
        let origin = Origin { source: index, places: Arc::new(Places::of(&node)), at: WHOLE };
        self.object(&json, &At { source, origin, in_list: false });
    }

    fn object(&mut self, json: &str, at: &At<'_>) {
        let head: Head<'_> = match serde_json::from_str(json) {
            Ok(head) => head,
            Err(_) => {
                self.not_kubernetes += 1;
                return;
            }
        };
        match (head.api_version.is_empty(), head.kind.is_empty()) {
            (true, true) => {
                self.not_kubernetes += 1;
                return;
            }
            (true, false) => return self.missing(at, "apiVersion"),
            (false, true) => return self.missing(at, "kind"),
            (false, false) => {}
        }
        let (group, _) = head.api_version.split_once('/').unwrap_or(("", &head.api_version));
        let is_list = !at.in_list && head.kind.ends_with("List");
        let items =
            head.items.filter(|_| is_list).map(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()));
        if let Some(Ok(items)) = items {
            let places = &at.origin.places;
            for (item, raw) in places.items().zip(items) {
                let origin = Origin { source: at.origin.source, places: Arc::clone(places), at: item };
                self.object(raw.get(), &At { source: at.source, origin, in_list: true });
            }
            return;
        }
        if let Some(kind) = OURS.iter().find(|kind| group == GROUP && head.kind == **kind) {
            self.own.push(Own::new(kind, json, &at.source.name, at.origin.clone()));
        }
        if group == GROUP && head.kind == POLICY_KIND {
            if let Some(policy) = self.ours(POLICY_KIND, json, at) {
                self.policies.push(policy);
            }
        } else if group == GROUP && head.kind == EXEMPTION_KIND {
            if let Some((origin, exemption)) = self.ours::<ComplianceExemption>(EXEMPTION_KIND, json, at) {
                self.exemption(origin, exemption, at);
            }
        } else if let Some(kind) = Kind::of_document(group, &head.kind) {
            self.known(kind, &head.api_version, json, at);
        } else if group == GROUP && head.kind != REPORT_KIND {
            self.problem_of(About::Anything, at, "kind", no_such_kind(&head.kind));
        } else {
            self.other_objects += 1;
        }
    }

    fn known(&mut self, kind: Kind, api_version: &str, json: &str, at: &At<'_>) {
        let decoded = match decode_manifest(kind, api_version, json, &self.options.namespace) {
            Ok(decoded) => decoded,
            Err(error) => {
                return self.problem_of(About::Known, at, &error.field, error.to_string());
            }
        };
        let name = match &decoded {
            Decoded::Record(record) => &record.meta().name,
            Decoded::Unreadable(meta, _) => &meta.name,
        };
        if name.is_empty() {
            return self.missing(at, "metadata.name");
        }
        if let Decoded::Unreadable(meta, error) = &decoded {
            let reason = format!("{kind} '{}' {error}", meta.name);
            self.problem_of(About::Known, at, &error.field, reason);
        }
        let keep = self.options.keep.of(kind);
        let whole = whole(kind, json, &self.options.namespace, keep);
        self.objects.push((kind, decoded, whole, at.origin.clone()));
    }

    /// Reads an object of our own, with where it stands.
    fn ours<T: DeserializeOwned>(&mut self, kind: &str, json: &str, at: &At<'_>) -> Option<(String, T)> {
        match parse_json::<T>(json) {
            Ok(object) => {
                let place = at.origin.locate("metadata.name");
                Some((format!("{}:{}", at.source.name, place.line), object))
            }
            Err(error) => {
                let reason = format!("{kind} {error}");
                let (file, place) = (at.source.name.clone(), at.origin.locate(&error.field));
                let about = if kind == POLICY_KIND { About::Policy } else { About::Own };
                self.problems.push(Problem { file, place, reason, about });
                None
            }
        }
    }

    fn exemption(&mut self, origin: String, mut exemption: ComplianceExemption, at: &At<'_>) {
        let metadata = &mut exemption.metadata;
        if metadata.name.is_empty() {
            return self.problem_of(About::Own, at, "metadata.name", missing("metadata.name"));
        }
        if metadata.namespace.is_empty() {
            metadata.namespace.clone_from(&self.options.namespace);
        }
        self.exemptions.push((origin, exemption));
    }

    fn missing(&mut self, at: &At<'_>, field: &str) {
        self.problem_of(About::Anything, at, field, missing(field));
    }

    fn problem(&mut self, source: &Source, place: Place, reason: String) {
        let file = source.name.clone();
        self.problems.push(Problem { file, place, reason, about: About::Anything });
    }

    fn problem_of(&mut self, about: About, at: &At<'_>, field: &str, reason: String) {
        let (file, place) = (at.source.name.clone(), at.origin.locate(field));
        self.problems.push(Problem { file, place, reason, about });
    }
}

fn missing(field: &str) -> String {
    format!("`{field}` is missing, so this is no object that could be applied")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_a_list_has_places_of_its_own() {
        let pods: String = ["a", "b"]
            .map(|name| format!("- {{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}}}\n"))
            .concat();
        let text = format!("apiVersion: v1\nkind: List\nitems:\n{pods}");
        let source = Source { name: "x.yaml".to_owned(), text };
        let loaded = load(vec![source], &Options::default());
        let of = |name: &str| loaded.document(Kind::Pod, &"default".into(), &name.into()).unwrap();
        assert_eq!(of("a").place("spec"), "x.yaml:4:3");
        assert_eq!(of("b").place("kind"), "x.yaml:5:20");
    }
}
