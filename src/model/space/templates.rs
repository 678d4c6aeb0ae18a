//! Rollouts that use the template of another workload (`spec.workloadRef`): they are judged with that template.
//!
//! Not its job: what a Rollout does with the other workload's pods.

use super::super::index::Local;
use super::super::{PodTemplate, Workload};
use super::{Space, Touch, Touches, forget};

fn lender_of(workload: &Workload) -> Option<Local> {
    workload.template_ref.as_ref()?.workload()
}

impl Space {
    /// The workload with the template that it names, where that is known.
    pub(super) fn with_template(&self, workload: Workload) -> Workload {
        let Some(lender) = lender_of(&workload) else { return workload };
        Workload { template: self.template_of(&lender), ..workload }
    }

    fn template_of(&self, lender: &Local) -> PodTemplate {
        // Only a template of its own: what is lent is not lent again.
        let own = self.workloads.get(lender).filter(|workload| workload.template_ref.is_none());
        own.map(|workload| workload.template.clone()).unwrap_or_default()
    }

    /// Remembers whose template a workload uses, before it takes the place of what stood there.
    pub(super) fn note_borrower(&mut self, key: &Local, new: Option<&Workload>, touches: &mut Touches) {
        if let Some(before) = self.workloads.get(key).and_then(|workload| lender_of(workload)) {
            forget(&mut self.borrowers, &before, key);
            touches.insert(Touch::Workload(before));
        }
        if let Some(after) = new.and_then(lender_of) {
            self.borrowers.entry(after.clone()).or_default().insert(key.clone());
            touches.insert(Touch::Workload(after));
        }
    }

    /// The Rollouts that use a workload's template.
    pub(crate) fn borrowers_of(&self, lender: &Local) -> impl Iterator<Item = &Local> {
        self.borrowers.get(lender).into_iter().flatten()
    }

    /// Gives the Rollouts that use a workload's template the one that it has now.
    pub(super) fn lend(&mut self, lender: &Local, touches: &mut Touches) {
        let borrowers: Vec<Local> = self.borrowers.get(lender).into_iter().flatten().cloned().collect();
        for key in borrowers {
            let Some(borrower) = self.workloads.get(&key) else { continue };
            let template = self.template_of(lender);
            if borrower.template != template {
                let before = borrower.clone();
                self.touch_neighbours(Some(&before), touches);
                let changed = Workload { template, ..Workload::clone(&before) };
                self.workloads.set(&key, Some(changed));
                self.touch_neighbours(self.workloads.get(&key).map(std::sync::Arc::as_ref), touches);
                touches.insert(Touch::Namespace);
            }
            // Also where nothing is lent: why not is part of what is said.
            touches.insert(Touch::Workload(key));
        }
    }
}
