//! CNI plugins as programs: the runtime's model calls them as libcni does, with everything in their environment and the
//! configuration on their standard input (containernetworking/cni `pkg/invoke`).

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use winlab_cni::{CniArgs, CniError, CniPlugins, CniRunner, Command};
use winlab_component::Machine;
use winlab_document::Document;
use winlab_profiles::KubeVersion;
use winlab_wine::{Run, Stream};

use crate::causes::with_causes;
use crate::component::RealComponent;
use crate::files;
use crate::node::RealNode;

/// Where containerd looks for plugins on Windows.
const FOLDER: &str = r"C:\Program Files\containerd\cni\bin";

/// A node's plugins: some are programs, the others models.
#[derive(Debug)]
pub struct RealPlugins {
    node: Arc<RealNode>,
    programs: BTreeSet<RealComponent>,
    version: KubeVersion,
}

impl RealPlugins {
    /// Those of `components` that are plugins are programs.
    #[must_use]
    pub fn new(node: Arc<RealNode>, components: &BTreeSet<RealComponent>, version: KubeVersion) -> Self {
        let programs = components.iter().copied().filter(|component| component.is_plugin()).collect();
        Self { node, programs, version }
    }

    /// Puts all of them on the drive: they start each other.
    fn install(&self) -> Result<(), CniError> {
        for component in &self.programs {
            let path = path(*component);
            if files::is_file(&self.node.path(&path)) {
                continue;
            }
            let program = self.node.means.program(*component, self.version);
            let program = program.map_err(|missing| CniError::new(missing.to_string()))?;
            let installed = self.node.wine.install(&program, &path);
            installed.map_err(|error| CniError::new(format!("{path}: {error}")))?;
        }
        Ok(())
    }

    async fn start(
        &self,
        component: RealComponent,
        command: Command,
        config: &Document,
        args: &CniArgs,
    ) -> Result<Document, CniError> {
        self.install()?;
        let CniArgs { container_id, netns, ifname, pod_namespace, pod_name, pod_uid } = args;
        let pod = format!(
            "IgnoreUnknown=1;K8S_POD_NAMESPACE={pod_namespace};K8S_POD_NAME={pod_name};\
             K8S_POD_INFRA_CONTAINER_ID={container_id};K8S_POD_UID={pod_uid}"
        );
        let run = Run::new(path(component))
            .variable("CNI_COMMAND", word(command))
            .variable("CNI_CONTAINERID", container_id)
            .variable("CNI_NETNS", netns)
            .variable("CNI_IFNAME", ifname)
            .variable("CNI_ARGS", pod)
            .variable("CNI_PATH", FOLDER)
            .input(config.to_bytes());
        let started = self.node.wine.start_program(&run);
        let (program, mut lines) = started.map_err(|error| CniError::new(with_causes(&error)))?;
        let (mut printed, mut said) = (String::new(), String::new());
        while let Some(line) = lines.next().await {
            let text = if line.stream == Stream::Stdout { &mut printed } else { &mut said };
            text.push_str(&line.text);
            text.push('\n');
        }
        let status = program.wait().await.map_err(|error| CniError::new(error.to_string()))?;
        answer(status.code(), printed.trim(), &said)
    }
}

impl CniRunner for RealPlugins {
    fn run<'a>(
        &'a self,
        plugin: &'a str,
        command: Command,
        config: Document,
        args: &'a CniArgs,
        machine: &'a Machine,
    ) -> BoxFuture<'a, Result<Document, CniError>> {
        let program = RealComponent::by_name(plugin).filter(|component| self.programs.contains(component));
        match program {
            Some(component) => Box::pin(async move { self.start(component, command, &config, args).await }),
            None => CniPlugins.run_among(self, plugin, command, config, args, machine),
        }
    }
}

fn path(component: RealComponent) -> String {
    format!(r"{FOLDER}\{}", component.file())
}

/// `CNI_COMMAND`
fn word(command: Command) -> &'static str {
    match command {
        Command::Add => "ADD",
        Command::Check => "CHECK",
        Command::Del => "DEL",
    }
}

/// What libcni makes of an exit code and the streams (`raw_exec.go`, `pluginErr`).
fn answer(code: Option<i32>, printed: &str, said: &str) -> Result<Document, CniError> {
    let parsed = Document::parse(printed);
    match (code, parsed) {
        (Some(0), _) if printed.is_empty() => Ok(Document::Null),
        (Some(0), Ok(result)) => Ok(result),
        (Some(0), Err(problem)) => Err(CniError::new(problem.to_string())),
        (_, Ok(document)) => {
            Err(CniError::from_document(&document).unwrap_or_else(|| CniError::new(printed)))
        }
        (_, Err(problem)) if !printed.is_empty() => Err(CniError::new(format!(
            "netplugin failed but error parsing its diagnostic message {printed:?}: {problem}"
        ))),
        _ if !said.is_empty() => Err(CniError::new(format!("netplugin failed: {said:?}"))),
        (code, _) => {
            let status =
                code.map_or_else(|| "signal: killed".to_owned(), |code| format!("exit status {code}"));
            Err(CniError::new(format!("netplugin failed with no error message: {status}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn errors_are_read_from_what_the_plugin_printed() {
        let error = answer(Some(1), r#"{"code": 7, "msg": "missing network name"}"#, "").unwrap_err();
        assert_eq!((error.code, error.msg.as_str()), (7, "missing network name"));
        let panicked = answer(Some(2), "", "panic: oh").unwrap_err();
        assert_eq!(panicked.msg, r#"netplugin failed: "panic: oh""#);
        let silent = answer(Some(1), "", "").unwrap_err();
        assert_eq!(silent.msg, "netplugin failed with no error message: exit status 1");
        assert!(answer(Some(0), "", "").unwrap().is_null());
    }
}
