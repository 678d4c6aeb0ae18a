//! memory-limit-ratio: a memory limit far above what is reserved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::ratio;
use crate::engine::{Check, Context, PerWorkload, Sees, Verdict};
use crate::model::{Resource, Workload};

pub(super) static CHECK: Check = Check {
    id: "memory-limit-ratio",
    title: "Memory limits stay close to what is reserved",
    category: Category::Resources,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["SE-12", "RE-03"],
    remediation: "Raise the memory request towards what the container really uses, or lower its limit.",
    rule: &PerWorkload(judge),
    page: include_str!("memory_limit_ratio.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// maxRatio is how many times the request a limit may be.
    #[schemars(range(min = 1, max = 1000))]
    max_ratio: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { max_ratio: 2 }
    }
}

const WORDS: ratio::Words =
    ("a node that looks free can run out of it", "raise the request or lower the limit");

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    ratio::judge(cx, workload, Resource::Memory, parameters.max_ratio.unsigned_abs(), WORDS)
}
