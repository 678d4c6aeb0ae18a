//! Writes what remediation makes, changes and takes away: each time after a look at what is there at that moment.
//!
//! Made by POST, which never overwrites; changed by server-side apply with uid and resourceVersion; deleted with both
//! as preconditions. Not its job: deciding that it is to be written (`remedy::plan`).

use kube::Api;
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams, Preconditions};
use kube::core::ApiResource;
use serde_json::Value;

use super::super::act::{Act, Answer, Deed, End};
use super::{WriteError, Writer};
use crate::cluster::{Element, resource};
use crate::decode::{Decoded, decode};
use crate::model::{DisruptionBudget, Kind, NetworkPolicy, Record, SubjectKey, Text, Workload};
use crate::remedy::{Cause, Desired, MANAGER, Place, Standing, Trip, network_objection, objection};

/// How often a deletion is tried again because the object was written meanwhile, as the disruption controller does.
const TRIES: usize = 4;

/// What the API server shows of a namespace just before a write.
#[derive(Default)]
struct Live {
    version: u64,
    budgets: Vec<DisruptionBudget>,
    policies: Vec<NetworkPolicy>,
}

impl Live {
    /// The object that was known to stand, if it still does and is still ours.
    fn own(&self, known: &Standing) -> Option<(Standing, Text)> {
        let budgets = self.budgets.iter().filter_map(Standing::of_budget);
        let mut ours = budgets.chain(self.policies.iter().filter_map(Standing::of_network_policy));
        let standing = ours.find(|standing| standing.uid == known.uid)?;
        let version = standing.version.clone();
        (standing.subject_uid == known.subject_uid).then_some((standing, version))
    }

    /// Whether an object stands, whosever it is by now.
    fn has(&self, uid: &Text) -> bool {
        let budgets = self.budgets.iter().map(|budget| &budget.meta);
        budgets.chain(self.policies.iter().map(|policy| &policy.meta)).any(|meta| meta.uid == *uid)
    }
}

impl Writer {
    /// Does an act, and says how it ended.
    pub(super) async fn remedy(self, act: Act) -> Answer {
        let Act { place, deed, seen, announcement } = act;
        let (what, paced) = match &deed {
            Deed::Create(_) => ("remedy_create", true),
            Deed::Update(..) => ("remedy_update", true),
            Deed::Withdraw(_, Cause::Harm) => ("remedy_delete", false),
            Deed::Withdraw(..) => ("remedy_delete", true),
        };
        let mut version = 0;
        let outcome = self.within_deadline(self.deed(&place, &deed, seen, &mut version)).await;
        let end = match outcome {
            Ok(end) => end,
            Err(error) => {
                tracing::warn!(%place, namespace = %place.namespace, %error, "cannot {what}");
                end_of(&error)
            }
        };
        match &end {
            End::Moot => {}
            end => self.metrics.wrote(what, matches!(end, End::Stands | End::Gone(..))),
        }
        if matches!(end, End::Stands | End::Gone(..)) {
            tracing::info!(%place, namespace = %place.namespace, note = %announcement.draft.note, "remediation");
            if self.gate.may_write() {
                self.announcer.announce(announcement).await;
            }
        }
        Answer { place, paced, version, end }
    }

    async fn deed(
        &self,
        place: &Place,
        deed: &Deed,
        seen: u64,
        version: &mut u64,
    ) -> Result<End, WriteError> {
        match deed {
            Deed::Create(desired) => {
                let live = self.look(place, version).await?;
                if live.version < seen {
                    return Ok(End::Refused(Trip::WentBack { from: seen, to: live.version }));
                }
                match self.objection(desired, &live, None).await? {
                    Some(why) => Ok(moot(place, &why)),
                    None => self.create(desired).await,
                }
            }
            Deed::Update(desired, standing) => {
                let live = self.look(place, version).await?;
                if live.version < seen {
                    return Ok(End::Refused(Trip::WentBack { from: seen, to: live.version }));
                }
                let Some((own, at)) = live.own(standing).filter(|(own, _)| own.edited_by.is_none()) else {
                    return Ok(moot(place, "it is not ours any more"));
                };
                match self.objection(desired, &live, Some(&own.uid)).await? {
                    Some(why) => Ok(moot(place, &why)),
                    None => self.update(desired, &own, &at).await,
                }
            }
            Deed::Withdraw(standing, cause) => self.withdraw(place, standing, *cause, version).await,
        }
    }

    /// What the API server shows of the namespace. Nothing is written where it holds what cannot be read.
    async fn look(&self, place: &Place, version: &mut u64) -> Result<Live, WriteError> {
        let list = self.elements(place.kind, &place.namespace).list(&ListParams::default()).await?;
        let shown = list.metadata.resource_version.as_deref().unwrap_or_default();
        *version = shown.parse().unwrap_or(0);
        let mut live = Live { version: *version, ..Live::default() };
        for element in &list.items {
            match read(place.kind, element)? {
                Record::Budget(budget) => live.budgets.push(budget),
                Record::NetworkPolicy(policy) => live.policies.push(policy),
                _ => {}
            }
        }
        Ok(live)
    }

    /// What speaks against writing, by what the API server shows of whom it is for.
    async fn objection(
        &self,
        desired: &Desired,
        live: &Live,
        own: Option<&Text>,
    ) -> Result<Option<String>, WriteError> {
        if let SubjectKey::Namespace(name) = &desired.subject {
            return self.objection_of_namespace(desired, name, live, own).await;
        }
        let Some(workload) = self.workload(&desired.subject).await? else {
            return Ok(Some("what it is for is gone".to_owned()));
        };
        Ok(objection(desired, &workload, &live.budgets, own))
    }

    async fn objection_of_namespace(
        &self,
        desired: &Desired,
        name: &Text,
        live: &Live,
        own: Option<&Text>,
    ) -> Result<Option<String>, WriteError> {
        let namespaces: Api<Element> = Api::all_with(self.client.clone(), &resource(Kind::Namespace));
        let Some(element) = namespaces.get_opt(name).await? else {
            return Ok(Some("the namespace is gone".to_owned()));
        };
        let Record::Namespace(namespace) = read(Kind::Namespace, &element)? else {
            return Err(misread(Kind::Namespace));
        };
        let listed = self.elements(Kind::Service, name).list(&ListParams::default()).await?;
        let mut services = Vec::new();
        for element in &listed.items {
            let Record::Service(service) = read(Kind::Service, element)? else {
                return Err(misread(Kind::Service));
            };
            services.push(service);
        }
        Ok(network_objection(desired, &namespace, &live.policies, &services, own))
    }

    async fn workload(&self, key: &SubjectKey) -> Result<Option<Box<Workload>>, WriteError> {
        let SubjectKey::Workload(id) = key else { return Ok(None) };
        let Some(element) = self.elements(id.kind, &id.namespace).get_opt(&id.name).await? else {
            return Ok(None);
        };
        match read(id.kind, &element)? {
            Record::Workload(workload) => Ok(Some(workload)),
            _ => Ok(None),
        }
    }

    async fn create(&self, desired: &Desired) -> Result<End, WriteError> {
        let object: DynamicObject = serde_json::from_value(desired.document())?;
        let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
        self.check_gate()?;
        match self.objects(&desired.place).create(&params, &object).await {
            Ok(_) => Ok(End::Stands),
            Err(kube::Error::Api(status)) if status.code == 409 => {
                Ok(moot(&desired.place, "there is one of that name"))
            }
            Err(kube::Error::Api(status)) if status.code == 404 || is_terminating(&status.message) => {
                Ok(moot(&desired.place, "its namespace is gone, or going"))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn update(&self, desired: &Desired, own: &Standing, at: &Text) -> Result<End, WriteError> {
        let mut document = desired.document();
        if let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("uid".to_owned(), own.uid.as_str().into());
            metadata.insert("resourceVersion".to_owned(), at.as_str().into());
        }
        // Nobody else has written the spec, and with its resourceVersion nobody can have since: what is forced are the
        // fields that are ours from when it was made.
        let params = PatchParams::apply(MANAGER).force();
        self.check_gate()?;
        match self.objects(&desired.place).patch(&own.place.name, &params, &Patch::Apply(document)).await {
            Ok(_) => Ok(End::Stands),
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => {
                Ok(moot(&desired.place, "it was changed meanwhile"))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn withdraw(
        &self,
        place: &Place,
        standing: &Standing,
        cause: Cause,
        version: &mut u64,
    ) -> Result<End, WriteError> {
        if cause == Cause::Abandoned
            && let Some(key) = &standing.subject
            && self.workload(key).await?.is_some_and(|workload| workload.meta.uid == standing.subject_uid)
        {
            return Ok(moot(place, "what it was made for is there"));
        }
        let gone = || End::Gone(standing.uid.clone(), cause);
        for _ in 0..TRIES {
            let live = self.look(place, version).await?;
            if !live.has(&standing.uid) {
                return Ok(gone());
            }
            let Some((_, at)) = live.own(standing) else { return Ok(moot(place, "it is not ours any more")) };
            let preconditions =
                Preconditions { uid: Some(standing.uid.to_string()), resource_version: Some(at.to_string()) };
            let params = DeleteParams::default().preconditions(preconditions);
            self.check_gate()?;
            match self.objects(place).delete(&place.name, &params).await {
                Ok(_) => return Ok(gone()),
                Err(kube::Error::Api(status)) if status.code == 404 => return Ok(gone()),
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(moot(place, "it is written all the time"))
    }

    fn check_gate(&self) -> Result<(), WriteError> {
        if self.gate.may_write() { Ok(()) } else { Err(WriteError::NotLeading) }
    }

    fn elements(&self, kind: Kind, namespace: &str) -> Api<Element> {
        Api::namespaced_with(self.client.clone(), namespace, &resource(kind))
    }

    fn objects(&self, place: &Place) -> Api<DynamicObject> {
        let resource: ApiResource = resource(place.kind);
        Api::namespaced_with(self.client.clone(), &place.namespace, &resource)
    }
}

/// Nothing is written by what cannot be read.
fn read(kind: Kind, element: &Element) -> Result<Record, WriteError> {
    match decode(kind, element.json(), "") {
        Ok(Decoded::Record(record)) => Ok(record),
        Ok(Decoded::Unreadable(meta, error)) => {
            Err(WriteError::Unreadable(format!("{kind} '{}' {error}", meta.name)))
        }
        Err(error) => Err(WriteError::Unreadable(format!("a {kind} {error}"))),
    }
}

fn misread(kind: Kind) -> WriteError {
    WriteError::Unreadable(format!("a {kind} is read as another kind"))
}

fn moot(place: &Place, why: &str) -> End {
    tracing::debug!(%place, namespace = %place.namespace, why, "nothing to write");
    End::Moot
}

fn is_terminating(message: &str) -> bool {
    message.contains("because it is being terminated")
}

/// What an error says of other writes as well.
fn end_of(error: &WriteError) -> End {
    let WriteError::Kube(kube::Error::Api(status)) = error else { return End::Failed };
    let message: String = status.message.chars().take(512).collect();
    let by_admission = ["admission webhook", "failed calling webhook", "ValidatingAdmissionPolicy"]
        .iter()
        .any(|word| message.contains(word));
    match status.code {
        _ if by_admission => End::Refused(Trip::Rejected(message)),
        401 | 403 => End::Refused(Trip::Forbidden(message)),
        _ => End::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Status;

    fn end(code: u16, message: &str) -> End {
        let status = Status { code, message: message.to_owned(), ..Status::default() };
        end_of(&WriteError::Kube(kube::Error::Api(Box::new(status))))
    }

    #[test]
    fn what_others_would_be_refused_for_as_well_is_told_from_what_is_ones_own() {
        let denied = r#"admission webhook "w.example.com" denied the request: no"#;
        assert!(matches!(end(400, denied), End::Refused(Trip::Rejected(_))));
        let down = r#"Internal error occurred: failed calling webhook "w.example.com": connection refused"#;
        assert!(matches!(end(500, down), End::Refused(Trip::Rejected(_))));
        let rights = r#"poddisruptionbudgets.policy is forbidden: User "x" cannot create resource"#;
        assert!(matches!(end(403, rights), End::Refused(Trip::Forbidden(_))));
        assert!(matches!(end(422, "Invalid value"), End::Failed));
        assert!(matches!(end(500, "etcdserver: request timed out"), End::Failed));
    }
}
