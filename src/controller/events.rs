//! Events: written once for each change of a verdict, and not too many of them.
//!
//! kube's own recorder looks through its whole cache at every event and merges different notes; this one only
//! writes. An event that cannot be written is lost on purpose: the report says the same. Not its job: what is said.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use kube::api::PostParams;
use kube::{Api, Client};

use crate::model::Text;
use crate::report::{EventDraft, EventType};
use crate::telemetry::Metrics;

use super::change::{Announcement, Regarding};

/// Events a second for the whole process, and how many may come at once.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
const AT_ONCE: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// Events an hour for one object.
const PER_OBJECT: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// How long one write may take.
const DEADLINE: Duration = Duration::from_secs(4);
/// The longest name of an object, less the dot and the 16 digits behind it.
const MAX_NAME: usize = 253 - 17;

/// Writes Events.
#[derive(Clone)]
pub(super) struct Announcer {
    client: Client,
    instance: Arc<str>,
    metrics: Metrics,
    all: Arc<DefaultDirectRateLimiter>,
    each: Arc<DefaultKeyedRateLimiter<Regarding>>,
}

impl Announcer {
    pub(super) fn new(client: Client, instance: &str, metrics: Metrics) -> Self {
        let quota = Quota::per_second(PER_SECOND).allow_burst(AT_ONCE);
        Self {
            client,
            // The API wants at most 128 characters.
            instance: instance.chars().take(128).collect::<String>().into(),
            metrics,
            all: Arc::new(RateLimiter::direct(quota)),
            each: Arc::new(RateLimiter::keyed(Quota::per_hour(PER_OBJECT))),
        }
    }

    /// Writes an Event.
    pub(super) async fn announce(&self, announcement: Announcement) {
        let Announcement { regarding, draft, once } = announcement;
        self.each.retain_recent();
        if self.each.check_key(&regarding).is_err() || self.all.check().is_err() {
            self.metrics.wrote("event_dropped", true);
            return;
        }
        // Events about what is in no namespace live in `default`.
        let namespace = if regarding.namespace.is_empty() { "default" } else { &regarding.namespace };
        let api: Api<Event> = Api::namespaced(self.client.clone(), namespace);
        let event = self.event(&regarding, namespace, draft, once, Timestamp::now());
        let written = tokio::time::timeout(DEADLINE, api.create(&PostParams::default(), &event)).await;
        let is_told = |error: &kube::Error| matches!(error, kube::Error::Api(status) if status.code == 409);
        match written {
            Ok(Ok(_)) => self.metrics.wrote("event_create", true),
            // Another controller, or this one before it was started anew, has told it.
            Ok(Err(error)) if once.is_some() && is_told(&error) => {}
            Ok(Err(error)) => {
                self.metrics.wrote("event_create", false);
                tracing::warn!(?regarding, %error, "cannot write an Event");
            }
            Err(_) => {
                self.metrics.wrote("event_create", false);
                tracing::warn!(?regarding, "cannot write an Event: the API server did not answer in time");
            }
        }
    }

    fn event(
        &self,
        regarding: &Regarding,
        namespace: &str,
        draft: EventDraft,
        once: Option<u64>,
        now: Timestamp,
    ) -> Event {
        let EventDraft { type_, reason, action, note } = draft;
        let subject: String = regarding.name.chars().take(MAX_NAME).collect();
        let subject = subject.trim_end_matches(['-', '.']);
        let type_ = match type_ {
            EventType::Normal => "Normal",
            EventType::Warning => "Warning",
        };
        let own = |text: &Text| Some(text.to_string()).filter(|text| !text.is_empty());
        let number = once.map_or(now.as_nanosecond(), i128::from);
        Event {
            metadata: ObjectMeta {
                name: Some(format!("{subject}.{number:016x}")),
                namespace: Some(namespace.to_owned()),
                ..ObjectMeta::default()
            },
            action: Some(action.to_owned()),
            event_time: Some(MicroTime(now)),
            note: Some(note),
            reason: Some(reason.to_owned()),
            regarding: Some(ObjectReference {
                api_version: Some(regarding.api_version.clone()),
                kind: Some(regarding.kind.to_owned()),
                name: Some(regarding.name.to_string()),
                namespace: own(&regarding.namespace),
                uid: own(&regarding.uid),
                ..ObjectReference::default()
            }),
            reporting_controller: Some("seaworthy.dev/controller".to_owned()),
            reporting_instance: Some(self.instance.to_string()),
            type_: Some(type_.to_owned()),
            ..Event::default()
        }
    }
}
