//! The registry that every node of a lab pulls from.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt, ready};
use winlab_document::Document;
use winlab_host::Program;
use winlab_node::containerd::images::{
    ImageConfig, ImageIndex, ImageManifest, ImageRegistry, Layer, Platform, RegistryError, normalize,
};

use super::builtin::built_in;
use crate::spec::{ImagePlatform, ImageSpec};

/// Declared images by their full reference; built-in ones are made when they are asked for.
pub(crate) struct Catalog(BTreeMap<String, Arc<ImageIndex>>);

impl Catalog {
    pub(crate) fn new(images: &[(String, ImageSpec)]) -> Self {
        let full = images.iter().map(|(reference, image)| {
            let reference = normalize(reference);
            let index = Arc::new(index(&reference, image));
            (reference, index)
        });
        Self(full.collect())
    }
}

impl ImageRegistry for Catalog {
    fn resolve<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Arc<ImageIndex>, RegistryError>> {
        let found = self.0.get(reference).cloned();
        let found = found.or_else(|| built_in(reference).map(|image| Arc::new(index(reference, &image))));
        ready(found.ok_or(RegistryError::NotFound)).boxed()
    }
}

fn index(reference: &str, image: &ImageSpec) -> ImageIndex {
    let manifests = image.platforms.iter().map(|platform| manifest(reference, platform, image)).collect();
    // As users meet them: a Windows image for one build is what `docker build` pushes, a plain manifest, which
    // containerd does not compare with the node (containerd `core/images/image.go`, `Manifest`); Linux images and those
    // for several builds are indexes, of which it chooses.
    let is_index = !matches!(image.platforms.as_slice(), [ImagePlatform::Windows(_)]);
    ImageIndex { digest: digest(&format!("{reference} index")), is_index, manifests }
}

fn manifest(reference: &str, platform: &ImagePlatform, image: &ImageSpec) -> ImageManifest {
    let program = &image.program;
    let (os, os_version) = match platform {
        ImagePlatform::Linux => ("linux", ""),
        ImagePlatform::Windows(version) => ("windows", version.as_str()),
    };
    let program = Program {
        os: os.to_owned(),
        os_version: os_version.to_owned(),
        command: command(program, os),
        ..program.clone()
    };
    let content = Document::encode(&program).map(|document| document.to_bytes()).unwrap_or_default();
    let name = format!("{reference} {os} {os_version}");
    ImageManifest {
        digest: digest(&format!("{name} manifest")),
        platform: Platform {
            os: os.to_owned(),
            architecture: "amd64".to_owned(),
            os_version: os_version.to_owned(),
        },
        config: ImageConfig {
            digest: digest(&format!("{name} config")),
            user: program.user.clone(),
            entrypoint: program.command.clone(),
            ..ImageConfig::default()
        },
        layers: vec![Layer {
            digest: digest(&format!("{name} layer")),
            size: if os == "windows" { 120 << 20 } else { 20 << 20 },
            files: image
                .files
                .iter()
                .map(|(path, text)| (path.clone(), Arc::from(text.as_bytes())))
                .chain([(Program::FILE.to_owned(), Arc::from(content))])
                .collect(),
        }],
    }
}

/// What the image runs. One that names no command still runs: a program that is described by what it does.
fn command(program: &Program, os: &str) -> Vec<String> {
    match (program.command.as_slice(), os) {
        ([], "windows") => vec![r"C:\app.exe".to_owned()],
        ([], _) => vec!["/app".to_owned()],
        (command, _) => command.to_vec(),
    }
}

/// A digest that is the same for the same name in every run: FNV-1a in four lanes, enough to tell images apart.
fn digest(name: &str) -> String {
    let lane = |seed: u64| {
        name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    };
    format!("sha256:{:016x}{:016x}{:016x}{:016x}", lane(0), lane(1), lane(2), lane(3))
}
