//! What is said to have been done for a workload, and what was seen to be done: claims and runs.
//!
//! Not its job: which of them counts, and for how long (`engine`).

use jiff::Timestamp;

use super::super::{
    Attestation, ChaosEngine, ChaosExperiment, Kind, LoadTest, Meta, Run, Text, VeleroRestore,
    VeleroSchedule, Workload, attested_at,
};
use super::Relations;

/// What annotations that attest a practice begin with; the practice follows.
pub const ATTEST: &str = "attest.seaworthy.dev/";

/// When something was done, and how it came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// Whether it went well.
    pub passed: bool,
    /// When it stops counting, whatever a policy says.
    pub expires: Option<Timestamp>,
}

/// Where it is said, or was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// By an object of a kind.
    Object(Kind, &'a Meta),
    /// By an annotation of the workload.
    OnWorkload,
    /// By an annotation of the namespace.
    OnNamespace,
    /// By the policy that asks.
    ByPolicy,
}

/// An annotation that attests a practice and cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illegible<'a> {
    /// Where it stands.
    pub told: Told<'a>,
    /// What it says.
    pub value: &'a Text,
    /// What is wrong with that.
    pub why: &'static str,
}

/// What is said about one practice.
#[derive(Clone, Debug, Default)]
pub struct Claims<'a> {
    /// What can be read.
    pub made: Vec<(Told<'a>, Done)>,
    /// What cannot.
    pub illegible: Option<Illegible<'a>>,
}

/// What somebody tries out with the cluster's own means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exercise {
    /// Restoring from a backup.
    Restore,
    /// Breaking something on purpose.
    Chaos,
    /// Putting it under load.
    Load,
}

/// The kinds of Chaos Mesh's experiments.
const EXPERIMENTS: [Kind; 9] = [
    Kind::PodChaos,
    Kind::NetworkChaos,
    Kind::StressChaos,
    Kind::IoChaos,
    Kind::HttpChaos,
    Kind::DnsChaos,
    Kind::TimeChaos,
    Kind::JvmChaos,
    Kind::KernelChaos,
];

impl<'a> Relations<'a> {
    /// What is said about a practice of a workload of the namespace.
    pub fn claims_of<'c>(&self, workload: &'c Workload, practice: &str) -> Claims<'c>
    where
        'a: 'c,
    {
        let mut claims = Claims::default();
        let id = workload.id();
        for attestation in self.beside::<Attestation>(Kind::PracticeAttestation) {
            // One that goes is gone.
            if attestation.practice == *practice && attestation.concerns(&id) && !attestation.meta.terminating
            {
                let told = Told::Object(Kind::PracticeAttestation, attestation.meta);
                claims.made.push((told, attestation.done()));
            }
        }
        let key = format!("{ATTEST}{practice}");
        let notes = [
            (Told::OnWorkload, workload.meta.annotations.get(&key)),
            (Told::OnNamespace, self.namespace_annotations().and_then(|annotations| annotations.get(&key))),
        ];
        for (told, value) in notes {
            let Some(value) = value else { continue };
            match attested_at(value) {
                Ok(at) => claims.made.push((told, Done { at, passed: true, expires: None })),
                Err(why) => drop(claims.illegible.get_or_insert(Illegible { told, value, why })),
            }
        }
        claims
    }

    /// The runs of an exercise that have ended and were about a workload of the namespace.
    pub fn runs_of(&self, workload: &Workload, exercise: Exercise) -> Vec<(Told<'a>, Done)> {
        match exercise {
            Exercise::Restore => self.restores_of(workload),
            Exercise::Chaos => self.chaos_of(workload),
            Exercise::Load => {
                let tests = self.beside::<LoadTest>(Kind::TestRun).into_iter();
                tests.filter_map(|test| told(Kind::TestRun, test.meta, test.facts.run)).collect()
            }
        }
    }

    fn restores_of(&self, workload: &Workload) -> Vec<(Told<'a>, Done)> {
        let kind = Kind::VeleroRestore;
        let mut restores = self.reaching::<VeleroRestore>(kind);
        restores.retain(|restore| {
            let filter = &restore.filter;
            let labels = [&workload.meta.labels, workload.pod_labels()];
            restore.volumes
                && filter.includes_claims()
                && labels.into_iter().any(|labels| filter.selects(labels))
                && self.restored_from(restore.facts)
        });
        restores.into_iter().filter_map(|restore| told(kind, restore.meta, restore.facts.run)).collect()
    }

    /// Whether a restore was about the namespace. One of all that a backup holds is, if that backup held it, which the
    /// schedule of the backup shows.
    fn restored_from(&self, restore: &VeleroRestore) -> bool {
        let namespace = self.namespace();
        if !restore.filter.includes_namespace(namespace) {
            return false;
        }
        if restore.filter.included_namespaces.contains(namespace) {
            return true;
        }
        let Some(name) = restore.schedule() else { return false };
        let schedules = self.reaching::<VeleroSchedule>(Kind::VeleroSchedule);
        let of_name = schedules.into_iter().filter(|schedule| schedule.meta.name == name);
        of_name.into_iter().any(|schedule| schedule.template.includes_namespace(namespace))
    }

    fn chaos_of(&self, workload: &Workload) -> Vec<(Told<'a>, Done)> {
        let mut runs = Vec::new();
        for kind in EXPERIMENTS {
            let mut experiments = self.reaching::<ChaosExperiment>(kind);
            experiments.retain(|experiment| experiment.struck(workload));
            runs.extend(experiments.into_iter().filter_map(|e| told(kind, e.meta, e.facts.run)));
        }
        let mut engines = self.reaching::<ChaosEngine>(Kind::ChaosEngine);
        engines.retain(|engine| {
            let own =
                if engine.namespace.is_empty() { &engine.meta.namespace } else { &engine.facts.namespace };
            own == self.namespace() && engine.struck(workload)
        });
        runs.extend(engines.into_iter().filter_map(|e| told(Kind::ChaosEngine, e.meta, e.facts.run)));
        runs
    }
}

fn told(kind: Kind, meta: &Meta, run: Option<Run>) -> Option<(Told<'_>, Done)> {
    let Run { ended, passed } = run?;
    Some((Told::Object(kind, meta), Done { at: ended, passed, expires: None }))
}
