//! Who may connect to whom under the policies that stand, by the simulator of `model::network`, which is compared with
//! another implementation in `e2e/tests/live/oracle`.
//!
//! Not its job: which flows a preset promises (`generated`).

use std::net::IpAddr;

use seaworthy::model::{Endpoint, Flow, Labels, NetworkPolicy, Party, PodLabels, Protocol, Text};

use super::*;

/// An end of a flow: a pod by namespace and labels, or an address that is no pod's.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Side {
    Pod(String, Vec<(String, String)>),
    Address(&'static str),
}

/// A flow.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) from: Side,
    pub(super) to: Side,
    pub(super) protocol: Protocol,
    pub(super) port: i64,
}

impl Wanted {
    pub(super) fn tcp(from: &Side, to: &Side, port: i64) -> Self {
        Self { from: from.clone(), to: to.clone(), protocol: Protocol::Tcp, port }
    }

    /// Whether policies let it through, in a cluster whose namespaces have these labels.
    pub(super) fn is_kept(&self, policies: &[NetworkPolicy], labels_of: &dyn Fn(&str) -> Labels) -> bool {
        let known = |side: &Side| match side {
            Side::Pod(namespace, labels) => {
                let text = |(key, value): &(String, String)| (Text::new(key), Text::new(value));
                (Text::new(namespace), labels.iter().map(text).collect::<Labels>(), labels_of(namespace))
            }
            Side::Address(_) => (Text::default(), Labels::default(), Labels::default()),
        };
        let (from, to) = (known(&self.from), known(&self.to));
        let (of_from, of_to) = (|| from.2.clone(), || to.2.clone());
        let flow = Flow {
            from: party(&self.from, &from, &of_from),
            to: party(&self.to, &to, &of_to),
            protocol: self.protocol,
            port: self.port,
            named: &|_| Vec::new(),
        };
        flow.under(policies).is_allowed() == Some(true)
    }
}

fn party<'a>(
    side: &Side,
    (namespace, labels, _): &'a (Text, Labels, Labels),
    namespace_labels: &'a dyn Fn() -> Labels,
) -> Party<'a> {
    match side {
        // No pod here has an address that a rule is about, so that only selectors can allow it.
        Side::Pod(..) => Party::pod_at(
            Endpoint { namespace, namespace_labels, labels: PodLabels::OfPod(labels) },
            IpAddr::from([10, 244, 0, 7]),
        ),
        Side::Address(address) => Party::outside(address.parse().unwrap()),
    }
}

/// The policies that stand.
pub(super) fn policies_of(objects: &[Value]) -> Vec<NetworkPolicy> {
    use seaworthy::decode::{Decoded, decode};
    use seaworthy::model::Record;

    let networks = objects.iter().filter(|object| object["kind"] == "NetworkPolicy");
    let read = |json: &Value| match decode(Kind::NetworkPolicy, &json.to_string(), "") {
        Ok(Decoded::Record(Record::NetworkPolicy(policy))) => policy,
        other => panic!("{other:?}"),
    };
    networks.map(read).collect()
}

#[test]
fn a_policy_for_each_preset_would_cut_users_off_on_the_way() {
    // What the four objects avoid: a policy that allows isolates as well, and whatever a later one would have allowed.
    let same = json!({"kind": "NetworkPolicy", "metadata": {"name": "same", "namespace": "shop"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]}});
    let from = json!({"kind": "NetworkPolicy", "metadata": {"name": "from", "namespace": "shop"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"namespaceSelector":
            {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}]}]}});
    let side = |namespace: &str| Side::Pod(namespace.to_owned(), Vec::new());
    let users = Wanted::tcp(&side("ingress"), &side("shop"), 8080);
    let kept = |objects: &[Value]| users.is_kept(&policies_of(objects), &|_| Labels::default());
    assert!(kept(&[]) && kept(&[same.clone(), from]) && !kept(&[same]));
    // With ours they are never cut off, and others are at the end.
    let made = standing(&everything());
    for steps in 0..=made.len() {
        assert!(kept(&made[..steps]), "after {steps}");
    }
    let others = Wanted::tcp(&side("bank"), &side("shop"), 8080);
    assert!(!others.is_kept(&policies_of(&made), &|_| Labels::default()));
}
