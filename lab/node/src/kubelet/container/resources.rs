//! Limits as each system takes them (`pkg/kubelet/kuberuntime/kuberuntime_container_{linux,windows}.go`).

use winlab_kube_client::k8s::core::{Container, Pod};
use winlab_kube_client::quantity;

use crate::cri::{LinuxContainerResources, WindowsContainerResources};
use crate::kubelet::pod::facts::{PodFacts, limit, qos_class, request};

/// CFS period in microseconds.
const PERIOD: i64 = 100_000;

/// Linux: shares from requests, quota from limits.
pub(crate) fn linux(pod: &Pod, container: &Container, memory_capacity: u64) -> LinuxContainerResources {
    let cpu_limit = limit(container, "cpu").map_or(0, quantity::milli);
    let cpu_request = request(container, "cpu").map_or(cpu_limit, quantity::milli);
    LinuxContainerResources {
        cpu_period: PERIOD,
        cpu_quota: if cpu_limit == 0 { 0 } else { (cpu_limit * PERIOD / 1000).max(1000) },
        cpu_shares: (cpu_request * 1024 / 1000).clamp(2, 262_144),
        memory_limit_in_bytes: limit(container, "memory").map_or(0, quantity::value),
        oom_score_adj: oom_score(pod, container, memory_capacity),
    }
}

/// Who is killed first when memory runs out (`pkg/kubelet/qos/policy.go`).
fn oom_score(pod: &Pod, container: &Container, capacity: u64) -> i64 {
    match qos_class(pod.spec()) {
        "Guaranteed" => -997,
        "BestEffort" => 1000,
        _ => {
            let asked = request(container, "memory").map_or(0, quantity::value);
            let capacity = i64::try_from(capacity.max(1)).unwrap_or(i64::MAX);
            let share = i128::from(asked) * 1000 / i128::from(capacity);
            (1000 - i64::try_from(share).unwrap_or(0)).clamp(2, 999)
        }
    }
}

/// Windows: a share of the whole host in ten-thousandths, and bytes. Requests are not enforced.
pub(crate) fn windows(container: &Container, processors: u32) -> WindowsContainerResources {
    let cpu = limit(container, "cpu").map_or(0, quantity::milli);
    WindowsContainerResources {
        cpu_maximum: if cpu == 0 { 0 } else { (10 * cpu / i64::from(processors.max(1))).clamp(1, 10_000) },
        memory_limit_in_bytes: limit(container, "memory").map_or(0, quantity::value),
        ..WindowsContainerResources::default()
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::{Container, Pod};

    use super::{linux, windows};

    #[test]
    fn limits_of_both_systems() {
        let container: Container =
            doc!({"name": "a", "resources": {"limits": {"cpu": "500m", "memory": "128Mi"}, "requests": {"cpu": "250m"}}})
                .decode()
                .unwrap();
        let resources = windows(&container, 4);
        assert_eq!((resources.cpu_maximum, resources.memory_limit_in_bytes), (1250, 128 << 20));
        let pod = Pod::default();
        let resources = linux(&pod, &container, 8 << 30);
        assert_eq!((resources.cpu_quota, resources.cpu_shares), (50_000, 256));
        let none: Container = doc!({"name": "a"}).decode().unwrap();
        assert_eq!(windows(&none, 4).cpu_maximum, 0);
    }
}
