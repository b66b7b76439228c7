//! Lifecycle hooks (`pkg/kubelet/lifecycle/handlers.go`).

use winlab_clock::VirtualSpan;
use winlab_kube_client::k8s::core::{Container, LifecycleHandler, Pod};

use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::PodFacts;
use crate::kubelet::probe::{ProbeOutcome, ProbeRequest, http_request};

/// How long an HTTP hook may take at most; the grace period usually ends before.
const HTTP_TIMEOUT: VirtualSpan = VirtualSpan::from_secs(30);

impl Kubelet {
    /// Runs a hook to its end.
    ///
    /// # Errors
    /// Upstream's text.
    pub(crate) async fn run_hook(
        &self,
        pod: &Pod,
        container: &Container,
        id: &str,
        ips: &[String],
        hook: &LifecycleHandler,
    ) -> Result<(), String> {
        let place = format!("for Container {:?} in Pod {:?} failed - error:", container.name, pod.text());
        if let Some(exec) = &hook.exec {
            let command = exec.command.clone().unwrap_or_default();
            let cri = self.cri().map_err(|error| error.to_string())?;
            let failed = |error: String, output: String| {
                format!("Exec lifecycle hook ({command:?}) {place} {error}, message: {output:?}")
            };
            return match cri.exec_sync(id, &command, None).await {
                Ok(done) if done.exit_code == 0 => Ok(()),
                Ok(done) => {
                    let output = [done.stdout, done.stderr].concat();
                    let output = String::from_utf8_lossy(&output).into_owned();
                    Err(failed(
                        format!("command {:?} exited with {}: {output}", command.join(" "), done.exit_code),
                        output,
                    ))
                }
                Err(error) => Err(failed(error.to_string(), String::new())),
            };
        }
        if let Some(http) = &hook.http_get {
            let path = http.path.clone().unwrap_or_default();
            let failed = |error: String| format!("HTTP lifecycle hook ({path}) {place} {error}");
            let ip = ips.first().map(String::as_str).unwrap_or_default();
            let target = http_request(http, container, ip).map_err(failed)?;
            let request = ProbeRequest { node: self.node_name.clone(), target, timeout: HTTP_TIMEOUT };
            return match self.options.prober.probe(request).await {
                // Any answer will do: the hook was delivered.
                ProbeOutcome::Failure(text) if !text.starts_with("HTTP probe failed with statuscode") => {
                    Err(failed(text))
                }
                _ => Ok(()),
            };
        }
        if let Some(sleep) = &hook.sleep {
            if self.config.gates.is_on("PodLifecycleSleepAction", 30) {
                self.clock.sleep(VirtualSpan::from_secs(sleep.seconds.max(0).unsigned_abs())).await;
            }
            return Ok(());
        }
        Err("Cannot run handler: invalid handler".to_owned())
    }
}
