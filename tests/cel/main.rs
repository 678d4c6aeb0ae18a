//! Expressions as people write them: what they are worth, what is said of those that are none, and that chance finds
//! nothing that ends the process.
//!
//! Not its job: what hostile ones cost (`cel_bombs`), or whether the API server agrees (`e2e/tests/live/api.rs`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod errors;
mod random;
mod semantics;

use seaworthy::cel::{CelError, Compiler, Scope, Value};
use seaworthy::model::{Allowance, Json};

/// The variables of every test.
const VARIABLES: [&str; 2] = ["object", "related.services"];

/// An object, and Services.
struct World([Json; 2]);

impl<'e> Scope<'e> for &'e World {
    fn variable(&self, number: usize) -> Result<Value<'e>, String> {
        self.0.get(number).map(Value::from).ok_or_else(|| "it is not there".to_owned())
    }
}

const OBJECT: &str = r#"{
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "api", "namespace": "shop", "labels": {"app": "api", "example.com/team": "a"}},
    "spec": {"replicas": 3, "paused": null, "ratio": 0.5, "template": {"spec": {"containers": [
        {"name": "app", "image": "shop/api:1.2", "resources": {"limits": {"memory": "1Gi", "cpu": "500m"}}},
        {"name": "log", "image": "shop/log"}]}}}}"#;
const SERVICES: &str = r#"[{"metadata": {"name": "api"}, "spec": {"ports": [{"port": 80}]}}]"#;

/// Compiles an expression, runs it over the objects, and hands its value on.
fn run<T>(source: &str, look: impl FnOnce(&Value<'_>) -> T) -> Result<T, CelError> {
    let program = Compiler::new(VARIABLES).compile(source)?;
    let parse = |text| Json::parse(text, None, &Allowance::of_values(1000)).unwrap();
    let world = World([parse(OBJECT), parse(SERVICES)]);
    let value = program.run(&&world);
    value.map(|value| look(&value))
}
