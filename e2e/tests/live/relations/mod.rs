//! Reports follow the cluster: related objects, labels of namespaces, policies, edits by others, bursts.
//!
//! One cluster with all its controllers and one Seaworthy controller serve all parts, each in a namespace of its own
//! and under a policy of its own. "Correct" always means: the very reports that the offline audit makes of everything
//! that the API server holds at that moment.
//! Not its job: what each check says (`parity`), or what a policy may look like (`api.rs`).

mod burst;
mod lifecycle;
mod related;
mod world;

use e2e::{Cluster, Controller};

use world::World;

#[tokio::test(flavor = "multi_thread")]
async fn reports_follow_the_cluster() {
    let cluster = Cluster::builder().name("relations").nodes(3).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let controller = Controller::start(&cluster).await.unwrap();
    let world = World::new(&cluster);

    related::each_related_object_changes_exactly_the_reports_concerned(&world).await;
    lifecycle::verdicts_events_and_status(&world).await;
    lifecycle::edited_and_deleted_reports_are_restored(&world).await;
    lifecycle::labels_of_namespaces_take_reports_away_and_bring_them_back(&world).await;
    lifecycle::policies_come_and_go(&world).await;
    let controller = burst::a_burst_ends_in_correct_reports(&world, controller).await;
    lifecycle::the_last_policy_takes_all_reports_with_it(&world).await;

    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
