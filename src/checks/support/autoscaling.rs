//! The autoscalers of a workload, each counted once.

use crate::engine::Context;
use crate::model::{Autoscaler, Kind, Workload};

/// The HorizontalPodAutoscalers and ScaledObjects that target the workload; the HPA that a ScaledObject makes or takes
/// over counts as that ScaledObject.
pub(crate) fn horizontal<'a>(cx: &Context<'a>, workload: &Workload) -> Vec<&'a Autoscaler> {
    let mut all = cx.autoscalers_of(workload);
    let makers: Vec<&Autoscaler> = all.iter().copied().filter(|a| a.kind == Kind::ScaledObject).collect();
    let counts_as = |a: &Autoscaler, maker: &Autoscaler| {
        a.scaled_object() == Some(&maker.meta.name) || maker.makes.as_ref() == Some(&a.meta.name)
    };
    all.retain(|a| a.kind == Kind::ScaledObject || !makers.iter().any(|maker| counts_as(a, maker)));
    all
}

/// Why a check of autoscalers has nothing to say of a workload.
pub(crate) const NONE: &str = "no HorizontalPodAutoscaler or ScaledObject targets it";
