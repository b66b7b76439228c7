//! containerd's configuration file, `config.toml` of version 2 or 3.

use std::collections::BTreeMap;

use winlab_component::HostFiles;
use winlab_document::Document;

use super::options::ContainerdOptions;

/// The handler of process-isolated Windows containers.
pub(crate) const WCOW_PROCESS: &str = "runhcs-wcow-process";
/// The handler of Hyper-V isolated Windows containers.
pub(crate) const WCOW_HYPERVISOR: &str = "runhcs-wcow-hypervisor";

/// What of the configuration the model uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) root: String,
    pub(crate) state: String,
    pub(crate) address: String,
    pub(crate) sandbox_image: String,
    pub(crate) cni_conf_dir: String,
    pub(crate) default_runtime: String,
    /// Runtime handlers with their `runtime_type`.
    pub(crate) runtimes: BTreeMap<String, String>,
}

impl Config {
    /// The defaults of a system.
    pub(crate) fn defaults(windows: bool, options: &ContainerdOptions) -> Self {
        let runtime = |name: &str, kind: &str| (name.to_owned(), kind.to_owned());
        let sandbox_image = options.default_sandbox_image().to_owned();
        if windows {
            return Self {
                root: r"C:\ProgramData\containerd\root".to_owned(),
                state: r"C:\ProgramData\containerd\state".to_owned(),
                address: r"\\.\pipe\containerd-containerd".to_owned(),
                sandbox_image,
                cni_conf_dir: r"C:\Program Files\containerd\cni\conf".to_owned(),
                default_runtime: WCOW_PROCESS.to_owned(),
                // Hyper-V isolation is in the default configuration from 1.7 on.
                runtimes: [WCOW_PROCESS, WCOW_HYPERVISOR]
                    .into_iter()
                    .filter(|name| *name == WCOW_PROCESS || options.is_at_least(1, 7))
                    .map(|name| runtime(name, "io.containerd.runhcs.v1"))
                    .collect(),
            };
        }
        Self {
            root: "/var/lib/containerd".to_owned(),
            state: "/run/containerd".to_owned(),
            address: "/run/containerd/containerd.sock".to_owned(),
            sandbox_image,
            cni_conf_dir: "/etc/cni/net.d".to_owned(),
            default_runtime: "runc".to_owned(),
            runtimes: [runtime("runc", "io.containerd.runc.v2")].into(),
        }
    }

    /// The defaults with what the file says; a missing default file is no error, as in reality.
    ///
    /// # Errors
    /// The text that containerd prints before it exits.
    pub(crate) async fn load(
        files: &HostFiles,
        path: Option<&str>,
        windows: bool,
        options: &ContainerdOptions,
    ) -> Result<Self, String> {
        let default =
            if windows { r"C:\Program Files\containerd\config.toml" } else { "/etc/containerd/config.toml" };
        let mut config = Self::defaults(windows, options);
        let at = path.unwrap_or(default);
        let text = match files.read_text(at).await {
            Ok(text) => text,
            Err(error) if error.not_found && path.is_none() => return Ok(config),
            Err(error) => return Err(format!("containerd: failed to load TOML from {at}: {error}")),
        };
        let document: Document = toml::from_str(&text)
            .map_err(|error| format!("containerd: failed to load TOML: {at}: {}", error.message()))?;
        config.merge(&document);
        Ok(config)
    }

    fn merge(&mut self, file: &Document) {
        take(&mut self.root, file, &["root"]);
        take(&mut self.state, file, &["state"]);
        take(&mut self.address, file, &["grpc", "address"]);
        let plugins = file.get("plugins").unwrap_or(&Document::Null);
        let old = plugins.get("io.containerd.grpc.v1.cri").unwrap_or(&Document::Null);
        take(&mut self.sandbox_image, old, &["sandbox_image"]);
        let images = plugins.get("io.containerd.cri.v1.images").unwrap_or(&Document::Null);
        take(&mut self.sandbox_image, images, &["pinned_images", "sandbox"]);
        let runtime = plugins.get("io.containerd.cri.v1.runtime").unwrap_or(&Document::Null);
        for cri in [old, runtime] {
            take(&mut self.cni_conf_dir, cri, &["cni", "conf_dir"]);
            take(&mut self.default_runtime, cri, &["containerd", "default_runtime_name"]);
            let named = cri.path(&["containerd", "runtimes"]).map(Document::members).unwrap_or_default();
            for (name, runtime) in named {
                self.runtimes.insert(name.to_string(), runtime.text(&["runtime_type"]).to_owned());
            }
        }
    }
}

fn take(slot: &mut String, from: &Document, path: &[&str]) {
    let text = from.text(path);
    if !text.is_empty() {
        text.clone_into(slot);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use winlab_cni::CniPlugins;

    use super::Config;
    use crate::containerd::ContainerdOptions;
    use crate::containerd::images::StaticRegistry;

    fn options(version: &str) -> ContainerdOptions {
        ContainerdOptions {
            version: version.into(),
            registry: Arc::new(StaticRegistry::default()),
            cni: Arc::new(CniPlugins),
        }
    }

    #[test]
    fn both_generations_of_the_file_are_read() {
        let two = r#"
            version = 2
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "mcr.microsoft.com/oss/kubernetes/pause:3.9"
              [plugins."io.containerd.grpc.v1.cri".cni]
                conf_dir = "c:/etc/cni/net.d"
        "#;
        let three = r#"
            version = 3
            [plugins.'io.containerd.cri.v1.images'.pinned_images]
              sandbox = "mcr.microsoft.com/oss/kubernetes/pause:3.9"
            [plugins.'io.containerd.cri.v1.runtime'.cni]
              conf_dir = "c:/etc/cni/net.d"
        "#;
        for text in [two, three] {
            let mut config = Config::defaults(true, &options("2.1.4"));
            config.merge(&toml::from_str(text).unwrap());
            assert_eq!(config.sandbox_image, "mcr.microsoft.com/oss/kubernetes/pause:3.9");
            assert_eq!(config.cni_conf_dir, "c:/etc/cni/net.d");
        }
        assert_eq!(Config::defaults(false, &options("1.7.27")).sandbox_image, "registry.k8s.io/pause:3.8");
    }
}
