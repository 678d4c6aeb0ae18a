//! missing-priority-class: pods that give way to any other.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, PriorityClass, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-priority-class",
    title: "Every workload has a priority class",
    category: Category::Availability,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["SE-13", "PE"],
    remediation: "Set priorityClassName, or give the cluster a PriorityClass that is its global default.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_priority_class.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.template.spec.priority_class_name.is_empty() {
        return Verdict::Pass;
    }
    let classes = cx.reaching::<PriorityClass>(Kind::PriorityClass);
    if classes.iter().any(|class| class.global_default) {
        return Verdict::Pass;
    }
    let message = "it has no priority class, and no PriorityClass is the global default: when nodes run full, its pods give \
                   way to any that have one; set priorityClassName";
    Verdict::fail(Finding::new(message).field(workload.pod_field("priorityClassName")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decoded, decode};
    use crate::model::{Inventory, Text};

    // A global default concerns the whole cluster, so it cannot stand beside the examples of other pages.
    #[test]
    fn a_global_default_is_a_class_of_every_pod() {
        let mut inventory = Inventory::offline(true);
        let mut judged_with = |default: bool| {
            let class = format!(r#"{{"metadata":{{"name":"c"}},"globalDefault":{default},"value":1}}"#);
            let deployment = r#"{"metadata":{"name":"api","namespace":"shop"}}"#;
            for (kind, json) in [(Kind::PriorityClass, class.as_str()), (Kind::Deployment, deployment)] {
                let Ok(Decoded::Record(record)) = decode(kind, json, "") else { panic!("a {kind}") };
                inventory.apply(record);
            }
            let namespace = Text::new("shop");
            let cx = Context::new(&inventory, &namespace, jiff::Timestamp::UNIX_EPOCH);
            let workload = cx.workload(Kind::Deployment, &Text::new("api")).unwrap();
            judge(&cx, &NoParams {}, workload)
        };
        assert!(matches!(judged_with(false), Verdict::Fail(_)));
        assert_eq!(judged_with(true), Verdict::Pass);
    }
}
