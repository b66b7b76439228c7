//! The table of built-in kinds. Names, scopes and subresources as `/apis` of a real server lists them, selectable
//! fields as `AddFieldLabelConversionFunc` of each group registers them (`pkg/apis/*/v1/conversion.go`).

use super::{Admit, Kind, Rules, Subresource};

const STATUS: &[Subresource] = &[Subresource::Status];
const SCALE: &[Subresource] = &[Subresource::Status, Subresource::Scale];
const NONE: &[Subresource] = &[];

/// A kind in a namespace that is stored as it comes.
const fn stored(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
) -> Kind {
    Kind {
        group,
        version,
        kind,
        plural,
        short: &[],
        categories: &[],
        namespaced: true,
        subresources: NONE,
        generation_since: None,
        keeps_status: false,
        upsert: false,
        conditional: false,
        orphans: false,
        returns_deleted: false,
        selectable: &[],
        index: "metadata.name",
        rules: Rules::STORED,
    }
}

impl Kind {
    const fn short(mut self, short: &'static [&'static str]) -> Self {
        self.short = short;
        self
    }

    const fn all(mut self) -> Self {
        self.categories = &["all"];
        self
    }

    const fn cluster(mut self) -> Self {
        self.namespaced = false;
        self
    }

    const fn subresources(mut self, subresources: &'static [Subresource]) -> Self {
        self.subresources = subresources;
        self
    }

    const fn generation(self) -> Self {
        self.generation_since(0)
    }

    const fn generation_since(mut self, minor: u32) -> Self {
        self.generation_since = Some(minor);
        self
    }

    const fn keeps_status(mut self) -> Self {
        self.keeps_status = true;
        self
    }

    const fn upsert(mut self) -> Self {
        self.upsert = true;
        self
    }

    const fn conditional(mut self) -> Self {
        self.conditional = true;
        self
    }

    const fn orphans(mut self) -> Self {
        self.orphans = true;
        self
    }

    const fn returns_deleted(mut self) -> Self {
        self.returns_deleted = true;
        self
    }

    const fn selectable(mut self, fields: &'static [&'static str]) -> Self {
        self.selectable = fields;
        self
    }

    const fn index(mut self, field: &'static str) -> Self {
        self.index = field;
        self
    }

    const fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }
}

const POD: Rules = Rules { admit: Admit::Pod, ..Rules::STORED };
const SERVICE: Rules = Rules { admit: Admit::Service, ..Rules::STORED };
const NAMESPACE: Rules = Rules { admit: Admit::Namespace, ..Rules::STORED };

const RBAC: &str = "rbac.authorization.k8s.io";
const STORAGE: &str = "storage.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Every kind that is served.
pub static KINDS: &[Kind] = &[
    stored("", "v1", "Pod", "pods")
        .short(&["po"])
        .all()
        .subresources(&[
            Subresource::Status,
            Subresource::Binding,
            Subresource::Eviction,
            Subresource::EphemeralContainers,
        ])
        .generation_since(33)
        .returns_deleted()
        .selectable(&[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ])
        .index("spec.nodeName")
        .rules(POD),
    stored("", "v1", "Node", "nodes")
        .keeps_status()
        .short(&["no"])
        .cluster()
        .subresources(STATUS)
        .selectable(&["spec.unschedulable"]),
    stored("", "v1", "Namespace", "namespaces")
        .returns_deleted()
        .short(&["ns"])
        .cluster()
        .subresources(&[Subresource::Status, Subresource::Finalize])
        .selectable(&["status.phase"])
        .rules(NAMESPACE),
    stored("", "v1", "Service", "services")
        .upsert()
        .returns_deleted()
        .short(&["svc"])
        .all()
        .subresources(STATUS)
        .selectable(&["spec.clusterIP", "spec.type"])
        .rules(SERVICE),
    stored("", "v1", "Endpoints", "endpoints").upsert().short(&["ep"]),
    stored("", "v1", "ConfigMap", "configmaps").short(&["cm"]),
    stored("", "v1", "Secret", "secrets").selectable(&["type"]),
    stored("", "v1", "ServiceAccount", "serviceaccounts").returns_deleted().short(&["sa"]),
    stored("", "v1", "Event", "events").upsert().short(&["ev"]).selectable(&[
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ]),
    stored("", "v1", "PersistentVolume", "persistentvolumes")
        .returns_deleted()
        .short(&["pv"])
        .cluster()
        .subresources(STATUS),
    stored("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
        .returns_deleted()
        .short(&["pvc"])
        .subresources(STATUS),
    stored("", "v1", "ReplicationController", "replicationcontrollers")
        .orphans()
        .short(&["rc"])
        .all()
        .subresources(SCALE)
        .generation()
        .selectable(&["status.replicas"]),
    stored("", "v1", "LimitRange", "limitranges").upsert().short(&["limits"]),
    stored("", "v1", "ResourceQuota", "resourcequotas")
        .returns_deleted()
        .short(&["quota"])
        .subresources(STATUS),
    stored("", "v1", "PodTemplate", "podtemplates").returns_deleted(),
    stored("apps", "v1", "Deployment", "deployments")
        .short(&["deploy"])
        .all()
        .subresources(SCALE)
        .generation(),
    stored("apps", "v1", "ReplicaSet", "replicasets")
        .short(&["rs"])
        .all()
        .subresources(SCALE)
        .generation()
        .selectable(&["status.replicas"]),
    stored("apps", "v1", "DaemonSet", "daemonsets").short(&["ds"]).all().subresources(STATUS).generation(),
    stored("apps", "v1", "StatefulSet", "statefulsets")
        .short(&["sts"])
        .all()
        .subresources(SCALE)
        .generation(),
    stored("apps", "v1", "ControllerRevision", "controllerrevisions"),
    stored("batch", "v1", "Job", "jobs")
        .orphans()
        .all()
        .subresources(STATUS)
        .generation()
        .selectable(&["status.successful"]),
    stored("batch", "v1", "CronJob", "cronjobs").short(&["cj"]).all().subresources(STATUS).generation(),
    stored("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
        .short(&["hpa"])
        .all()
        .subresources(STATUS),
    stored("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices").generation(),
    stored("coordination.k8s.io", "v1", "Lease", "leases").conditional().upsert(),
    stored("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses").conditional().upsert().cluster(),
    stored("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
        .conditional()
        .short(&["pdb"])
        .subresources(STATUS)
        .generation(),
    stored("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses")
        .short(&["pc"])
        .cluster()
        .generation(),
    stored(NETWORKING, "v1", "NetworkPolicy", "networkpolicies").short(&["netpol"]).generation(),
    stored(NETWORKING, "v1", "Ingress", "ingresses").short(&["ing"]).subresources(STATUS).generation(),
    stored(NETWORKING, "v1", "IngressClass", "ingressclasses").cluster().generation(),
    stored(RBAC, "v1", "Role", "roles").upsert(),
    stored(RBAC, "v1", "RoleBinding", "rolebindings").upsert(),
    stored(RBAC, "v1", "ClusterRole", "clusterroles").upsert().cluster(),
    stored(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings").upsert().cluster(),
    stored(STORAGE, "v1", "StorageClass", "storageclasses").returns_deleted().short(&["sc"]).cluster(),
    stored(STORAGE, "v1", "VolumeAttachment", "volumeattachments")
        .conditional()
        .returns_deleted()
        .cluster()
        .subresources(STATUS),
    stored(STORAGE, "v1", "CSIDriver", "csidrivers").conditional().returns_deleted().cluster(),
    stored(STORAGE, "v1", "CSINode", "csinodes").conditional().returns_deleted().cluster(),
    stored(STORAGE, "v1", "CSIStorageCapacity", "csistoragecapacities").conditional(),
    stored("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests")
        .short(&["csr"])
        .cluster()
        .subresources(STATUS)
        .selectable(&["spec.signerName"]),
    stored(ADMISSION, "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations")
        .conditional()
        .cluster()
        .generation(),
    stored(ADMISSION, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations")
        .conditional()
        .cluster()
        .generation(),
];
