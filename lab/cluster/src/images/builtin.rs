//! Images that every lab has, by what their real namesakes run on and do.

use winlab_host::{HttpReply, Listener, Program, Transport};

use super::components;
use crate::spec::{ImagePlatform, ImageSpec};

/// Builds that Microsoft publishes base images for, by the tag's suffix.
const TAGS: [(&str, &str); 3] =
    [("ltsc2019", "10.0.17763.5936"), ("ltsc2022", "10.0.20348.2762"), ("ltsc2025", "10.0.26100.4349")];

/// Builds of the Semi-Annual Channel that old pause images carry.
const CHANNEL: [&str; 4] = ["10.0.18362.1256", "10.0.18363.1556", "10.0.19041.1415", "10.0.19042.1889"];

/// The built-in image of a full reference: `registry.k8s.io/pause:3.9`.
pub(super) fn built_in(reference: &str) -> Option<ImageSpec> {
    let (repository, tag) = reference.rsplit_once(':').unwrap_or((reference, "latest"));
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let known = repository.starts_with("registry.k8s.io/")
        || repository.starts_with("k8s.gcr.io/")
        || repository.starts_with("mcr.microsoft.com/")
        || repository.starts_with("docker.io/library/")
        || repository.starts_with("docker.io/sigwindowstools/")
        || repository.starts_with("ghcr.io/flannel-io/");
    if !known {
        return None;
    }
    let both = || [vec![ImagePlatform::Linux], windows_of(&TAGS.map(|(_, version)| version))].concat();
    if let Some(image) = components::image(name, tag) {
        return Some(image);
    }
    let (platforms, program) = match name {
        "pause" => (pause_platforms(tag), quiet(&["/pause"])),
        "agnhost" => (both(), agnhost()),
        "busybox" => (both(), quiet(&["sh"])),
        "nginx" => (vec![ImagePlatform::Linux], web("nginx", "200 Welcome to nginx!")),
        "coredns" => (vec![ImagePlatform::Linux], coredns()),
        "iis" => (windows_tag(tag)?, web("ServiceMonitor.exe w3svc", "200 IIS Windows Server")),
        "servercore" | "nanoserver" => (windows_tag(tag)?, shell(name)),
        "windows-host-process-containers-base-image" => (windows_of(&[TAGS[1].1]), quiet(&["cmd.exe"])),
        _ => return None,
    };
    Some(ImageSpec { platforms, program, files: Default::default() })
}

fn windows_of(versions: &[&str]) -> Vec<ImagePlatform> {
    versions.iter().map(|version| ImagePlatform::Windows((*version).to_owned())).collect()
}

/// The platform that a tag of a base image names: `ltsc2022`, `windowsservercore-ltsc2019`.
fn windows_tag(tag: &str) -> Option<Vec<ImagePlatform>> {
    let (_, version) = TAGS.iter().find(|(suffix, _)| tag.ends_with(suffix))?;
    Some(windows_of(&[version]))
}

/// `build/pause/CHANGELOG.md`: which builds each pause image carries.
fn pause_platforms(tag: &str) -> Vec<ImagePlatform> {
    let parts: Vec<u32> = tag.split('.').filter_map(|part| part.parse().ok()).collect();
    let version = (
        parts.first().copied().unwrap_or(3),
        parts.get(1).copied().unwrap_or(10),
        parts.get(2).copied().unwrap_or(0),
    );
    // 3.0 to 3.3 are Linux alone, 1.x Microsoft's own.
    if ((3, 0, 0)..(3, 4, 0)).contains(&version) {
        return vec![ImagePlatform::Linux];
    }
    let mut builds = vec![TAGS[0].1];
    if version < (3, 7, 0) {
        builds.extend(CHANNEL);
    } else if version < (3, 9, 0) {
        builds.push(CHANNEL[3]);
    }
    if version >= (3, 6, 0) {
        builds.push(TAGS[1].1);
    }
    if version >= (3, 10, 2) {
        builds.push(TAGS[2].1);
    }
    let linux = (version.0 >= 3).then_some(ImagePlatform::Linux);
    linux.into_iter().chain(windows_of(&builds)).collect()
}

fn words(command: &[&str]) -> Vec<String> {
    command.iter().map(|word| (*word).to_owned()).collect()
}

/// A program that waits.
fn quiet(command: &[&str]) -> Program {
    Program { command: words(command), memory: 4 << 20, ..Program::default() }
}

fn shell(name: &str) -> Program {
    let user = if name == "nanoserver" { "ContainerUser" } else { "ContainerAdministrator" };
    Program { user: user.to_owned(), ..quiet(&[r"c:\windows\system32\cmd.exe"]) }
}

fn socket(transport: Transport, port: u16) -> Listener {
    Listener { transport, port }
}

fn web(command: &str, reply: &str) -> Program {
    Program {
        command: command.split(' ').map(str::to_owned).collect(),
        listen: vec![socket(Transport::Tcp, 80)],
        http: [("/".to_owned(), reply_of(reply))].into(),
        memory: 32 << 20,
        ..Program::default()
    }
}

fn reply_of(text: &str) -> HttpReply {
    let (status, body) = text.split_once(' ').unwrap_or((text, ""));
    HttpReply { status: status.parse().unwrap_or(200), body: body.to_owned(), fetches: None }
}

/// `agnhost netexec` at its default ports.
fn agnhost() -> Program {
    let replies =
        [("/", "200 NOW"), ("/hostname", "200 $HOSTNAME"), ("/healthz", "200 ok"), ("/echo", "200")];
    Program {
        command: words(&["/agnhost"]),
        listen: vec![socket(Transport::Tcp, 8080), socket(Transport::Udp, 8081)],
        http: replies.iter().map(|(path, reply)| ((*path).to_owned(), reply_of(reply))).collect(),
        memory: 16 << 20,
        ..Program::default()
    }
}

fn coredns() -> Program {
    Program {
        command: words(&["/coredns"]),
        component: "coredns".to_owned(),
        listen: vec![
            socket(Transport::Udp, 53),
            socket(Transport::Tcp, 53),
            socket(Transport::Tcp, 8080),
            socket(Transport::Tcp, 8181),
            socket(Transport::Tcp, 9153),
        ],
        http: [("/health", "200 OK"), ("/ready", "200 OK")]
            .iter()
            .map(|(path, reply)| ((*path).to_owned(), reply_of(reply)))
            .collect(),
        memory: 20 << 20,
        ..Program::default()
    }
}

#[cfg(test)]
mod tests {
    use super::built_in;
    use crate::spec::ImagePlatform;

    #[test]
    fn tags_decide_the_builds() {
        let platforms =
            |reference: &str| built_in(reference).map(|image| image.platforms).unwrap_or_default();
        let has = |reference: &str, build: &str| {
            platforms(reference).iter().any(|p| matches!(p, ImagePlatform::Windows(v) if v.contains(build)))
        };
        assert!(has("registry.k8s.io/pause:3.6", "20348") && !has("registry.k8s.io/pause:3.5", "20348"));
        assert!(
            has("registry.k8s.io/pause:3.10.2", "26100") && !has("registry.k8s.io/pause:3.10.1", "26100")
        );
        assert!(has("mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019", "17763"));
        assert_eq!(platforms("mcr.microsoft.com/windows/servercore:nonsense"), []);
        assert_eq!(platforms("k8s.gcr.io/pause:3.2"), [ImagePlatform::Linux]);
        assert!(!platforms("mcr.microsoft.com/oss/kubernetes/pause:1.4.1").contains(&ImagePlatform::Linux));
        assert!(built_in("example.com/pause:3.9").is_none());
    }
}
