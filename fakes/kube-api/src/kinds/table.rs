//! The table of built-in kinds. Names, scopes and subresources as `/apis` of a real server lists them, selectable
//! fields as `AddFieldLabelConversionFunc` of each group registers them (`pkg/apis/*/v1/conversion.go`).

use super::{Admit, Kind, Rules, Subresource};
use crate::{defaults, validate};

const STATUS: &[Subresource] = &[Subresource::Status];
const SCALE: &[Subresource] = &[Subresource::Status, Subresource::Scale];
const NONE: &[Subresource] = &[];

/// A kind in a namespace that is stored as it comes.
pub(crate) const fn stored(
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
        since: 0,
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
    pub(crate) const fn short(mut self, short: &'static [&'static str]) -> Self {
        self.short = short;
        self
    }

    const fn all(mut self) -> Self {
        self.categories = &["all"];
        self
    }

    const fn since(mut self, minor: u32) -> Self {
        self.since = minor;
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

const POD: Rules = Rules {
    admit: Admit::Pod,
    prepare: defaults::prepare_pod,
    default: defaults::pod,
    validate: validate::pod,
    validate_update: validate::pod_update,
};
const SERVICE: Rules = Rules {
    admit: Admit::Service,
    prepare: defaults::prepare_service,
    default: defaults::service,
    validate: validate::service,
    validate_update: validate::service_update,
};
const NAMESPACE: Rules = Rules {
    admit: Admit::Namespace,
    prepare: defaults::prepare_namespace,
    default: defaults::namespace,
    ..Rules::STORED
};
const NODE: Rules = Rules {
    default: defaults::node,
    validate: validate::node,
    validate_update: validate::node_update,
    ..Rules::STORED
};
const ENDPOINTS: Rules = Rules { default: defaults::endpoints, ..Rules::STORED };
const CONFIG_MAP: Rules =
    Rules { validate: validate::config_map, validate_update: validate::config_map_update, ..Rules::STORED };
const SECRET: Rules = Rules {
    default: defaults::secret,
    validate: validate::secret,
    validate_update: validate::secret_update,
    ..Rules::STORED
};
const VOLUME: Rules = Rules { default: defaults::persistent_volume, ..Rules::STORED };
const CLAIM: Rules = Rules { default: defaults::claim, ..Rules::STORED };
const CONTROLLER: Rules = Rules { default: defaults::replication_controller, ..Rules::STORED };
const POD_TEMPLATE: Rules = Rules { default: defaults::pod_template, ..Rules::STORED };
const DEPLOYMENT: Rules = Rules {
    default: defaults::deployment,
    validate: validate::deployment,
    validate_update: validate::deployment_update,
    ..Rules::STORED
};
const REPLICA_SET: Rules = Rules {
    default: defaults::replica_set,
    validate: validate::replica_set,
    validate_update: validate::replica_set_update,
    ..Rules::STORED
};
const DAEMON_SET: Rules = Rules {
    prepare: defaults::prepare_daemon_set,
    default: defaults::daemon_set,
    validate: validate::daemon_set,
    validate_update: validate::daemon_set_update,
    ..Rules::STORED
};
const STATEFUL_SET: Rules = Rules {
    default: defaults::stateful_set,
    validate: validate::stateful_set,
    validate_update: validate::stateful_set_update,
    ..Rules::STORED
};
const JOB: Rules = Rules {
    prepare: defaults::prepare_job,
    default: defaults::job,
    validate: validate::job,
    validate_update: validate::job_update,
    ..Rules::STORED
};
const CRON_JOB: Rules = Rules { default: defaults::cron_job, validate: validate::cron_job, ..Rules::STORED };
const SLICE: Rules = Rules {
    default: defaults::endpoint_slice,
    validate: validate::endpoint_slice,
    validate_update: validate::endpoint_slice_update,
    ..Rules::STORED
};
const EVENT: Rules = Rules { validate: validate::event, ..Rules::STORED };
const LEASE: Rules = Rules { validate: validate::lease, ..Rules::STORED };
const RUNTIME_CLASS: Rules = Rules {
    validate: validate::runtime_class,
    validate_update: validate::runtime_class_update,
    ..Rules::STORED
};
const BUDGET: Rules = Rules { validate: validate::disruption_budget, ..Rules::STORED };
const PRIORITY_CLASS: Rules = Rules {
    default: defaults::priority_class,
    validate: validate::priority_class,
    validate_update: validate::priority_class_update,
    ..Rules::STORED
};
const SIGNING_REQUEST: Rules =
    Rules { admit: Admit::SigningRequest, validate: validate::signing_request, ..Rules::STORED };
const SERVICE_CIDR: Rules = Rules {
    validate: validate::service_cidr,
    validate_update: validate::service_cidr_update,
    ..Rules::STORED
};
const IP_ADDRESS: Rules =
    Rules { validate: validate::ip_address, validate_update: validate::ip_address_update, ..Rules::STORED };
const NETWORK_POLICY: Rules = Rules { default: defaults::network_policy, ..Rules::STORED };

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
            Subresource::Log,
            Subresource::Exec,
            Subresource::Attach,
            Subresource::PortForward,
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
        .rules(NODE)
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
    stored("", "v1", "Endpoints", "endpoints").rules(ENDPOINTS).upsert().short(&["ep"]),
    stored("", "v1", "ConfigMap", "configmaps").rules(CONFIG_MAP).short(&["cm"]),
    stored("", "v1", "Secret", "secrets").rules(SECRET).selectable(&["type"]),
    stored("", "v1", "ServiceAccount", "serviceaccounts")
        .returns_deleted()
        .short(&["sa"])
        .subresources(&[Subresource::Token]),
    stored("", "v1", "Event", "events").rules(EVENT).upsert().short(&["ev"]).selectable(&[
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
        .rules(VOLUME)
        .returns_deleted()
        .short(&["pv"])
        .cluster()
        .subresources(STATUS),
    stored("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
        .rules(CLAIM)
        .returns_deleted()
        .short(&["pvc"])
        .subresources(STATUS),
    stored("", "v1", "ReplicationController", "replicationcontrollers")
        .rules(CONTROLLER)
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
    stored("", "v1", "PodTemplate", "podtemplates").rules(POD_TEMPLATE).returns_deleted(),
    stored("apps", "v1", "Deployment", "deployments")
        .rules(DEPLOYMENT)
        .short(&["deploy"])
        .all()
        .subresources(SCALE)
        .generation(),
    stored("apps", "v1", "ReplicaSet", "replicasets")
        .rules(REPLICA_SET)
        .short(&["rs"])
        .all()
        .subresources(SCALE)
        .generation()
        .selectable(&["status.replicas"]),
    stored("apps", "v1", "DaemonSet", "daemonsets")
        .rules(DAEMON_SET)
        .short(&["ds"])
        .all()
        .subresources(STATUS)
        .generation(),
    stored("apps", "v1", "StatefulSet", "statefulsets")
        .rules(STATEFUL_SET)
        .short(&["sts"])
        .all()
        .subresources(SCALE)
        .generation(),
    stored("apps", "v1", "ControllerRevision", "controllerrevisions"),
    stored("batch", "v1", "Job", "jobs")
        .rules(JOB)
        .orphans()
        .all()
        .subresources(STATUS)
        .generation()
        .selectable(&["status.successful"]),
    stored("batch", "v1", "CronJob", "cronjobs")
        .rules(CRON_JOB)
        .short(&["cj"])
        .all()
        .subresources(STATUS)
        .generation(),
    stored("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
        .short(&["hpa"])
        .all()
        .subresources(STATUS),
    stored("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices").rules(SLICE).generation(),
    stored("coordination.k8s.io", "v1", "Lease", "leases").rules(LEASE).conditional().upsert(),
    stored("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses")
        .rules(RUNTIME_CLASS)
        .conditional()
        .upsert()
        .cluster(),
    stored("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
        .rules(BUDGET)
        .conditional()
        .short(&["pdb"])
        .subresources(STATUS)
        .generation(),
    stored("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses")
        .rules(PRIORITY_CLASS)
        .short(&["pc"])
        .cluster()
        .generation(),
    stored(NETWORKING, "v1", "NetworkPolicy", "networkpolicies")
        .rules(NETWORK_POLICY)
        .short(&["netpol"])
        .generation(),
    stored(NETWORKING, "v1", "Ingress", "ingresses").short(&["ing"]).subresources(STATUS).generation(),
    stored(NETWORKING, "v1", "IngressClass", "ingressclasses").cluster().generation(),
    stored(NETWORKING, "v1", "ServiceCIDR", "servicecidrs")
        .rules(SERVICE_CIDR)
        .cluster()
        .since(33)
        .subresources(STATUS),
    stored(NETWORKING, "v1", "IPAddress", "ipaddresses")
        .rules(IP_ADDRESS)
        .short(&["ip"])
        .cluster()
        .since(33)
        .selectable(&["spec.parentRef.name"]),
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
        .subresources(&[Subresource::Status, Subresource::Approval])
        .selectable(&["spec.signerName"])
        .rules(SIGNING_REQUEST),
    stored(ADMISSION, "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations")
        .conditional()
        .cluster()
        .generation(),
    stored(ADMISSION, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations")
        .conditional()
        .cluster()
        .generation(),
];
