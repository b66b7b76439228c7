//! A network configuration list, and running it as libcni does (containernetworking/cni `libcni/api.go`).

use winlab_component::{HostFiles, Machine};
use winlab_document::{Document, doc};

use crate::error::CniError;
use crate::result::CniResult;
use crate::runner::{CniArgs, CniRunner, Command};

/// Where libcni keeps the results of ADD until DEL (`/var/lib/cni/results`).
const CACHE: &str = "/var/lib/cni/results";

/// A configuration list: `10-flannel.conflist`, or a single `.conf` made into one.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkConfigList {
    name: String,
    version: String,
    plugins: Vec<Document>,
}

impl NetworkConfigList {
    /// Reads a file of the configuration folder; its ending says which of the two forms it has.
    ///
    /// # Errors
    /// [`CniError`] with libcni's text.
    pub fn parse(file: &str, text: &str) -> Result<Self, CniError> {
        let problem = |error| CniError::new(format!("error parsing configuration list: {error}"));
        let document = Document::parse(text).map_err(problem)?;
        let version = document.text(&["cniVersion"]).to_owned();
        let name = document.text(&["name"]).to_owned();
        if name.is_empty() {
            return Err(CniError::new("error parsing configuration list: no name"));
        }
        let plugins = if file.ends_with(".conflist") {
            document.get("plugins").map(Document::items).unwrap_or_default().to_vec()
        } else {
            vec![document]
        };
        if plugins.is_empty() {
            return Err(CniError::new("error parsing configuration list: no plugins in list"));
        }
        if plugins.iter().any(|plugin| plugin.text(&["type"]).is_empty()) {
            return Err(CniError::new("error parsing configuration: missing 'type'"));
        }
        Ok(Self { name, version, plugins })
    }

    /// The first usable configuration of a folder, by file name, with that file's name.
    ///
    /// # Errors
    /// [`CniError`] where there is none, as go-cni's `WithDefaultConf` says it.
    pub async fn load(machine: &Machine, folder: &str) -> Result<(String, Self), CniError> {
        let files = HostFiles::of(machine);
        let names = files.list(folder).await?;
        let usable = |name: &String| [".conf", ".conflist", ".json"].iter().any(|end| name.ends_with(end));
        for name in names.into_iter().filter(usable) {
            let text = files.read_text(&format!("{folder}/{name}")).await?;
            if let Ok(list) = Self::parse(&name, &text) {
                return Ok((name, list));
            }
        }
        Err(CniError::new(format!("no network config found in {folder}: cni plugin not initialized")))
    }

    /// The network's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs ADD of every plugin in order, each with the result of the one before.
    ///
    /// # Errors
    /// The first plugin's that fails, with libcni's words before it.
    pub async fn add(
        &self,
        runner: &dyn CniRunner,
        args: &CniArgs,
        capabilities: &Document,
        machine: &Machine,
    ) -> Result<CniResult, CniError> {
        let mut previous = Document::Null;
        for plugin in &self.plugins {
            previous =
                self.run_one(runner, Command::Add, plugin, &previous, args, capabilities, machine).await?;
        }
        let cached = doc!({
            "kind": "cniCacheV1", "containerId": &args.container_id, "networkName": &self.name,
            "ifName": &args.ifname, "result": &previous,
        });
        HostFiles::of(machine).write(&self.cache_path(args), cached.to_bytes()).await?;
        Ok(CniResult::from_document(&previous))
    }

    /// Runs CHECK of every plugin in order.
    ///
    /// # Errors
    /// The first plugin's that fails.
    pub async fn check(
        &self,
        runner: &dyn CniRunner,
        args: &CniArgs,
        capabilities: &Document,
        machine: &Machine,
    ) -> Result<(), CniError> {
        let previous = self.cached(args, machine).await;
        for plugin in &self.plugins {
            self.run_one(runner, Command::Check, plugin, &previous, args, capabilities, machine).await?;
        }
        Ok(())
    }

    /// Runs DEL of every plugin in reverse order.
    ///
    /// # Errors
    /// The first plugin's that fails.
    pub async fn del(
        &self,
        runner: &dyn CniRunner,
        args: &CniArgs,
        capabilities: &Document,
        machine: &Machine,
    ) -> Result<(), CniError> {
        let previous = self.cached(args, machine).await;
        for plugin in self.plugins.iter().rev() {
            self.run_one(runner, Command::Del, plugin, &previous, args, capabilities, machine).await?;
        }
        match HostFiles::of(machine).remove(&self.cache_path(args)).await {
            Err(error) if !error.not_found => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn cache_path(&self, args: &CniArgs) -> String {
        format!("{CACHE}/{}-{}-{}", self.name, args.container_id, args.ifname)
    }

    async fn cached(&self, args: &CniArgs, machine: &Machine) -> Document {
        let read = HostFiles::of(machine).read(&self.cache_path(args)).await;
        let document = read.ok().and_then(|bytes| Document::from_slice(&bytes).ok());
        document.and_then(|document| document.get("result").cloned()).unwrap_or_default()
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what libcni's buildOneConfig and ExecPlugin take together"
    )]
    async fn run_one(
        &self,
        runner: &dyn CniRunner,
        command: Command,
        plugin: &Document,
        previous: &Document,
        args: &CniArgs,
        capabilities: &Document,
        machine: &Machine,
    ) -> Result<Document, CniError> {
        let kind = plugin.text(&["type"]);
        let mut config = plugin.clone();
        config.set("name", &self.name);
        config.set("cniVersion", &self.version);
        if !previous.is_null() {
            config.set("prevResult", previous);
        }
        for (capability, wanted) in plugin.get("capabilities").map(Document::members).unwrap_or_default() {
            if let (Some(true), Some(value)) = (wanted.as_bool(), capabilities.get(capability)) {
                config.set_path(&["runtimeConfig", capability.as_str()], value);
            }
        }
        runner
            .run(kind, command, config, args, machine)
            .await
            .map_err(|error| error.annotate(format!("plugin type={kind:?} failed ({command})")))
    }
}

#[cfg(test)]
mod tests {
    use super::NetworkConfigList;

    #[test]
    fn both_forms_are_read_and_faults_are_named() {
        let list = NetworkConfigList::parse(
            "10-flannel.conflist",
            r#"{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"flannel"},{"type":"portmap"}]}"#,
        );
        assert_eq!(list.unwrap().plugins.len(), 2);
        let one = NetworkConfigList::parse("cni.conf", r#"{"name":"cbr0","type":"flannel"}"#).unwrap();
        assert_eq!((one.name(), one.plugins.len()), ("cbr0", 1));
        let error = NetworkConfigList::parse("a.conflist", r#"{"name":"x","plugins":[]}"#).unwrap_err();
        assert_eq!(error.msg, "error parsing configuration list: no plugins in list");
    }
}
