//! Who runs a plugin.

use std::fmt;

use futures::future::BoxFuture;
use winlab_component::Machine;
use winlab_document::Document;

use crate::error::CniError;
use crate::{flannel, host_local, linux, skel, windows};

/// `CNI_COMMAND`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `ADD`
    Add,
    /// `CHECK`
    Check,
    /// `DEL`
    Del,
}

impl fmt::Display for Command {
    /// As libcni's error texts spell it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add => "add",
            Self::Check => "check",
            Self::Del => "delete",
        })
    }
}

/// What a plugin gets in its environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CniArgs {
    /// `CNI_CONTAINERID`: the sandbox.
    pub container_id: String,
    /// `CNI_NETNS`: a path below `/var/run/netns` on Linux, a namespace's GUID on Windows.
    pub netns: String,
    /// `CNI_IFNAME`
    pub ifname: String,
    /// `K8S_POD_NAMESPACE` of `CNI_ARGS`.
    pub pod_namespace: String,
    /// `K8S_POD_NAME` of `CNI_ARGS`.
    pub pod_name: String,
    /// `K8S_POD_UID` of `CNI_ARGS`.
    pub pod_uid: String,
}

impl CniArgs {
    /// The name of the Linux network namespace at the end of `CNI_NETNS`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.netns.rsplit('/').next().unwrap_or_default()
    }
}

/// Runs CNI plugins. The models are one runner; one that starts executables is another.
pub trait CniRunner: Send + Sync {
    /// Runs `plugin` with a network configuration on its standard input. The answer is its standard output: the result
    /// object of ADD, `null` of the others.
    fn run<'a>(
        &'a self,
        plugin: &'a str,
        command: Command,
        config: Document,
        args: &'a CniArgs,
        machine: &'a Machine,
    ) -> BoxFuture<'a, Result<Document, CniError>>;
}

/// The plugins as models.
#[derive(Debug, Clone, Copy, Default)]
pub struct CniPlugins;

impl CniPlugins {
    /// Plugins that a node of this operating system has.
    #[must_use]
    pub fn names(os: &str) -> &'static [&'static str] {
        match os {
            "windows" => &["flannel", "host-local", "win-bridge", "win-overlay"],
            _ => &["bridge", "flannel", "host-local", "loopback", "portmap"],
        }
    }
}

impl CniRunner for CniPlugins {
    fn run<'a>(
        &'a self,
        plugin: &'a str,
        command: Command,
        config: Document,
        args: &'a CniArgs,
        machine: &'a Machine,
    ) -> BoxFuture<'a, Result<Document, CniError>> {
        self.run_among(self, plugin, command, config, args, machine)
    }
}

impl CniPlugins {
    /// Runs the model of a plugin that finds the plugins it delegates to with another runner.
    pub fn run_among<'a>(
        &'a self,
        others: &'a dyn CniRunner,
        plugin: &'a str,
        command: Command,
        config: Document,
        args: &'a CniArgs,
        machine: &'a Machine,
    ) -> BoxFuture<'a, Result<Document, CniError>> {
        Box::pin(async move {
            if Self::names(machine.os()).contains(&plugin) {
                skel::check(command, &config, args)?;
            }
            match (plugin, machine) {
                ("flannel", _) => flannel::run(others, command, &config, args, machine).await,
                ("host-local", _) => host_local::run(command, &config, args, machine).await,
                ("win-bridge", Machine::Windows(host)) => {
                    windows::bridge::run(others, command, config, args, machine, host).await
                }
                ("win-overlay", Machine::Windows(host)) => {
                    windows::overlay::run(others, command, config, args, machine, host).await
                }
                ("bridge", Machine::Linux(host)) => {
                    linux::bridge::run(others, command, &config, args, machine, host).await
                }
                ("portmap", Machine::Linux(host)) => linux::portmap::run(command, &config, args, host).await,
                ("loopback", Machine::Linux(host)) => {
                    linux::loopback::run(command, &config, args, host).await
                }
                _ => Err(CniError::new(format!(
                    "failed to find plugin {plugin:?} in path [{}]",
                    if machine.os() == "windows" { "c:/opt/cni/bin" } else { "/opt/cni/bin" }
                ))),
            }
        })
    }
}
