//! Whether the runtime and its network are ready (`pkg/kubelet/kubelet.go`, updateRuntimeUp).

use std::sync::Arc;

use winlab_clock::VirtualSpan;

use crate::cri::{NETWORK_READY, RUNTIME_READY, StatusResponse};
use crate::kubelet::core::{Kubelet, RuntimeState};

/// How often is looked.
const PERIOD: VirtualSpan = VirtualSpan::from_secs(5);

/// Looks for as long as the kubelet runs.
pub(crate) async fn watch_runtime(kubelet: Arc<Kubelet>) {
    loop {
        look(&kubelet).await;
        kubelet.clock.sleep(PERIOD).await;
    }
}

async fn look(kubelet: &Kubelet) {
    let status = match kubelet.cri() {
        Ok(cri) => cri.status().await,
        Err(error) => Err(error),
    };
    let now = match status {
        Ok(status) => state_of(&status),
        Err(error) => {
            kubelet.log.error(format_args!("Container runtime sanity check failed: {error}"));
            RuntimeState {
                runtime: Some("container runtime is down".to_owned()),
                ..kubelet.state.borrow().clone()
            }
        }
    };
    kubelet.state.send_if_modified(|state| {
        let changed = *state != now;
        *state = now;
        changed
    });
}

fn state_of(status: &StatusResponse) -> RuntimeState {
    let problem = |kind: &str| {
        let condition = status.condition(kind)?;
        (!condition.status)
            .then(|| format!("{kind}=false reason:{} message:{}", condition.reason, condition.message))
    };
    RuntimeState {
        runtime: problem(RUNTIME_READY).map(|text| format!("container runtime not ready: {text}")),
        network: problem(NETWORK_READY),
    }
}

#[cfg(test)]
mod tests {
    use super::state_of;
    use crate::cri::{NETWORK_READY, RuntimeCondition, StatusResponse};

    #[test]
    fn an_unready_network_is_told_as_upstream_does() {
        let condition = RuntimeCondition {
            kind: NETWORK_READY.into(),
            status: false,
            reason: "NetworkPluginNotReady".into(),
            message: "Network plugin returns error: cni plugin not initialized".into(),
        };
        let state = state_of(&StatusResponse { conditions: vec![condition], ..StatusResponse::default() });
        assert_eq!(
            state.network.as_deref(),
            Some(
                "NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
            )
        );
        assert_eq!(state.runtime, None);
    }
}
