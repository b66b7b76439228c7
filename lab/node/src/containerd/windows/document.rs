//! The documents that hcsshim gives to HCS (`internal/hcsoci/hcsdoc_wcow.go`, `cmd/containerd-shim-runhcs-v1`).

use winlab_document::{ArrayBuilder, Document, ObjectBuilder, doc};

use super::command_line;
use super::layers::MountedLayers;
use crate::containerd::task::TaskSpec;

/// Whose compute systems they are.
pub(super) const OWNER: &str = "containerd-shim-runhcs-v1.exe";

/// `Container`
pub(super) fn container(spec: &TaskSpec, mounted: &MountedLayers) -> Document {
    let mut container = ObjectBuilder::new();
    if !spec.hostname.is_empty() {
        container.set("GuestOs", doc!({"HostName": &spec.hostname}));
    }
    container.set("Storage", doc!({"Layers": &mounted.layers, "Path": &mounted.volume}));
    let (directories, pipes) = mounts(spec);
    if !directories.items().is_empty() {
        container.set("MappedDirectories", directories);
    }
    if !pipes.items().is_empty() {
        container.set("MappedPipes", pipes);
    }
    if spec.memory_limit > 0 {
        container.set("Memory", doc!({"SizeInMB": spec.memory_limit.max(0).unsigned_abs() >> 20}));
    }
    if spec.cpu_maximum > 0 {
        container.set("Processor", doc!({"Maximum": spec.cpu_maximum}));
    }
    if !spec.netns.is_empty() {
        container.set("Networking", doc!({"AllowUnqualifiedDnsQuery": true, "Namespace": &spec.netns}));
    }
    // Without it a graceful stop is cut after five seconds in images that have a service control manager.
    container.set(
        "RegistryChanges",
        doc!({"AddValues": [{
            "Key": {"Hive": "System", "Name": r"ControlSet001\Control"},
            "Name": "WaitToKillServiceTimeout", "Type": "String", "StringValue": "2147483647",
        }]}),
    );
    container.build()
}

/// A process-isolated compute system.
pub(super) fn process_isolated(container: Document) -> Document {
    doc!({
        "Owner": OWNER, "SchemaVersion": {"Major": 2, "Minor": 1}, "Container": container,
        "ShouldTerminateOnLastHandleClosed": true,
    })
}

/// A container in a utility VM.
pub(super) fn hosted(vm: &str, container: Document) -> Document {
    doc!({
        "Owner": OWNER, "SchemaVersion": {"Major": 2, "Minor": 1}, "HostingSystemId": vm,
        "HostedSystem": {"SchemaVersion": {"Major": 2, "Minor": 1}, "Container": container},
        "ShouldTerminateOnLastHandleClosed": true,
    })
}

/// Mounted directories and named pipes.
pub(super) fn mounts(spec: &TaskSpec) -> (Document, Document) {
    let (mut directories, mut pipes) = (ArrayBuilder::new(), ArrayBuilder::new());
    for mount in &spec.mounts {
        let host = winlab_component::windows_path(&mount.host_path);
        let inside = winlab_component::windows_path(&mount.container_path);
        match inside.strip_prefix(r"\\.\pipe\") {
            Some(name) => pipes.push(doc!({"ContainerPipeName": name, "HostPath": host})),
            None => directories
                .push(doc!({"HostPath": host, "ContainerPath": inside, "ReadOnly": mount.readonly})),
        };
    }
    (directories.build(), pipes.build())
}

/// `ProcessParameters` of a task's first process.
pub(super) fn process(spec: &TaskSpec) -> Document {
    let environment: Document =
        spec.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let directory = if spec.working_dir.is_empty() { r"C:\" } else { &spec.working_dir };
    let mut process = ObjectBuilder::new();
    process.set("CommandLine", command_line::join(&spec.args));
    if !spec.user.is_empty() {
        process.set("User", &spec.user);
    }
    process
        .set("WorkingDirectory", winlab_component::windows_path(directory))
        .set("Environment", environment)
        .set("EmulateConsole", spec.tty)
        .set("CreateStdInPipe", spec.stdin)
        .set("CreateStdOutPipe", !spec.is_sandbox)
        .set("CreateStdErrPipe", !spec.is_sandbox && !spec.tty);
    process.build()
}

/// A sandbox image whose command is a plain shell would end at once; the shim lets it wait.
pub(super) fn pause_command(args: &[String]) -> Vec<String> {
    match args {
        [only] if only.eq_ignore_ascii_case(r"c:\windows\system32\cmd.exe") => {
            ["cmd", "/c", "ping -t 127.0.0.1 > nul"].map(str::to_owned).to_vec()
        }
        _ => args.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{MountedLayers, container, process};
    use crate::containerd::task::TaskSpec;
    use crate::cri::Mount;

    #[test]
    fn the_container_document_is_hcsshims() {
        let spec = TaskSpec {
            hostname: "web".into(),
            netns: "3e0c7a2e-0000-4000-8000-000000000001".into(),
            memory_limit: 512 << 20,
            cpu_maximum: 2500,
            mounts: vec![
                Mount {
                    host_path: "/var/lib/kubelet/x".into(),
                    container_path: "C:/data".into(),
                    ..Mount::default()
                },
                Mount {
                    host_path: r"\\.\pipe\docker_engine".into(),
                    container_path: r"\\.\pipe\docker_engine".into(),
                    ..Mount::default()
                },
            ],
            args: vec!["ping".into(), "-t".into()],
            ..TaskSpec::default()
        };
        let mounted =
            MountedLayers { volume: r"\\?\Volume{1}\".into(), layers: doc!([{"Id": "l", "Path": "p"}]) };
        let network = r#""Networking":{"AllowUnqualifiedDnsQuery":true,"Namespace":"3e0c7a2e-0000-4000-8000-000000000001"}"#;
        let expected = [
            r#"{"GuestOs":{"HostName":"web"},"Storage":{"Layers":[{"Id":"l","Path":"p"}],"Path":"\\\\?\\Volume{1}\\"}"#,
            r#""MappedDirectories":[{"HostPath":"C:\\var\\lib\\kubelet\\x","ContainerPath":"C:\\data","ReadOnly":false}]"#,
            r#""MappedPipes":[{"ContainerPipeName":"docker_engine","HostPath":"\\\\.\\pipe\\docker_engine"}]"#,
            r#""Memory":{"SizeInMB":512},"Processor":{"Maximum":2500}"#,
            network,
            r#""RegistryChanges":{"AddValues":[{"Key":{"Hive":"System","Name":"ControlSet001\\Control"},"Name":"WaitToKillServiceTimeout","Type":"String","StringValue":"2147483647"}]}}"#,
        ];
        assert_eq!(container(&spec, &mounted).to_string(), expected.join(","));
        assert_eq!(process(&spec).text(&["CommandLine"]), "ping -t");
    }
}
