//! Images of a test's registry.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_document::{Document, doc};
use winlab_host::Program;
use winlab_node::containerd::images::{
    ImageConfig, ImageIndex, ImageManifest, Layer, Platform, StaticRegistry,
};

/// One image.
#[derive(Clone)]
pub(crate) struct Image {
    reference: String,
    platforms: Vec<(String, String)>,
    is_index: bool,
    program: Document,
    user: String,
}

impl Image {
    pub(crate) fn new(reference: &str) -> Self {
        Self {
            reference: reference.into(),
            platforms: Vec::new(),
            is_index: true,
            program: doc!({}),
            user: String::new(),
        }
    }

    pub(crate) fn windows(mut self, version: &str) -> Self {
        self.platforms.push(("windows".into(), version.into()));
        self
    }

    pub(crate) fn linux(mut self) -> Self {
        self.platforms.push(("linux".into(), String::new()));
        self
    }

    pub(crate) fn plain_windows(mut self, version: &str) -> Self {
        self.is_index = false;
        self.windows(version)
    }

    pub(crate) fn logs(mut self, lines: &[&str]) -> Self {
        self.program.set("logs", lines.iter().copied().collect::<Document>());
        self
    }

    pub(crate) fn exits(mut self, code: i32, after_ms: u64) -> Self {
        self.program.set("exit", doc!({"code": code, "after-ms": after_ms}));
        self
    }

    pub(crate) fn ignores_shutdown(mut self) -> Self {
        self.program.set("ignores-shutdown", true);
        self
    }

    pub(crate) fn memory(mut self, bytes: u64) -> Self {
        self.program.set("memory", bytes);
        self
    }

    pub(crate) fn user(mut self, user: &str) -> Self {
        self.user = user.into();
        self
    }

    fn manifest(&self, os: &str, version: &str) -> ImageManifest {
        let mut program = self.program.clone();
        program.set("os", os);
        program.set("os-version", version);
        let command = if os == "windows" { r"C:\app.exe" } else { "/app" };
        program.set("command", doc!([command]));
        let id = format!("{}-{os}-{version}", self.reference);
        ImageManifest {
            digest: format!("sha256:m-{id}"),
            platform: Platform { os: os.into(), architecture: "amd64".into(), os_version: version.into() },
            config: ImageConfig {
                digest: format!("sha256:c-{id}"),
                user: self.user.clone(),
                entrypoint: vec![command.into()],
                ..ImageConfig::default()
            },
            layers: vec![
                Layer {
                    digest: format!("sha256:base-{os}-{version}"),
                    size: 1 << 20,
                    files: BTreeMap::new(),
                },
                Layer {
                    digest: format!("sha256:l-{id}"),
                    size: 1 << 20,
                    files: [(Program::FILE.to_owned(), Arc::from(program.to_bytes()))].into(),
                },
            ],
        }
    }
}

pub(crate) fn registry(images: &[Image]) -> StaticRegistry {
    images.iter().fold(StaticRegistry::default(), |registry, image| {
        let manifests = image.platforms.iter().map(|(os, version)| image.manifest(os, version)).collect();
        let digest = format!("sha256:i-{}", image.reference);
        registry.with(&image.reference, ImageIndex { digest, is_index: image.is_index, manifests })
    })
}
