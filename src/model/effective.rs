//! What holds for a workload once its autoscalers have had their say.
//!
//! Not its job: judging whether that is enough.

use super::Text;

/// The fewest pods that a workload is meant to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// How many.
    pub replicas: i64,
    /// What says so.
    pub source: FloorSource,
}

/// What decides the fewest pods of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FloorSource {
    /// `spec.replicas`, or its default of 1.
    Replicas,
    /// The HorizontalPodAutoscaler of this name.
    HorizontalPodAutoscaler(Text),
    /// The ScaledObject of this name.
    ScaledObject(Text),
}

impl Floor {
    /// "2 replicas", "minReplicas 2 of HorizontalPodAutoscaler 'web'".
    pub fn describe(&self) -> String {
        let n = self.replicas;
        match &self.source {
            FloorSource::Replicas if n == 1 => "1 replica".to_owned(),
            FloorSource::Replicas => format!("{n} replicas"),
            FloorSource::HorizontalPodAutoscaler(name) => {
                format!("minReplicas {n} of HorizontalPodAutoscaler '{name}'")
            }
            FloorSource::ScaledObject(name) => format!("minReplicaCount {n} of ScaledObject '{name}'"),
        }
    }

    /// The field that sets it, in the workload or in the autoscaler.
    pub fn field(&self) -> &'static str {
        match self.source {
            FloorSource::Replicas => "spec.replicas",
            FloorSource::HorizontalPodAutoscaler(_) => "spec.minReplicas",
            FloorSource::ScaledObject(_) => "spec.minReplicaCount",
        }
    }
}
