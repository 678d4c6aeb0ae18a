//! Applications by the thousand: the same ones on every machine and in every run, with good and bad habits.
//!
//! One file each, with a Deployment, a Service and something that varies. Number `i` is the same whatever the
//! number of others, so that a bigger set holds a smaller one. Not its job: what is done with them.

use std::fmt::Write as _;

use e2e::Random;

/// Applications in a namespace.
pub(super) const PER_NAMESPACE: u32 = 50;

/// An application.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) namespace: String,
    pub(super) name: String,
    /// As in its spec.
    pub(super) replicas: u32,
    /// What varies.
    pub(super) third: Third,
    /// A YAML document each.
    pub(super) documents: [String; 3],
}

/// The third document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Third {
    Autoscaler,
    Budget,
    NetworkPolicy,
    ConfigMap,
}

impl App {
    /// Number `index`.
    pub(super) fn new(index: u32) -> Self {
        let mut draw = Random(u64::from(index).wrapping_mul(0x2545_f491_4f6c_dd1d));
        let words = ["cart", "checkout", "search", "catalog", "billing", "mailer", "profile", "stock"];
        let name = format!("{}-{index:05}", draw.pick(&words));
        let namespace = format!("team-{:03}", index / PER_NAMESPACE);
        let third = match index % 4 {
            0 => Third::Autoscaler,
            1 => Third::Budget,
            2 => Third::NetworkPolicy,
            _ => Third::ConfigMap,
        };
        let replicas =
            if draw.percent(30) { 1 } else { 2 + u32::try_from(draw.below(2)).unwrap_or_default() };
        let documents = [
            deployment(&mut draw, &namespace, &name, replicas),
            service(&mut draw, &namespace, &name),
            // Every second team has one policy for all that it runs.
            varying(third, &namespace, &name, index % (2 * PER_NAMESPACE) == 2),
        ];
        Self { namespace, name, replicas, third, documents }
    }

    /// The file.
    pub(super) fn file(&self) -> String {
        self.documents.join("---\n")
    }
}

/// The head that all documents share.
fn head(api_version: &str, kind: &str, namespace: &str, name: &str) -> String {
    format!("apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: {namespace}\n")
}

fn deployment(draw: &mut Random, namespace: &str, name: &str, replicas: u32) -> String {
    let mut yaml = head("apps/v1", "Deployment", namespace, name);
    let _ = write!(yaml, "  labels:\n    app.kubernetes.io/name: {name}\n");
    if draw.percent(55) {
        let _ = writeln!(yaml, "    app.kubernetes.io/part-of: {namespace}");
    }
    let _ = write!(
        yaml,
        "spec:\n  replicas: {replicas}\n  selector:\n    matchLabels:\n      app: {name}\n  \
         template:\n    metadata:\n      labels:\n        app: {name}\n    spec:\n"
    );
    if draw.percent(70) {
        yaml.push_str(
            "      automountServiceAccountToken: false\n      securityContext:\n        runAsNonRoot: true\n",
        );
        yaml.push_str("        runAsUser: 10001\n        seccompProfile:\n          type: RuntimeDefault\n");
    }
    if draw.percent(40) {
        let _ = write!(
            yaml,
            "      topologySpreadConstraints:\n      - topologyKey: kubernetes.io/hostname\n        maxSkew: 1\n        \
             whenUnsatisfiable: ScheduleAnyway\n        labelSelector:\n          matchLabels:\n            \
             app: {name}\n"
        );
    }
    let tag = match draw.below(20) {
        0 | 1 => ":latest".to_owned(),
        2 => String::new(),
        _ => format!(":{}.{}.{}", draw.below(4), draw.below(30), draw.below(10)),
    };
    let _ = write!(
        yaml,
        "      containers:\n      - name: app\n        image: registry.example.com/{name}{tag}\n        \
         ports:\n        - name: http\n          containerPort: 8080\n"
    );
    let variables = draw.below(3);
    if variables > 0 {
        yaml.push_str("        env:\n");
    }
    for number in 0..variables {
        let _ =
            write!(yaml, "        - name: SETTING_{number}\n          value: http://s{number}.{namespace}\n");
    }
    if draw.percent(75) {
        yaml.push_str("        readinessProbe:\n          httpGet: {path: /readyz, port: http}\n          periodSeconds: 5\n");
        yaml.push_str(
            "        livenessProbe:\n          httpGet:\n            path: /livez\n            port: http\n",
        );
    }
    if draw.percent(80) {
        let cpu = draw.pick(&["50m", "100m", "200m"]);
        let (memory, twice) = draw.pick(&[("64Mi", "128Mi"), ("128Mi", "256Mi"), ("192Mi", "384Mi")]);
        // Half of the limits are what somebody once copied.
        let limit = if draw.percent(50) { twice } else { "512Mi" };
        let _ = write!(
            yaml,
            "        resources:\n          requests:\n            cpu: {cpu}\n            memory: {memory}\n          \
             limits:\n            memory: {limit}\n"
        );
    }
    if draw.percent(50) {
        yaml.push_str(
            "        lifecycle:\n          preStop:\n            sleep:\n              seconds: 10\n",
        );
    }
    if draw.percent(60) {
        yaml.push_str("        securityContext:\n          allowPrivilegeEscalation: false\n");
        yaml.push_str(
            "          readOnlyRootFilesystem: true\n          capabilities:\n            drop: [ALL]\n",
        );
    }
    yaml
}

fn service(draw: &mut Random, namespace: &str, name: &str) -> String {
    let mut yaml = head("v1", "Service", namespace, name);
    // Some select what nobody is called any more.
    let selected = if draw.percent(95) { name } else { "gone" };
    let _ = write!(
        yaml,
        "spec:\n  selector:\n    app: {selected}\n  ports:\n  - name: http\n    port: 80\n    \
         targetPort: http\n"
    );
    yaml
}

fn varying(third: Third, namespace: &str, name: &str, for_all: bool) -> String {
    let selector = if for_all { "{}".to_owned() } else { format!("\n    matchLabels:\n      app: {name}") };
    let (mut yaml, rest) = match third {
        Third::Autoscaler => (
            head("autoscaling/v2", "HorizontalPodAutoscaler", namespace, name),
            format!(
                "spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {name}\n  \
                 minReplicas: 2\n  maxReplicas: 8\n  metrics:\n  - type: Resource\n    resource:\n      name: cpu\n      \
                 target:\n        type: Utilization\n        averageUtilization: 70\n"
            ),
        ),
        Third::Budget => (
            head("policy/v1", "PodDisruptionBudget", namespace, name),
            format!("spec:\n  maxUnavailable: 1\n  selector: {selector}\n"),
        ),
        Third::NetworkPolicy => (
            head("networking.k8s.io/v1", "NetworkPolicy", namespace, name),
            format!(
                "spec:\n  podSelector: {selector}\n  policyTypes: [Ingress]\n  \
                 ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          role: frontend\n    ports:\n    - \
                 port: 8080\n"
            ),
        ),
        Third::ConfigMap => (
            head("v1", "ConfigMap", namespace, name),
            "data:\n  LOG_LEVEL: info\n  TIMEOUT: \"30\"\n  config.yaml: |\n    cache:\n      size: 1000\n      ttl: 60s\n    \
             tracing:\n      enabled: true\n"
                .to_owned(),
        ),
    };
    yaml.push_str(&rest);
    yaml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_always_the_same_and_reads_as_three_objects() {
        for index in 0..40 {
            let app = App::new(index);
            assert_eq!(app.file(), App::new(index).file());
            for document in &app.documents {
                let object: serde_json::Value = serde_saphyr::from_str(document).unwrap();
                assert_eq!(object["metadata"]["name"], app.name.as_str(), "{document}");
                assert_eq!(object["metadata"]["namespace"], app.namespace.as_str(), "{document}");
            }
        }
    }

    #[test]
    fn ten_thousand_are_as_big_as_real_ones() {
        let bytes: usize = (0..10_000).map(|index| App::new(index).file().len()).sum();
        assert!((13_000_000..16_000_000).contains(&bytes), "{bytes}");
    }
}
