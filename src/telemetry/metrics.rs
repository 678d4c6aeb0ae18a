//! Numbers about the controller, named as Prometheus names them.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::model::Kind;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WriteLabels {
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResourceLabels {
    resource: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LaneLabels {
    lane: &'static str,
}

/// The numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<RwLock<Registry>>,
    writes: Family<WriteLabels, Counter>,
    watch_failures: Family<ResourceLabels, Counter>,
    unreadable: Family<ResourceLabels, Gauge>,
    depth: Family<LaneLabels, Gauge>,
    evaluations: Counter<u64, AtomicU64>,
    leading: Gauge,
}

impl Metrics {
    /// All numbers at zero.
    pub fn new() -> Self {
        let metrics = Self {
            registry: Arc::new(RwLock::new(Registry::with_prefix("seaworthy"))),
            writes: Family::default(),
            watch_failures: Family::default(),
            unreadable: Family::default(),
            depth: Family::default(),
            evaluations: Counter::default(),
            leading: Gauge::default(),
        };
        let mut registry = metrics.registry.write().unwrap_or_else(PoisonError::into_inner);
        registry.register("writes", "Writes to the API server", metrics.writes.clone());
        registry.register("watch_failures", "Lists and watches that failed", metrics.watch_failures.clone());
        registry.register("unreadable_objects", "Objects that cannot be read", metrics.unreadable.clone());
        registry.register("queue_depth", "Subjects that wait to be looked at", metrics.depth.clone());
        registry.register("evaluations", "Subjects looked at", metrics.evaluations.clone());
        registry.register("leading", "1 if this process may write", metrics.leading.clone());
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What runs", version);
        drop(registry);
        metrics
    }

    /// Counts a write.
    pub fn wrote(&self, operation: &'static str, ok: bool) {
        let outcome = if ok { "success" } else { "failure" };
        self.writes.get_or_create(&WriteLabels { operation, outcome }).inc();
    }

    /// Counts a list or watch that failed.
    pub fn watch_failed(&self, resource: &str) {
        self.watch_failures.get_or_create(&ResourceLabels { resource: resource.to_owned() }).inc();
    }

    /// Notes whether this process leads.
    pub fn leads(&self, leading: bool) {
        self.leading.set(i64::from(leading));
    }

    /// Notes where the pipeline stands; `unreadable` is only asked when something was evaluated.
    pub fn observe(
        &self,
        evaluations: u64,
        urgent: usize,
        background: usize,
        unreadable: impl FnOnce() -> BTreeMap<Kind, usize>,
    ) {
        let depth = |lane, n: usize| {
            self.depth.get_or_create(&LaneLabels { lane }).set(i64::try_from(n).unwrap_or(i64::MAX));
        };
        depth("urgent", urgent);
        depth("background", background);
        let before = self.evaluations.get();
        if evaluations > before && urgent + background == 0 {
            self.evaluations.inc_by(evaluations - before);
            self.unreadable.clear();
            for (kind, n) in unreadable() {
                self.unreadable
                    .get_or_create(&ResourceLabels { resource: kind.resource() })
                    .set(i64::try_from(n).unwrap_or(i64::MAX));
            }
        }
    }

    /// All numbers in the OpenMetrics text format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.read().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
