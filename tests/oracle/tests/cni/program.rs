//! The programs' side of a case: a node under Wine, on which all cases run one after the other.
#![expect(clippy::disallowed_methods, reason = "the node's drive is files of this machine")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::StreamExt as _;
use winlab_fake_wire::{Host, Server};
use winlab_oracle::Twin;
use winlab_wine::{Node, Run, Stream};

use crate::case::{PLUGINS, Step, word};
use crate::model::document;
use crate::report::Answer;

/// host-local's folder.
const RESERVED: &str = r"C:\var\lib\cni\networks\cbr0";

/// The plugins on a node.
#[derive(Debug)]
pub(crate) struct Programs {
    node: Node,
    server: Server,
}

/// The plugins' names.
pub(crate) const NAMES: [&str; 3] = ["win-bridge", "win-overlay", "host-local"];

impl Programs {
    /// Puts the plugins on the node.
    pub(crate) fn install(node: Node, server: Server, plugins: &[PathBuf]) -> Result<Self, String> {
        for (name, from) in NAMES.iter().zip(plugins) {
            node.install(from, &path(name)).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(Self { node, server })
    }

    /// Lets the node be this host, with nothing reserved.
    pub(crate) fn be(&self, twin: &Twin) -> Result<(), String> {
        let machine = twin.machine.clone();
        self.server.host("win1", Host::windows(machine.network, machine.compute, machine.system));
        match std::fs::remove_dir_all(self.node.path(r"C:\var\lib\cni")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
            _ => Ok(()),
        }
    }

    /// Runs a step.
    pub(crate) async fn run(&self, step: &Step, namespace: &str) -> Result<Answer, String> {
        let args = step.args(namespace);
        let pod = format!(
            "IgnoreUnknown=1;K8S_POD_NAMESPACE={};K8S_POD_NAME={};K8S_POD_UID={}",
            args.pod_namespace, args.pod_name, args.pod_uid
        );
        let run = Run::new(path(step.plugin))
            .variable("CNI_COMMAND", word(step.command))
            .variable("CNI_CONTAINERID", args.container_id)
            .variable("CNI_NETNS", args.netns)
            .variable("CNI_IFNAME", args.ifname)
            .variable("CNI_ARGS", pod)
            .variable("CNI_PATH", PLUGINS)
            .input(step.config.to_bytes());
        let (program, mut lines) = self.node.start_program(&run).map_err(|error| error.to_string())?;
        let (mut printed, mut said) = (String::new(), String::new());
        while let Some(line) = lines.next().await {
            let text = if line.stream == Stream::Stdout { &mut printed } else { &mut said };
            *text += &format!("{}\n", line.text);
        }
        let status = program.wait().await.map_err(|error| error.to_string())?;
        let code = status.code().ok_or_else(|| format!("{status}: {said}"))?;
        // A plugin that fails says why on its standard output: without that it was none yet.
        if code > 1 || (code == 1 && printed.trim().is_empty()) {
            return Err(format!("{} ended with {code} and no answer: {said}", step.plugin));
        }
        Ok(Answer { code, printed: document(&printed)? })
    }

    /// host-local's files of the network.
    pub(crate) fn reserved(&self) -> Result<BTreeMap<String, String>, String> {
        let mut found = BTreeMap::new();
        let Ok(entries) = std::fs::read_dir(self.node.path(RESERVED)) else { return Ok(found) };
        for entry in entries {
            let entry = entry.map_err(|error| error.to_string())?;
            let content = std::fs::read_to_string(entry.path()).map_err(|error| error.to_string())?;
            found.insert(entry.file_name().to_string_lossy().into_owned(), content);
        }
        Ok(found)
    }
}

fn path(plugin: &str) -> String {
    format!(r"{}\{plugin}.exe", PLUGINS.replace('/', r"\").replace("c:", "C:"))
}
