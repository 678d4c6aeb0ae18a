//! Which tool comes from which Go module, at which version, and what its build needs to be told.
//!
//! Not here: running Go.

use super::local;

/// A program that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// The store behind the API server.
    Etcd,
    /// The API server.
    KubeApiserver,
    /// The controllers: ServiceAccounts, Deployments, garbage collection and so on.
    KubeControllerManager,
    /// The scheduler.
    KubeScheduler,
    /// The command line client; kustomize is inside it.
    Kubectl,
    /// Plays the nodes and the life of pods.
    Kwok,
    /// The package manager, for tests of the chart.
    Helm,
    /// A neighbour that scores manifests, for comparisons.
    KubeScore,
    /// Answers as Kubernetes would, for differential tests; its sources are in this repository.
    Oracle,
}

impl Tool {
    /// The tools a cluster consists of.
    pub const CLUSTER: [Self; 6] = [
        Self::Etcd,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeScheduler,
        Self::Kubectl,
        Self::Kwok,
    ];

    /// The name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeScheduler => "kube-scheduler",
            Self::Kubectl => "kubectl",
            Self::Kwok => "kwok",
            Self::Helm => "helm",
            Self::KubeScore => "kube-score",
            Self::Oracle => "oracle",
        }
    }

    /// The version that is built when the tool is found nowhere.
    pub fn version(self) -> &'static str {
        match self {
            Self::Oracle => local::oracle_version(),
            _ => self.recipe().version,
        }
    }

    pub(super) fn recipe(self) -> &'static Recipe {
        match self {
            Self::Etcd => &ETCD,
            Self::KubeApiserver | Self::KubeControllerManager | Self::KubeScheduler | Self::Kubectl => {
                &KUBERNETES
            }
            Self::Kwok => &KWOK,
            Self::Helm => &HELM,
            Self::KubeScore => &KUBE_SCORE,
            Self::Oracle => &ORACLE,
        }
    }

    /// The Go package with the program's `main`.
    pub(super) fn package(self) -> String {
        let module = self.recipe().module;
        match self {
            // The server is the module's root.
            Self::Etcd => module.to_owned(),
            Self::Oracle => ".".to_owned(),
            _ => format!("{module}/cmd/{}", self.name()),
        }
    }

    /// The name `go build -o DIR/` gives the program.
    pub(super) fn built_name(self) -> &'static str {
        match self {
            Self::Etcd => "server",
            _ => self.name(),
        }
    }
}

/// How a Go module is built.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) module: &'static str,
    pub(super) version: &'static str,
    /// The folder of its sources where no proxy has the module.
    pub(super) folder: Option<&'static str>,
    /// Module paths whose replacement by a folder of the same repository stands for their published version:
    /// this one. Where it is None, such replacements are dropped, because the requirements name real versions.
    pub(super) staging: Option<&'static str>,
    pub(super) tags: &'static str,
    /// Package variables that hold the version.
    pub(super) stamp: &'static [(&'static str, &'static str)],
    /// Said in the progress: how long it takes on a small machine.
    pub(super) about: &'static str,
}

pub(super) const KUBERNETES: Recipe = Recipe {
    module: "k8s.io/kubernetes",
    version: "v1.36.3",
    folder: None,
    staging: Some("v0.36.3"),
    // Leaves out the cloud providers, which nobody needs on loopback.
    tags: "providerless",
    // Without these /version says "v0.0.0-master+$Format:%H$".
    stamp: &[
        ("k8s.io/component-base/version.gitVersion", "v1.36.3"),
        ("k8s.io/component-base/version.gitMajor", "1"),
        ("k8s.io/component-base/version.gitMinor", "36"),
        ("k8s.io/component-base/version.gitTreeState", "clean"),
        ("k8s.io/component-base/version.gitCommit", "module"),
        ("k8s.io/component-base/version.buildDate", "1970-01-01T00:00:00Z"),
        ("k8s.io/client-go/pkg/version.gitVersion", "v1.36.3"),
        ("k8s.io/client-go/pkg/version.gitMajor", "1"),
        ("k8s.io/client-go/pkg/version.gitMinor", "36"),
        ("k8s.io/client-go/pkg/version.gitTreeState", "clean"),
        ("k8s.io/client-go/pkg/version.gitCommit", "module"),
        ("k8s.io/client-go/pkg/version.buildDate", "1970-01-01T00:00:00Z"),
    ],
    about: "about 5 min on two cores",
};

pub(super) const ETCD: Recipe = Recipe {
    module: "go.etcd.io/etcd/server/v3",
    version: "v3.7.3",
    folder: None,
    staging: None,
    tags: "",
    stamp: &[],
    about: "about 2 min on two cores",
};

pub(super) const KWOK: Recipe = Recipe {
    module: "sigs.k8s.io/kwok",
    version: "v0.8.0",
    folder: None,
    staging: None,
    tags: "",
    stamp: &[],
    about: "about 80 s on two cores",
};

pub(super) const HELM: Recipe = Recipe {
    module: "helm.sh/helm/v4",
    version: "v4.3.1",
    folder: None,
    staging: None,
    tags: "",
    stamp: &[("helm.sh/helm/v4/internal/version.version", "v4.3.1")],
    about: "about 2 min on two cores",
};

pub(super) const KUBE_SCORE: Recipe = Recipe {
    module: "github.com/zegl/kube-score",
    version: "v1.20.0",
    folder: None,
    staging: None,
    tags: "",
    stamp: &[("main.version", "1.20.0")],
    about: "about 1 min on two cores",
};

pub(super) const ORACLE: Recipe = Recipe {
    module: "seaworthy.dev/oracle",
    // Its sources say which; see `Tool::version`.
    version: "",
    folder: Some(local::ORACLE),
    staging: None,
    tags: "",
    stamp: &[],
    about: "about 2 min on two cores",
};

/// In the order of building: the biggest first, because the others share packages with it.
pub(super) const RECIPES: [&Recipe; 6] = [&KUBERNETES, &ETCD, &KWOK, &HELM, &KUBE_SCORE, &ORACLE];

/// The stages of kwok that make nodes ready and pods run, below `kustomize/stage` of its module. kwok alone has
/// no stages, and ends without.
pub(super) const KWOK_STAGES: [&str; 5] = [
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
];
