//! Containers, their programs and their files.

use futures::StreamExt as _;
use winlab_clock::VirtualSpan;
use winlab_host::compute::OutputStream;
use winlab_host::linux::{
    AddNamespace, AppendFile, ContainerState, ContainerStatusOf, CreateContainer, DeleteContainer, Errno,
    ExecInContainer, KillContainer, LinkSettings, LinuxEvent, ReadFile, ReadOutput, SetLink, StartContainer,
    WaitProcess, WriteFile,
};
use winlab_host::{Boundary as _, DataPlaneView, HostDataPlane, HostProgram, Program};

use super::{Lab, bundle, bytes, lab};

/// A container `web` in the namespace `pod`, created.
async fn create(lab: &Lab, program: &str, arguments: &[&str]) {
    lab.ask(AddNamespace { name: "pod".into() }).await.unwrap();
    for (path, text) in [
        (format!("/run/rootfs/web/{}", Program::FILE), program),
        ("/var/lib/pod/resolv.conf".into(), "nameserver 10.96.0.10\n"),
    ] {
        lab.ask(WriteFile { container: String::new(), path, bytes: bytes(text) }).await.unwrap();
    }
    lab.ask(CreateContainer { id: "web".into(), bundle: bundle("pod", arguments) }).await.unwrap();
}

async fn start(lab: &Lab) {
    lab.ask(StartContainer { id: "web".into() }).await.unwrap();
}

async fn status(lab: &Lab) -> (ContainerState, i32) {
    let status = lab.ask(ContainerStatusOf { id: "web".into() }).await.unwrap();
    (status.state, status.exit_code)
}

async fn output(lab: &Lab, pid: u32, stream: OutputStream) -> String {
    let chunk = lab.ask(ReadOutput { id: "web".into(), pid, stream }).await.unwrap();
    String::from_utf8(chunk.bytes.to_vec()).unwrap()
}

async fn exec(lab: &Lab, arguments: &[&str]) -> (Option<i32>, String, String) {
    let args = arguments.iter().map(ToString::to_string).collect();
    let pid = lab.ask(ExecInContainer { id: "web".into(), args, env: vec!["WHO=me".into()] }).await.unwrap();
    let code = lab.ask(WaitProcess { id: "web".into(), pid }).await.unwrap();
    (code, output(lab, pid, OutputStream::Stdout).await, output(lab, pid, OutputStream::Stderr).await)
}

fn programs(lab: &Lab) -> Vec<HostProgram> {
    let HostDataPlane::Linux(view) = lab.host.data_plane() else { unreachable!("a Linux host") };
    view.programs["pod"].clone()
}

#[test]
fn a_program_writes_listens_and_ends_in_its_time() {
    lab(async |lab| {
        let program =
            r#"{"listen":["tcp/80"],"logs":["up"],"ready-after-ms":2000,"exit":{"code":3,"after-ms":5000}}"#;
        create(&lab, program, &[]).await;
        assert!(programs(&lab).is_empty());
        start(&lab).await;
        assert_eq!(output(&lab, 0, OutputStream::Stdout).await, "up\n");
        assert!(programs(&lab)[0].listening.is_empty());
        assert_eq!(programs(&lab)[0].environment["HOSTNAME"], "web-0");
        lab.clock.sleep(VirtualSpan::from_secs(3)).await;
        assert_eq!(programs(&lab)[0].listening.len(), 1);
        assert_eq!(status(&lab).await, (ContainerState::Running, 0));
        lab.clock.sleep(VirtualSpan::from_secs(3)).await;
        assert_eq!(status(&lab).await, (ContainerState::Stopped, 3));
        assert!(programs(&lab).is_empty());
    });
}

#[test]
fn signals() {
    lab(async |lab| {
        create(&lab, r#"{"ignores-shutdown":true}"#, &[]).await;
        start(&lab).await;
        let kill = |signal| KillContainer { id: "web".into(), signal };
        lab.ask(kill(15)).await.unwrap();
        assert_eq!(status(&lab).await, (ContainerState::Running, 0));
        let delete = |force| DeleteContainer { id: "web".into(), force };
        assert_eq!(lab.errno(delete(false)).await, Some(Errno::EBUSY));
        lab.ask(kill(9)).await.unwrap();
        assert_eq!(status(&lab).await, (ContainerState::Stopped, 137));
        assert_eq!(lab.errno(kill(9)).await, Some(Errno::ESRCH));
        lab.ask(delete(false)).await.unwrap();
        assert_eq!(lab.errno(delete(true)).await, Some(Errno::ENOENT));
    });
}

#[test]
fn a_container_sees_its_root_and_its_mounts() {
    lab(async |lab| {
        create(&lab, "{}", &[]).await;
        let read = |path: &str| ReadFile { container: "web".into(), path: path.into() };
        assert_eq!(&*lab.ask(read("/etc/resolv.conf")).await.unwrap(), b"nameserver 10.96.0.10\n");
        let write = |container: &str, path: &str| WriteFile {
            container: container.into(),
            path: path.into(),
            bytes: bytes("x"),
        };
        assert_eq!(lab.errno(write("web", "/etc/resolv.conf")).await, Some(Errno::EROFS));
        lab.ask(write("web", "/data/a")).await.unwrap();
        let host = ReadFile { container: String::new(), path: "/run/rootfs/web/data/a".into() };
        assert_eq!(&*lab.ask(host).await.unwrap(), b"x");
        lab.ask(write("web", "/tmp/b")).await.unwrap();
        lab.ask(DeleteContainer { id: "web".into(), force: true }).await.unwrap();
        let gone = ReadFile { container: String::new(), path: "/run/runc/web/tmp/b".into() };
        assert_eq!(lab.errno(gone).await, Some(Errno::ENOENT));
        lab.host.set_disk_full(true);
        let log = AppendFile { container: String::new(), path: "/var/log/x".into(), bytes: bytes("y") };
        assert_eq!(lab.errno(log).await, Some(Errno::ENOSPC));
    });
}

#[test]
fn commands() {
    lab(async |lab| {
        create(&lab, "{}", &[]).await;
        start(&lab).await;
        let up = LinkSettings { up: Some(true), ..LinkSettings::default() };
        lab.ask(SetLink { namespace: "pod".into(), name: "lo".into(), settings: up }).await.unwrap();
        for (arguments, code, text, errors) in [
            (vec!["echo", "a", "b"], 0, "a b\n", ""),
            (vec!["/bin/cat", "/etc/resolv.conf"], 0, "nameserver 10.96.0.10\n", ""),
            (vec!["cat", "/nope"], 1, "", "cat: /nope: No such file or directory\n"),
            (vec!["hostname"], 0, "web-0\n", ""),
            (vec!["env"], 0, "GREETING=hello\nHOSTNAME=web-0\nWHO=me\n", ""),
            (vec!["false"], 1, "", ""),
            (
                vec!["sh", "-c", "echo \"$GREETING ${WHO}\"; false || echo 'it is'"],
                0,
                "hello me\nit is\n",
                "",
            ),
            (vec!["sh", "-c", "false && echo no"], 1, "", ""),
            (vec!["nmap"], 127, "", "exec: \"nmap\": executable file not found in $PATH\n"),
        ] {
            let expected = (Some(code), text.to_owned(), errors.to_owned());
            assert_eq!(exec(&lab, &arguments).await, expected, "{arguments:?}");
        }
        let (_, shown, _) = exec(&lab, &["ip", "addr"]).await;
        assert!(shown.contains("inet 127.0.0.1/8 scope host lo"), "{shown}");
        assert_eq!(lab.host.unmodelled().iter().map(|(_, n)| n).sum::<u64>(), 1);
    });
}

#[test]
fn a_command_may_take_its_time() {
    lab(async |lab| {
        create(&lab, "{}", &[]).await;
        start(&lab).await;
        let args = ["sh", "-c", "sleep 5; false"].map(str::to_owned).to_vec();
        let pid = lab.ask(ExecInContainer { id: "web".into(), args, env: vec![] }).await.unwrap();
        let wait = WaitProcess { id: "web".into(), pid };
        assert_eq!(lab.ask(wait.clone()).await, Ok(None));
        lab.clock.sleep(VirtualSpan::from_secs(6)).await;
        assert_eq!(lab.ask(wait).await, Ok(Some(1)));
    });
}

#[test]
fn a_container_runs_the_command_it_is_given() {
    lab(async |lab| {
        create(&lab, r#"{"command":["/web"]}"#, &["sh", "-c", "echo bye; sleep 2; exit"]).await;
        start(&lab).await;
        assert_eq!(status(&lab).await, (ContainerState::Running, 0));
        assert_eq!(output(&lab, 0, OutputStream::Stdout).await, "bye\n");
        lab.clock.sleep(VirtualSpan::from_secs(3)).await;
        assert_eq!(status(&lab).await, (ContainerState::Stopped, 0));
    });
}

#[test]
fn what_cannot_be_created() {
    lab(async |lab| {
        let create = |bundle| CreateContainer { id: "web".into(), bundle };
        let fault = lab.ask(create(bundle("pod", &["/web"]))).await.unwrap_err();
        assert_eq!(fault.message, "exec: \"/web\": stat /web: no such file or directory");
        let program = |text: &str| WriteFile {
            container: String::new(),
            path: "/run/rootfs/web/winlab-program.json".into(),
            bytes: bytes(text),
        };
        lab.ask(program(r#"{"os":"windows"}"#)).await.unwrap();
        assert_eq!(lab.errno(create(bundle("pod", &["/web"]))).await, Some(Errno::ENOEXEC));
        lab.ask(program("{}")).await.unwrap();
        let fault = lab.ask(create(bundle("pod", &["/web"]))).await.unwrap_err();
        assert_eq!(fault.message, "lstat /var/run/netns/pod: no such file or directory");
        let odd =
            bundle("pod", &[]).with("mounts", winlab_document::doc!([{"destination": "/x", "type": "9p"}]));
        assert_eq!(lab.errno(create(odd)).await, Some(Errno::ENODEV));
    });
}

#[test]
fn too_little_memory_kills_at_once() {
    lab(async |lab| {
        create(&lab, r#"{"memory":1000}"#, &[]).await;
        lab.ask(DeleteContainer { id: "web".into(), force: true }).await.unwrap();
        let mut limited = bundle("pod", &[]);
        limited.set_path(&["linux", "resources", "memory", "limit"], 500);
        lab.ask(CreateContainer { id: "web".into(), bundle: limited }).await.unwrap();
        start(&lab).await;
        assert_eq!(status(&lab).await, (ContainerState::Stopped, 137));
    });
}

#[test]
fn a_component_is_told_of_with_its_command_writes_and_ends() {
    lab(async |lab| {
        let program = r#"{"component":"flanneld","version":"v0.28.10","command":["/opt/bin/flanneld"]}"#;
        create(&lab, program, &["/opt/bin/flanneld", "--ip-masq"]).await;
        let mut events = lab.boundary.events();
        start(&lab).await;
        let started = events.next().await.unwrap();
        let LinuxEvent::ContainerStarted { component, version, args, environment, namespace, .. } = &started
        else {
            panic!("{started:?}");
        };
        assert_eq!(
            (component.as_str(), version.as_str(), namespace.as_str()),
            ("flanneld", "v0.28.10", "pod")
        );
        assert_eq!(args, &["/opt/bin/flanneld", "--ip-masq"]);
        assert_eq!(environment.text(&["GREETING"]), "hello");
        lab.host.container_writes("web", b"up\n");
        assert_eq!(output(&lab, 0, OutputStream::Stdout).await, "up\n");
        lab.host.container_ends("web", 3);
        assert_eq!(status(&lab).await, (ContainerState::Stopped, 3));
        lab.host.container_writes("web", b"late\n");
        assert_eq!(output(&lab, 0, OutputStream::Stdout).await, "");
    });
}

#[test]
fn files_are_copied_out_of_an_image() {
    lab(async |lab| {
        create(&lab, "{}", &["cp", "-f", "/etc/resolv.conf", "/tmp/copy"]).await;
        start(&lab).await;
        assert_eq!(status(&lab).await, (ContainerState::Stopped, 0));
        let copy = ReadFile { container: String::new(), path: "/run/runc/web/tmp/copy".into() };
        assert_eq!(&*lab.ask(copy).await.unwrap(), b"nameserver 10.96.0.10\n");
    });
    lab(async |lab| {
        create(&lab, "{}", &["cp", "/nothing", "/etc/resolv.conf"]).await;
        start(&lab).await;
        assert_eq!(status(&lab).await, (ContainerState::Stopped, 1));
        let complaint = output(&lab, 0, OutputStream::Stderr).await;
        assert_eq!(complaint, "cp: cannot stat '/nothing': No such file or directory\n");
    });
}
