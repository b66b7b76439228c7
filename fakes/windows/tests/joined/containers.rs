//! Containers over the host's storage, and HostProcess containers.

use futures::StreamExt as _;
use winlab_clock::{VirtualSpan, virtual_world};
use winlab_document::{Document, doc};
use winlab_host::compute::{
    ComputeEventKind, CreateSandboxLayer, DestroyLayer, LayerExists, ModifyComputeSystem, OutputStream,
};
use winlab_host::system::{
    CloseJobObject, CreateDirectory, CreateJobObject, CreateJobProcess, DeleteFile, ReadFile,
    ReadJobProcessOutput, Scope, SystemEvent, WriteFile,
};
use winlab_host::{Ask as _, Boundary, Exit, Guid, HResult, Program};

use crate::lab::{LAYER, Lab, web};

fn bytes(text: &str) -> std::sync::Arc<[u8]> {
    text.as_bytes().into()
}

#[test]
fn a_program_that_ends_is_heard_of_when_it_does() {
    virtual_world(async {
        let exit = Some(Exit { code: 3, after_ms: 40_000 });
        let lab = Lab::new(&Program { exit, ..web() }).await;
        let mut events = lab.host.compute().events();
        let pid = lab.run("web", Guid::NIL).await;
        loop {
            let event = events.next().await.unwrap();
            if event.kind == ComputeEventKind::ProcessExited {
                assert_eq!(
                    (event.pid, event.data.get("ExitCode").and_then(Document::as_u64)),
                    (pid, Some(3))
                );
                assert_eq!(lab.clock.now().as_nanos(), VirtualSpan::from_secs(40).as_nanos());
                return;
            }
        }
    });
}

#[test]
fn files_of_a_container_are_layers_scratch_and_mapped_directories() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let system = lab.host.system();
        let at = |scope: &Scope, path: &str| ReadFile { scope: scope.clone(), path: path.into() };
        let (host, web) = (Scope::Host, Scope::Container("web".into()));
        system.ask(CreateDirectory { scope: host.clone(), path: r"C:\data".into() }).await.unwrap();
        let file = WriteFile { scope: host.clone(), path: r"C:\data\x".into(), bytes: bytes("x") };
        system.ask(file).await.unwrap();
        let mapped = doc!([{"HostPath": "C:\\data", "ContainerPath": "C:\\mnt", "ReadOnly": true}]);
        lab.create("web", Guid::NIL, &[(&["Container", "MappedDirectories"], mapped)]).await.unwrap();
        lab.start("web").await.unwrap();
        assert_eq!(&*system.ask(at(&web, r"C:\mnt\x")).await.unwrap(), b"x");
        assert!(system.ask(at(&web, r"C:\winlab-program.json")).await.is_ok(), "the layer shows");
        let own = WriteFile { scope: web.clone(), path: r"C:\own".into(), bytes: bytes("mine") };
        system.ask(own).await.unwrap();
        assert_eq!(&*system.ask(at(&host, r"C:\scratch\web\Files\own")).await.unwrap(), b"mine");
        assert!(system.ask(at(&host, &format!(r"{LAYER}\Files\own"))).await.is_err());
        let configuration = doc!({"ResourcePath": "Container/MappedDirectories", "RequestType": "Add",
            "Settings": {"HostPath": "C:\\data", "ContainerPath": "C:\\later"}});
        let modify = ModifyComputeSystem { id: "web".into(), configuration };
        lab.host.compute().ask(modify).await.unwrap();
        assert_eq!(&*system.ask(at(&web, r"C:\later\x")).await.unwrap(), b"x");
        system.ask(DeleteFile { scope: web, path: r"C:\later\x".into() }).await.unwrap();
        assert!(system.ask(at(&host, r"C:\data\x")).await.is_err(), "it was the host's file");
    });
}

#[test]
fn a_full_disk_stops_scratches() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        lab.host.set_free_disk(0);
        let fault = lab.create("web", Guid::NIL, &[]).await.unwrap_err();
        assert_eq!(fault.code, HResult::ERROR_DISK_FULL);
        lab.host.restore_disk();
        let (path, parents) = (String::from(r"C:\scratch\other"), vec![LAYER.into()]);
        lab.host.compute().ask(CreateSandboxLayer { path, parents }).await.unwrap();
    });
}

#[test]
fn layers_go_when_nobody_has_them() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        lab.run("web", Guid::NIL).await;
        let compute = lab.host.compute();
        let layer = || LAYER.to_owned();
        let busy = compute.ask(DestroyLayer { path: layer() }).await.unwrap_err();
        assert_eq!(busy.code, HResult::ERROR_SHARING_VIOLATION);
        assert!(lab.host.remove_compute_system("web"));
        compute.ask(DestroyLayer { path: layer() }).await.unwrap();
        assert!(!compute.ask(LayerExists { path: layer() }).await.unwrap());
    });
}

#[test]
fn host_process_containers_run_in_the_hosts_compartment_with_their_files_at_hpc() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let compute = lab.host.compute();
        let (path, parents) = (String::from(r"C:\scratch\hpc"), vec![LAYER.into()]);
        compute.ask(CreateSandboxLayer { path, parents }).await.unwrap();
        let system = lab.host.system();
        let mut events = system.events();
        let name = String::from("JobContainer_proxy");
        let settings = doc!({"Storage": {"Layers": [{"Path": LAYER}], "Path": "C:\\scratch\\hpc"}});
        system.ask(CreateJobObject { name: name.clone(), settings }).await.unwrap();
        let parameters = doc!({"CommandLine": "C:\\hpc\\web.exe", "WorkingDirectory": "C:\\hpc"});
        let pid = system.ask(CreateJobProcess { job: name.clone(), parameters }).await.unwrap().pid;
        let plane = lab.plane();
        assert_eq!(plane.compartments[0].number, 1);
        let program = &plane.compartments[0].programs[0];
        assert_eq!((program.container.as_str(), program.pid, program.listening.len()), ("proxy", pid, 1));
        assert_eq!(program.environment["COMPUTERNAME"], "win1");
        let parameters = doc!({"CommandLine": "cmd /c type C:\\hpc\\winlab-program.json && whoami", "CreateStdOutPipe": true});
        let exec = system.ask(CreateJobProcess { job: name.clone(), parameters }).await.unwrap().pid;
        loop {
            if let SystemEvent::ProcessExited { pid, exit_code, .. } = events.next().await.unwrap() {
                assert_eq!((pid, exit_code), (exec, 0));
                break;
            }
        }
        let read = ReadJobProcessOutput { pid: exec, stream: OutputStream::Stdout };
        let text = String::from_utf8_lossy(&system.ask(read).await.unwrap().bytes).into_owned();
        assert!(text.contains("\"tcp/80\"") && text.ends_with("nt authority\\system\r\n"), "{text}");
        let parameters = doc!({"CommandLine": "web.exe", "User": "ContainerUser"});
        let refused = system.ask(CreateJobProcess { job: name.clone(), parameters }).await.unwrap_err();
        assert_eq!(refused.code, HResult::ERROR_LOGON_FAILURE);
        system.ask(CloseJobObject { name }).await.unwrap();
        assert!(lab.plane().compartments[0].programs.is_empty());
    });
}
