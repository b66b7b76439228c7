//! Commands in containers, through the node's runtime, as the kubelet runs them.

use winlab_clock::VirtualSpan;

use crate::error::LabError;
use crate::lab::Lab;

/// A command that takes longer than this hangs.
const WITHIN: VirtualSpan = VirtualSpan::from_secs(120);

/// What a command left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutcome {
    /// Its exit code.
    pub code: i32,
    /// What it wrote.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

impl Lab {
    /// Runs a command in a pod's container (the first by name unless one is named).
    ///
    /// # Errors
    /// That the container is not there, or the runtime's own words.
    pub async fn exec(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        command: &[String],
    ) -> Result<ExecOutcome, LabError> {
        let (node, container) = self.container_of_pod(namespace, pod, container).await?;
        let what = format!("running `{}` in {namespace}/{pod}", command.join(" "));
        let done = node.cri()?.exec_sync(&container.id, command, Some(WITHIN)).await;
        let done = done.map_err(|error| LabError::new(what, error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(ExecOutcome { code: done.exit_code, stdout: text(&done.stdout), stderr: text(&done.stderr) })
    }
}
