//! Images of the node's registry.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_document::{Document, doc};
use winlab_host::Program;
use winlab_node::containerd::images::{
    ImageConfig, ImageIndex, ImageManifest, Layer, Platform, StaticRegistry,
};

const VERSION: &str = "10.0.20348.1";

/// An image with one program for Windows Server 2022.
fn image(name: &str, program: Document) -> ImageIndex {
    let command = r"C:\app.exe";
    let program = program.with("os", "windows").with("os-version", VERSION).with("command", doc!([command]));
    let layer = |digest: String, files| Layer { digest, size: 1 << 20, files };
    let manifest = ImageManifest {
        digest: format!("sha256:m-{name}"),
        platform: Platform { os: "windows".into(), architecture: "amd64".into(), os_version: VERSION.into() },
        config: ImageConfig {
            digest: format!("sha256:c-{name}"),
            entrypoint: vec![command.into()],
            ..ImageConfig::default()
        },
        layers: vec![
            layer("sha256:base".into(), BTreeMap::new()),
            layer(
                format!("sha256:l-{name}"),
                [(Program::FILE.to_owned(), Arc::from(program.to_bytes()))].into(),
            ),
        ],
    };
    ImageIndex { digest: format!("sha256:i-{name}"), is_index: true, manifests: vec![manifest] }
}

/// `pause`, `web` (two lines of log, HTTP on port 80), `job` (ends at once).
pub(crate) fn registry() -> StaticRegistry {
    let web = doc!({
        "logs": ["hello", "world"], "listen": ["tcp/80"],
        "http": {"/": {"status": 200, "body": "shop"}},
    });
    StaticRegistry::default()
        .with("registry.k8s.io/pause:3.10.1", image("pause", doc!({})))
        .with("web", image("web", web))
        .with("job", image("job", doc!({"logs": ["done"], "exit": {"code": 3, "after-ms": 1}})))
}
