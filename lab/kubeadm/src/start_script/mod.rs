//! The entry points of the images of sig-windows-tools' HostProcess DaemonSets: a PowerShell script that prepares the
//! node and then runs the program.
//!
//! A script sees the host's files and its container's below `CONTAINER_SANDBOX_MOUNT_POINT`, as its program does.

mod flannel;
mod kube_proxy;

use std::fmt;

use winlab_component::{CommandLine, Context, FileError, HostFiles};

/// A script that ended before its program began; with `$ErrorActionPreference = "Stop"` its text is the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError(
    /// What PowerShell says.
    pub String,
);

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "start.ps1: {}", self.0)
    }
}

impl std::error::Error for ScriptError {}

impl From<FileError> for ScriptError {
    fn from(error: FileError) -> Self {
        if error.not_found {
            Self(format!("Cannot find path '{}' because it does not exist.", error.path))
        } else {
            Self(error.to_string())
        }
    }
}

/// The command line that a component's script ends in: that of the program itself. A command line that runs no script is
/// given back as it is.
///
/// # Errors
/// What the script stumbled over.
pub async fn resolve(component: &str, context: &Context) -> Result<CommandLine, ScriptError> {
    let runs_script = context.command.arguments().last().is_some_and(|word| word.ends_with("start.ps1"));
    if !runs_script {
        return Ok(context.command.clone());
    }
    let command = match component {
        "flanneld" => flannel::script(context).await?,
        "kube-proxy" => kube_proxy::script(context).await?,
        other => return Err(ScriptError(format!("the lab knows no start script of {other}"))),
    };
    Ok(command.with_environment_of(&context.command))
}

/// A variable of the container; empty where it is not set, as PowerShell has it.
async fn variable(context: &Context, name: &str) -> String {
    context.environment(name).await.unwrap_or_default()
}

/// Where the container's own files are.
async fn root(context: &Context) -> Result<String, ScriptError> {
    let root = variable(context, "CONTAINER_SANDBOX_MOUNT_POINT").await;
    if root.is_empty() {
        return Err(ScriptError(
            "CONTAINER_SANDBOX_MOUNT_POINT is not set: this is no HostProcess container".to_owned(),
        ));
    }
    Ok(root)
}

fn files(context: &Context) -> HostFiles {
    HostFiles::of(&context.machine)
}
