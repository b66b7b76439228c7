//! A host, and what a runtime asks of its plugins.

use winlab_cni::{CniArgs, Command};
use winlab_document::Document;
use winlab_host::FaultRule;
use winlab_oracle::NetworkKind;

/// The plugins' folder on Windows (containerd's default is another; sig-windows-tools sets this one).
pub(crate) const PLUGINS: &str = "c:/opt/cni/bin";

/// A case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The Windows build.
    pub(crate) build: &'static str,
    /// The network `cbr0`.
    pub(crate) network: NetworkKind,
    /// Whether an endpoint `sb_cbr0` is there on another network.
    pub(crate) elsewhere: bool,
    /// Containers of the host.
    pub(crate) containers: &'static [Container],
    /// One after the other.
    pub(crate) steps: Vec<Step>,
}

/// A container of the host, without a network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Container {
    pub(crate) id: &'static str,
    /// Whether it was started.
    pub(crate) runs: bool,
}

/// One run of a plugin.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) plugin: &'static str,
    pub(crate) command: Command,
    pub(crate) config: Document,
    pub(crate) container: String,
    pub(crate) netns: Netns,
    pub(crate) ifname: String,
    /// What happens to the run's calls of HNS.
    pub(crate) fault: Option<FaultRule>,
}

/// `CNI_NETNS`
#[derive(Clone, Debug)]
pub(crate) enum Netns {
    /// The pod's namespace.
    Own,
    /// These words.
    Words(&'static str),
}

impl Case {
    pub(crate) fn new(build: &'static str, network: NetworkKind, steps: Vec<Step>) -> Self {
        Self { build, network, elsewhere: false, containers: &[], steps }
    }
}

impl Step {
    pub(crate) fn new(plugin: &'static str, command: Command, config: &Document) -> Self {
        Self {
            plugin,
            command,
            config: config.clone(),
            container: "sb".to_owned(),
            netns: Netns::Own,
            ifname: "eth0".to_owned(),
            fault: None,
        }
    }

    pub(crate) fn container(mut self, id: &str) -> Self {
        id.clone_into(&mut self.container);
        self
    }

    pub(crate) fn netns(mut self, words: &'static str) -> Self {
        self.netns = Netns::Words(words);
        self
    }

    pub(crate) fn ifname(mut self, name: &str) -> Self {
        name.clone_into(&mut self.ifname);
        self
    }

    pub(crate) fn fault(mut self, rule: FaultRule) -> Self {
        self.fault = Some(rule);
        self
    }

    /// What the plugin is given beside its configuration.
    pub(crate) fn args(&self, namespace: &str) -> CniArgs {
        let netns = match self.netns {
            Netns::Own => namespace,
            Netns::Words(words) => words,
        };
        CniArgs {
            container_id: self.container.clone(),
            netns: netns.to_owned(),
            ifname: self.ifname.clone(),
            pod_namespace: "default".to_owned(),
            pod_name: "web".to_owned(),
            pod_uid: "1".to_owned(),
        }
    }
}

/// `CNI_COMMAND`
pub(crate) fn word(command: Command) -> &'static str {
    match command {
        Command::Add => "ADD",
        Command::Check => "CHECK",
        Command::Del => "DEL",
    }
}
