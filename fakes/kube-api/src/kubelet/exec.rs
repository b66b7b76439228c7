//! `exec` in a pod whose kubelet is a model: the command runs to its end, and then its output comes.

use std::sync::Arc;

use http::Response;

use super::channels::{self, Channel};
use super::{ContainerRef, ExecOutput, Kubelet};
use crate::body::ApiBody;
use crate::failure::Failure;
use crate::service::Call;

pub(super) fn answer(
    kubelet: Arc<dyn Kubelet>,
    container: ContainerRef,
    call: Call,
) -> Result<Response<ApiBody>, Failure> {
    let command = call.params.all("command");
    if command.is_empty() {
        return Err(Failure::bad_request("you must specify at least 1 container and a command"));
    }
    let (stdout, stderr) = (call.params.flag("stdout"), call.params.flag("stderr"));
    channels::upgrade(call.parts, move |mut channels| async move {
        let done = kubelet.exec(&container, &command).await;
        let output = match &done {
            Ok(output) => output.clone(),
            Err(_) => ExecOutput::default(),
        };
        if stdout {
            channels.send(Channel::Stdout, &output.stdout).await;
        }
        if stderr {
            channels.send(Channel::Stderr, &output.stderr).await;
        }
        channels.finish(&status(done)).await;
    })
}

/// How the command ended, as a `Status` (`k8s.io/apimachinery/pkg/util/remotecommand`).
fn status(done: Result<ExecOutput, String>) -> winlab_document::Document {
    use winlab_document::doc;
    match done {
        Ok(ExecOutput { code: 0, .. }) => doc!({"metadata": {}, "status": "Success"}),
        Ok(ExecOutput { code, .. }) => doc!({
            "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
            "message": (format!("command terminated with non-zero exit code: exit status {code}")),
            "details": {"causes": [{"reason": "ExitCode", "message": (code.to_string())}]}
        }),
        Err(message) => doc!({
            "metadata": {}, "status": "Failure", "reason": "InternalError", "code": 500, "message": message
        }),
    }
}
