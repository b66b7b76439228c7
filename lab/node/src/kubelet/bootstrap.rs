//! How a kubelet comes to its own kubeconfig (`cmd/kubelet/app/server.go`, `pkg/kubelet/certificate/bootstrap`).
//!
//! The lab has no certificate authority: what a signing request would bring is left out, and the kubeconfig is there at
//! once.

use winlab_component::{CommandLine, HostFiles};

/// Makes the kubeconfig from the bootstrap one, if there is none yet.
///
/// # Errors
/// The text that the kubelet prints before it exits, where there is neither.
pub(crate) async fn bootstrap(command: &CommandLine, files: &HostFiles) -> Result<(), String> {
    let path = |flag| command.flag(flag).filter(|path| !path.is_empty());
    let (Some(from), Some(to)) = (path("bootstrap-kubeconfig"), path("kubeconfig")) else { return Ok(()) };
    if files.read(to).await.is_ok() {
        return Ok(());
    }
    let failed = |text: String| format!("failed to run Kubelet: unable to load bootstrap kubeconfig: {text}");
    let text = files.read(from).await.map_err(|error| failed(error.to_string()))?;
    files.write(to, text).await.map_err(|error| failed(error.to_string()))
}
