//! Images whose program is a node component: those that the manifests of kubeadm, flannel and sig-windows-tools name.

use winlab_host::{HttpReply, Listener, Program, Transport};
use winlab_profiles::KubeVersion;

use crate::spec::{ImagePlatform, ImageSpec};

/// The build of the base image that HostProcess images are made on; the host's plays no part.
const HOST_PROCESS: &str = "10.0.20348.2762";

/// The image of a component, by the last part of its repository and its tag.
pub(super) fn image(name: &str, tag: &str) -> Option<ImageSpec> {
    match (name, tag.split_once('-')) {
        ("kube-proxy", None) => {
            let program = component("kube-proxy", &version(tag)?, &["/usr/local/bin/kube-proxy"]);
            Some(linux(program))
        }
        ("kube-proxy", Some((of, "flannel-hostprocess"))) => {
            Some(host_process(component("kube-proxy", &version(of)?, &script("kube-proxy"))))
        }
        ("flannel", Some((of, "hostprocess"))) => {
            Some(host_process(component("flanneld", of, &script("flannel"))))
        }
        ("flannel", None) => {
            let healthz = |path: &str| {
                let reply = HttpReply { status: 200, body: "flanneld is running".to_owned(), fetches: None };
                (path.to_owned(), reply)
            };
            let program = Program {
                // Of `--healthz-port=8081`, which flannel's own manifest gives.
                listen: vec![Listener { transport: Transport::Tcp, port: 8081 }],
                http: [healthz("/healthz"), healthz("/readyz")].into(),
                ..component("flanneld", tag, &["/opt/bin/flanneld"])
            };
            Some(linux(program))
        }
        ("flannel-cni-plugin", _) => {
            let mut image = linux(Program::default());
            image.files = [("flannel".to_owned(), r#"{"component":"flannel-cni-plugin"}"#.to_owned())].into();
            Some(image)
        }
        _ => None,
    }
}

fn component(name: &str, version: &str, command: &[&str]) -> Program {
    Program {
        component: name.to_owned(),
        version: version.to_owned(),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        memory: 24 << 20,
        ..Program::default()
    }
}

/// The entry point of sig-windows-tools' images.
fn script(folder: &str) -> [&'static str; 3] {
    let script = match folder {
        "flannel" => "$env:CONTAINER_SANDBOX_MOUNT_POINT/flannel/start.ps1",
        _ => "$env:CONTAINER_SANDBOX_MOUNT_POINT/kube-proxy/start.ps1",
    };
    ["PowerShell", "/c", script]
}

/// A version of Kubernetes that there is.
fn version(tag: &str) -> Option<String> {
    tag.parse::<KubeVersion>().ok().map(|version| version.to_string())
}

fn linux(program: Program) -> ImageSpec {
    ImageSpec { platforms: vec![ImagePlatform::Linux], program, files: Default::default() }
}

fn host_process(program: Program) -> ImageSpec {
    let platforms = vec![ImagePlatform::Windows(HOST_PROCESS.to_owned())];
    ImageSpec { platforms, program, files: Default::default() }
}

#[cfg(test)]
mod tests {
    use super::image;

    #[test]
    fn tags_are_versions_that_there_are() {
        let version = |name, tag| image(name, tag).map(|image| image.program.version);
        assert_eq!(version("kube-proxy", "v1.36.1").as_deref(), Some("v1.36.1"));
        assert_eq!(version("kube-proxy", "v1.36.1-flannel-hostprocess").as_deref(), Some("v1.36.1"));
        assert_eq!(version("kube-proxy", "v1.36.1-calico-hostprocess"), None);
        assert_eq!(version("kube-proxy", "v1.99.0"), None);
        assert_eq!(version("flannel", "v0.28.10-hostprocess").as_deref(), Some("v0.28.10"));
        assert!(image("nginx", "latest").is_none());
    }
}
