//! What a pod's specification says, asked often.

use winlab_clock::VirtualInstant;
use winlab_kube_client::k8s::core::{Container, Pod, PodSpec, WindowsSecurityContextOptions};
use winlab_kube_client::quantity;

/// Reading a pod.
pub(crate) trait PodFacts {
    fn namespace(&self) -> &str;
    fn name(&self) -> &str;
    fn uid(&self) -> &str;
    fn spec(&self) -> &PodSpec;
    fn phase(&self) -> &str;
    /// `name_namespace(uid)`, as kubelet's messages name a pod.
    fn text(&self) -> String {
        format!("{}_{}({})", self.name(), self.namespace(), self.uid())
    }
    fn is_terminal(&self) -> bool {
        matches!(self.phase(), "Succeeded" | "Failed")
    }
    fn is_deleted(&self) -> bool;
    fn host_network(&self) -> bool {
        self.spec().host_network.unwrap_or(false)
    }
    fn init_containers(&self) -> &[Container] {
        self.spec().init_containers.as_deref().unwrap_or_default()
    }
    fn containers(&self) -> &[Container] {
        &self.spec().containers
    }
    /// A container or init container by name.
    fn container(&self, name: &str) -> Option<&Container> {
        self.containers().iter().chain(self.init_containers()).find(|container| container.name == name)
    }
    fn restart_policy(&self) -> &str {
        self.spec().restart_policy.as_deref().unwrap_or("Always")
    }
    /// Whether any container is a HostProcess container.
    fn has_host_process(&self) -> bool {
        self.containers()
            .iter()
            .chain(self.init_containers())
            .any(|container| is_host_process(self.spec(), container))
    }
}

impl PodFacts for Pod {
    fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or_default()
    }

    fn uid(&self) -> &str {
        self.metadata.uid.as_deref().unwrap_or_default()
    }

    fn spec(&self) -> &PodSpec {
        static NONE: std::sync::LazyLock<PodSpec> = std::sync::LazyLock::new(PodSpec::default);
        self.spec.as_ref().unwrap_or(&NONE)
    }

    fn phase(&self) -> &str {
        self.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or("Pending")
    }

    fn is_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }
}

/// A container's Windows options over the pod's.
pub(crate) fn windows_options(spec: &PodSpec, container: &Container) -> WindowsSecurityContextOptions {
    let pod = spec.security_context.as_ref().and_then(|context| context.windows_options.clone());
    let own = container.security_context.as_ref().and_then(|context| context.windows_options.clone());
    let (pod, own) = (pod.unwrap_or_default(), own.unwrap_or_default());
    WindowsSecurityContextOptions {
        gmsa_credential_spec: own.gmsa_credential_spec.or(pod.gmsa_credential_spec),
        gmsa_credential_spec_name: own.gmsa_credential_spec_name.or(pod.gmsa_credential_spec_name),
        host_process: own.host_process.or(pod.host_process),
        run_as_user_name: own.run_as_user_name.or(pod.run_as_user_name),
    }
}

/// Whether a container is a HostProcess container.
pub(crate) fn is_host_process(spec: &PodSpec, container: &Container) -> bool {
    windows_options(spec, container).host_process.unwrap_or(false)
}

/// A limit or request of a container.
pub(crate) fn limit<'a>(container: &'a Container, name: &str) -> Option<&'a str> {
    let limits = container.resources.as_ref()?.limits.as_ref()?;
    limits.get(name).map(|quantity| quantity.0.as_str())
}

pub(crate) fn request<'a>(container: &'a Container, name: &str) -> Option<&'a str> {
    let requests = container.resources.as_ref()?.requests.as_ref()?;
    requests.get(name).map(|quantity| quantity.0.as_str())
}

/// The class that decides who is evicted first (`pkg/apis/core/v1/helper/qos`).
pub(crate) fn qos_class(spec: &PodSpec) -> &'static str {
    let all = || spec.containers.iter().chain(spec.init_containers.as_deref().unwrap_or_default());
    let set = |text: Option<&str>| text.is_some_and(|text| quantity::milli(text) > 0);
    let names = ["cpu", "memory"];
    let any = all().any(|c| names.iter().any(|name| set(limit(c, name)) || set(request(c, name))));
    if !any {
        return "BestEffort";
    }
    let guaranteed = all().all(|c| {
        names.iter().all(|name| {
            let (limit, request) = (limit(c, name), request(c, name));
            set(limit)
                && (request.is_none()
                    || quantity::milli(request.unwrap_or("")) == quantity::milli(limit.unwrap_or("")))
        })
    });
    if guaranteed { "Guaranteed" } else { "Burstable" }
}

/// A fingerprint of what makes a container another one: name and image (`pkg/kubelet/container/helpers.go`,
/// HashContainer). The number differs from upstream's, which hashes Go's representation.
pub(crate) fn container_hash(container: &Container) -> String {
    let image = container.image.as_deref().unwrap_or_default();
    let mut hash = 0x811c_9dc5_u32;
    for byte in container.name.bytes().chain([0]).chain(image.bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    format!("{hash:x}")
}

/// The moment of the lab that a CRI timestamp means.
pub(crate) fn instant(clock: &winlab_clock::Clock, nanos: i64) -> VirtualInstant {
    let (now, date) = (clock.now(), clock.timestamp().as_nanosecond());
    let ago = u64::try_from((date - i128::from(nanos)).max(0)).unwrap_or(u64::MAX);
    VirtualInstant::from_nanos(now.as_nanos().saturating_sub(ago))
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::PodSpec;

    use super::qos_class;

    #[test]
    fn classes_of_service() {
        let class = |resources: winlab_document::Document| {
            let spec: PodSpec =
                doc!({"containers": [{"name": "a", "resources": resources}]}).decode().unwrap();
            qos_class(&spec)
        };
        assert_eq!(class(doc!({})), "BestEffort");
        assert_eq!(class(doc!({"limits": {"cpu": "1", "memory": "1Gi"}})), "Guaranteed");
        assert_eq!(class(doc!({"requests": {"cpu": "1"}})), "Burstable");
    }
}
