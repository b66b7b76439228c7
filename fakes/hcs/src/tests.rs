//! Compute systems and processes, behaviour by behaviour.

use winlab_clock::VirtualSpan;
use winlab_document::{Document, doc};
use winlab_host::compute::{
    ActivateLayer, Answer, Call, CloseComputeSystem, Compute, ComputeEventKind, CreateComputeSystem,
    CreateProcess, CreateSandboxLayer, DestroyLayer, EnumerateComputeSystems, GetComputeSystemProperties,
    GetLayerMountPath, GetProcessProperties, ImportLayer, LayerExists, ModifyProcess, OpenComputeSystem,
    OutputStream, PauseComputeSystem, PrepareLayer, ProcessInformation, ReadProcessOutput,
    ResumeComputeSystem, ShutdownComputeSystem, SignalProcess, StartComputeSystem, StreamChunk,
    TerminateComputeSystem, TerminateProcess, WriteProcessInput,
};
use winlab_host::system::{Call as SystemCall, CloseJobObject, CreateJobObject, CreateJobProcess};
use winlab_host::{Exit, Guid, HResult, Program, Request};

use crate::Hcs;
use crate::host::CommandOutput;
use crate::job::JobEvent;
use crate::test_host::{TestHost, container, lab, web};

fn ask<R: Request<Compute>>(hcs: &mut Hcs, host: &mut TestHost, request: R) -> Result<R::Output, HResult> {
    let answer: Answer = hcs.handle(request.into_call(), host).map_err(|fault| fault.code)?;
    Ok(R::output(answer).expect("it answers the call it was given"))
}

fn create(hcs: &mut Hcs, host: &mut TestHost, id: &str, configuration: Document) -> Result<(), HResult> {
    ask(hcs, host, CreateComputeSystem { id: id.into(), configuration })
}

fn start(hcs: &mut Hcs, host: &mut TestHost, id: &str) -> Result<(), HResult> {
    ask(hcs, host, StartComputeSystem { id: id.into(), options: Document::Null })
}

fn exec(hcs: &mut Hcs, host: &mut TestHost, id: &str, command: &str) -> Result<ProcessInformation, HResult> {
    let parameters = doc!({"CommandLine": command, "CreateStdInPipe": true, "CreateStdOutPipe": true, "CreateStdErrPipe": true});
    ask(hcs, host, CreateProcess { id: id.into(), parameters })
}

fn output(hcs: &mut Hcs, host: &mut TestHost, id: &str, pid: u32) -> (String, bool) {
    let read = ReadProcessOutput { id: id.into(), pid, stream: OutputStream::Stdout };
    let StreamChunk { bytes, end } = ask(hcs, host, read).unwrap();
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

fn exit_code(hcs: &mut Hcs, host: &mut TestHost, id: &str, pid: u32) -> Option<u64> {
    let status = ask(hcs, host, GetProcessProperties { id: id.into(), pid }).unwrap();
    let exited = status.get("Exited").and_then(Document::as_bool).unwrap();
    exited.then(|| status.get("ExitCode").and_then(Document::as_u64).unwrap())
}

fn running(program: &Program) -> (Hcs, TestHost) {
    let (mut hcs, mut host) = lab(program);
    create(&mut hcs, &mut host, "web", container()).unwrap();
    start(&mut hcs, &mut host, "web").unwrap();
    (hcs, host)
}

#[test]
fn states_and_who_may_do_what_in_them() {
    let (mut hcs, mut host) = lab(&web());
    create(&mut hcs, &mut host, "web", container()).unwrap();
    assert_eq!(create(&mut hcs, &mut host, "web", container()), Err(HResult::HCS_E_SYSTEM_ALREADY_EXISTS));
    assert_eq!(exec(&mut hcs, &mut host, "web", "web"), Err(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
    start(&mut hcs, &mut host, "web").unwrap();
    assert_eq!(start(&mut hcs, &mut host, "web"), Err(HResult::ERROR_VMCOMPUTE_INVALID_STATE));
    assert_eq!(host.namespaces[&Guid::from_bits(9)], ["web"]);
    let terminate = || TerminateComputeSystem { id: "web".into(), options: Document::Null };
    ask(&mut hcs, &mut host, terminate()).unwrap();
    assert_eq!(ask(&mut hcs, &mut host, terminate()), Err(HResult::ERROR_VMCOMPUTE_SYSTEM_ALREADY_STOPPED));
    let open = ask(&mut hcs, &mut host, OpenComputeSystem { id: "web".into() });
    assert_eq!(open, Err(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND));
    assert!(host.namespaces[&Guid::from_bits(9)].is_empty() && host.open.is_empty());
    let listed = ask(&mut hcs, &mut host, EnumerateComputeSystems { query: Document::Null }).unwrap();
    assert_eq!(listed, Document::empty_array());
    create(&mut hcs, &mut host, "web", container()).unwrap();
}

#[test]
fn an_image_for_another_build_is_refused_unless_it_brings_its_own_kernel() {
    let (mut hcs, mut host) = lab(&Program { os_version: "10.0.17763.1".into(), ..web() });
    assert_eq!(create(&mut hcs, &mut host, "web", container()), Err(HResult::ERROR_VMCOMPUTE_IMAGE_MISMATCH));
    let machine = doc!({"SchemaVersion": {"Major": 2, "Minor": 1}, "VirtualMachine": {"ComputeTopology": {"Memory": {"SizeInMB": 1024}}}});
    create(&mut hcs, &mut host, "pod@vm", machine).unwrap();
    let hosted = container().with("HostingSystemId", "pod@vm");
    assert_eq!(
        create(&mut hcs, &mut host, "web", hosted.clone()),
        Err(HResult::ERROR_VMCOMPUTE_INVALID_STATE)
    );
    start(&mut hcs, &mut host, "pod@vm").unwrap();
    create(&mut hcs, &mut host, "web", hosted).unwrap();
    start(&mut hcs, &mut host, "web").unwrap();
    let pid = exec(&mut hcs, &mut host, "web", "web").unwrap().pid;
    ask(&mut hcs, &mut host, TerminateComputeSystem { id: "pod@vm".into(), options: Document::Null })
        .unwrap();
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), Some(1067));
    let kinds: Vec<_> = hcs.take_events().into_iter().map(|e| (e.kind, e.system, e.status)).collect();
    assert_eq!(
        kinds[kinds.len() - 2..],
        [
            (ComputeEventKind::SystemExited, "web".into(), HResult::ERROR_VMCOMPUTE_UNEXPECTED_EXIT),
            (ComputeEventKind::SystemExited, "pod@vm".into(), HResult::S_OK),
        ]
    );
}

#[test]
fn the_program_comes_from_the_image_and_listens_when_it_is_ready() {
    let (mut hcs, mut host) = running(&Program { ready_after_ms: 2000, ..web() });
    let process = exec(&mut hcs, &mut host, "web", r"C:\web.exe --port 80").unwrap();
    assert_eq!(output(&mut hcs, &mut host, "web", process.pid), ("ready\r\n".into(), false));
    let listening = |hcs: &Hcs| hcs.programs().next().unwrap().listening.len();
    assert_eq!(listening(&hcs), 0);
    host.pass(&mut hcs, VirtualSpan::from_secs(2));
    assert_eq!(listening(&hcs), 1);
    let program = hcs.programs().next().unwrap();
    assert_eq!((program.compartment, program.environment["HOSTNAME"].as_str()), (2, "web-0"));
    assert_eq!(exec(&mut hcs, &mut host, "web", "nothing.exe"), Err(HResult::ERROR_FILE_NOT_FOUND));
}

#[test]
fn a_program_ends_when_its_image_says_so() {
    let exit = Exit { code: -1, after_ms: 40_000 };
    let (mut hcs, mut host) = running(&Program { exit: Some(exit), ..web() });
    let pid = exec(&mut hcs, &mut host, "web", "web").unwrap().pid;
    host.pass(&mut hcs, VirtualSpan::from_secs(39));
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), None);
    host.pass(&mut hcs, VirtualSpan::from_secs(1));
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), Some(0xffff_ffff));
    assert!(output(&mut hcs, &mut host, "web", pid).1, "its output has ended");
    assert!(ask(&mut hcs, &mut host, OpenComputeSystem { id: "web".into() }).is_ok(), "the system goes on");
}

#[test]
fn a_shutdown_waits_for_programs_that_do_not_listen_to_it() {
    let (mut hcs, mut host) = running(&Program { ignores_shutdown: true, ..web() });
    let pid = exec(&mut hcs, &mut host, "web", "web").unwrap().pid;
    ask(&mut hcs, &mut host, ShutdownComputeSystem { id: "web".into(), options: Document::Null }).unwrap();
    host.pass(&mut hcs, VirtualSpan::from_secs(4));
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), None);
    host.pass(&mut hcs, VirtualSpan::from_secs(1));
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), Some(1067));
}

#[test]
fn signals_and_force() {
    let (mut hcs, mut host) = running(&web());
    let polite = exec(&mut hcs, &mut host, "web", "web").unwrap().pid;
    let options = doc!({"Signal": "CtrlShutdown"});
    ask(&mut hcs, &mut host, SignalProcess { id: "web".into(), pid: polite, options: options.clone() })
        .unwrap();
    assert_eq!(exit_code(&mut hcs, &mut host, "web", polite), Some(0xc000_013a));
    let again = ask(&mut hcs, &mut host, SignalProcess { id: "web".into(), pid: polite, options });
    assert_eq!(again, Err(HResult::HCS_E_PROCESS_ALREADY_STOPPED));
    let forced = exec(&mut hcs, &mut host, "web", "web").unwrap().pid;
    ask(&mut hcs, &mut host, TerminateProcess { id: "web".into(), pid: forced }).unwrap();
    assert_eq!(exit_code(&mut hcs, &mut host, "web", forced), Some(1067));
    let again = ask(&mut hcs, &mut host, TerminateProcess { id: "web".into(), pid: forced });
    assert_eq!(again, Err(HResult::E_ACCESSDENIED));
}

#[test]
fn accounts_are_the_images_own() {
    let (mut hcs, mut host) = running(&Program { user: "app".into(), ..web() });
    let mut as_user = |user: &str| {
        let parameters = doc!({"CommandLine": "web", "User": user});
        ask(&mut hcs, &mut host, CreateProcess { id: "web".into(), parameters }).map(drop)
    };
    for known in ["", "ContainerUser", r"User Manager\ContainerAdministrator", r"NT AUTHORITY\SYSTEM", "APP"]
    {
        assert_eq!(as_user(known), Ok(()), "{known}");
    }
    assert_eq!(as_user("FakeUser"), Err(HResult::ERROR_LOGON_FAILURE));
}

#[test]
fn scripts_join_commands() {
    let (mut hcs, mut host) = running(&web());
    for (script, expected, code) in [
        ("cmd /c echo a && echo b || echo c", "a\r\nb\r\n", 0),
        ("cmd /S /C \"echo a & fail\"", "a\r\n", 3),
        ("cmd /c fail || echo %ERRORLEVEL%", "0\r\n", 0),
        ("cmd /c echo a | upper", "A\r\n", 0),
        ("cmd /c echo %HOSTNAME%", "web-0\r\n", 0),
        ("cmd /c echo a > nul", "", 0),
        ("cmd /c nothing", "", 1),
    ] {
        let pid = exec(&mut hcs, &mut host, "web", script).unwrap().pid;
        host.pass(&mut hcs, VirtualSpan::ZERO);
        assert_eq!(output(&mut hcs, &mut host, "web", pid), (expected.into(), true), "{script}");
        assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), Some(code), "{script}");
    }
}

#[test]
fn commands_that_take_time_take_it() {
    let (mut hcs, mut host) = running(&web());
    let pid = exec(&mut hcs, &mut host, "web", "cmd /c ping -n 4 x && echo end").unwrap().pid;
    host.pass(&mut hcs, VirtualSpan::from_secs(1));
    assert_eq!(output(&mut hcs, &mut host, "web", pid).0, "reply\r\nreply\r\n");
    host.pass(&mut hcs, VirtualSpan::from_secs(2));
    assert_eq!(output(&mut hcs, &mut host, "web", pid), ("reply\r\nreply\r\ndone\r\nend\r\n".into(), true));
    exec(&mut hcs, &mut host, "web", "cmd /c ping -t 127.0.0.1 > nul").unwrap();
    assert_eq!(hcs.next_timer(), None, "a pause container costs nothing");
}

#[test]
fn the_network_answers_what_only_it_can() {
    let (mut hcs, mut host) = running(&web());
    let pid = exec(&mut hcs, &mut host, "web", "cmd /c nslookup web && echo found").unwrap().pid;
    let asked = hcs.take_external().remove(0);
    assert_eq!((asked.pid, asked.invocation.container.as_str()), (pid, "web"));
    let answer = CommandOutput { stdout: b"10.0.0.1\r\n".to_vec(), ..CommandOutput::default() };
    hcs.complete(pid, answer, &mut host);
    assert_eq!(output(&mut hcs, &mut host, "web", pid), ("10.0.0.1\r\nfound\r\n".into(), true));
}

#[test]
fn a_shell_reads_its_input_to_the_end() {
    let (mut hcs, mut host) = running(&web());
    let pid = exec(&mut hcs, &mut host, "web", "cmd").unwrap().pid;
    let bytes = |text: &str| text.as_bytes().into();
    ask(&mut hcs, &mut host, WriteProcessInput { id: "web".into(), pid, bytes: bytes("echo a\necho") })
        .unwrap();
    assert_eq!(output(&mut hcs, &mut host, "web", pid), ("a\r\n".into(), false));
    ask(&mut hcs, &mut host, WriteProcessInput { id: "web".into(), pid, bytes: bytes(" b") }).unwrap();
    let settings = doc!({"Operation": "CloseHandle", "CloseHandle": {"Handle": "StdIn"}});
    ask(&mut hcs, &mut host, ModifyProcess { id: "web".into(), pid, settings }).unwrap();
    assert_eq!(output(&mut hcs, &mut host, "web", pid), ("b\r\n".into(), true));
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), Some(0));
}

#[test]
fn memory_beyond_the_limit_is_refused_to_the_program() {
    let (mut hcs, mut host) = lab(&web());
    let mut limited = container();
    limited.set_path(&["Container", "Memory", "SizeInMB"], 64);
    create(&mut hcs, &mut host, "web", limited).unwrap();
    start(&mut hcs, &mut host, "web").unwrap();
    let pid = exec(&mut hcs, &mut host, "web", "web").unwrap().pid;
    host.pass(&mut hcs, VirtualSpan::ZERO);
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), Some(0xc000_0017));
}

#[test]
fn what_a_pause_holds_up_goes_on_afterwards() {
    let exit = Exit { code: 0, after_ms: 10_000 };
    let (mut hcs, mut host) = lab(&Program { exit: Some(exit), ..web() });
    let machine = doc!({"SchemaVersion": {"Major": 2, "Minor": 1}, "VirtualMachine": {}});
    create(&mut hcs, &mut host, "vm", machine).unwrap();
    start(&mut hcs, &mut host, "vm").unwrap();
    create(&mut hcs, &mut host, "web", container().with("HostingSystemId", "vm")).unwrap();
    start(&mut hcs, &mut host, "web").unwrap();
    let pid = exec(&mut hcs, &mut host, "web", "web").unwrap().pid;
    host.pass(&mut hcs, VirtualSpan::from_secs(4));
    ask(&mut hcs, &mut host, PauseComputeSystem { id: "vm".into(), options: Document::Null }).unwrap();
    host.pass(&mut hcs, VirtualSpan::from_secs(100));
    ask(&mut hcs, &mut host, ResumeComputeSystem { id: "vm".into(), options: Document::Null }).unwrap();
    host.pass(&mut hcs, VirtualSpan::from_secs(5));
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), None);
    host.pass(&mut hcs, VirtualSpan::from_secs(1));
    assert_eq!(exit_code(&mut hcs, &mut host, "web", pid), Some(0));
}

#[test]
fn a_namespace_that_cannot_be_attached_fails_the_start() {
    let (mut hcs, mut host) = lab(&web());
    host.namespaces.clear();
    create(&mut hcs, &mut host, "web", container()).unwrap();
    let fault = hcs
        .handle(
            Call::StartComputeSystem(StartComputeSystem { id: "web".into(), options: Document::Null }),
            &mut host,
        )
        .unwrap_err();
    assert_eq!(fault.code, HResult::HCN_E_NAMESPACE_ATTACH_FAILED);
    assert_eq!(fault.message, "The requested operation for attach namespace failed.");
    assert!(host.open.is_empty());
}

#[test]
fn properties_have_the_members_that_clients_read() {
    let (mut hcs, mut host) = running(&web());
    exec(&mut hcs, &mut host, "web", "web").unwrap();
    host.pass(&mut hcs, VirtualSpan::from_secs(60));
    let query = doc!({"PropertyTypes": ["Statistics", "ProcessList"]});
    let properties =
        ask(&mut hcs, &mut host, GetComputeSystemProperties { id: "web".into(), query }).unwrap();
    insta::assert_snapshot!(properties.to_pretty());
}

#[test]
fn layers_are_imported_mounted_and_destroyed() {
    let (mut hcs, mut host) = lab(&web());
    let layer = || String::from(r"C:\layers\copy");
    ask(&mut hcs, &mut host, ImportLayer { path: layer(), folder: r"C:\layers\web".into(), parents: vec![] })
        .unwrap();
    assert!(ask(&mut hcs, &mut host, LayerExists { path: layer() }).unwrap());
    let scratch = || String::from(r"C:\sandbox\1");
    ask(&mut hcs, &mut host, CreateSandboxLayer { path: scratch(), parents: vec![layer()] }).unwrap();
    let unmounted = ask(&mut hcs, &mut host, GetLayerMountPath { path: scratch() });
    assert_eq!(unmounted, Err(HResult::ERROR_NOT_READY));
    ask(&mut hcs, &mut host, ActivateLayer { path: scratch() }).unwrap();
    ask(&mut hcs, &mut host, PrepareLayer { path: scratch(), parents: vec![layer()] }).unwrap();
    let volume = ask(&mut hcs, &mut host, GetLayerMountPath { path: scratch() }).unwrap();
    let mut configuration = container();
    configuration.set_path(&["Container", "Storage", "Path"], format!("{volume}\\"));
    configuration.set_path(&["Container", "Storage", "Layers"], doc!([{"Id": Guid::NIL, "Path": layer()}]));
    create(&mut hcs, &mut host, "web", configuration).unwrap();
    for path in [layer(), scratch()] {
        let busy = ask(&mut hcs, &mut host, DestroyLayer { path });
        assert_eq!(busy, Err(HResult::ERROR_SHARING_VIOLATION));
    }
    ask(&mut hcs, &mut host, CloseComputeSystem { id: "web".into() }).unwrap();
    ask(&mut hcs, &mut host, DestroyLayer { path: layer() }).unwrap();
    assert!(!ask(&mut hcs, &mut host, LayerExists { path: layer() }).unwrap());
}

#[test]
fn host_process_containers_are_job_objects() {
    let (mut hcs, mut host) = lab(&Program { os_version: "10.0.17763.1".into(), ..web() });
    let settings = doc!({"Storage": {"Layers": [{"Path": "C:\\layers\\web"}]}});
    let job = || String::from("JobContainer_proxy");
    let call = SystemCall::CreateJobObject(CreateJobObject { name: job(), settings });
    hcs.handle_job(&call, &mut host).unwrap().unwrap();
    let parameters = doc!({"CommandLine": "web.exe", "User": "NT AUTHORITY\\SYSTEM"});
    let call = SystemCall::CreateJobProcess(CreateJobProcess { job: job(), parameters });
    hcs.handle_job(&call, &mut host).unwrap().unwrap();
    let program = hcs.programs().next().unwrap();
    assert_eq!(
        (program.container, program.compartment, program.listening.len()),
        ("JobContainer_proxy", 1, 1)
    );
    let pid = program.pid;
    let call = SystemCall::CloseJobObject(CloseJobObject { name: job() });
    hcs.handle_job(&call, &mut host).unwrap().unwrap();
    assert_eq!(hcs.take_job_events(), [JobEvent::Exited { job: job(), pid, exit_code: 1 }]);
    assert_eq!(hcs.programs().count(), 0);
}

#[test]
fn the_service_takes_its_systems_with_it() {
    let (mut hcs, mut host) = running(&web());
    exec(&mut hcs, &mut host, "web", "web").unwrap();
    hcs.take_events();
    hcs.stop_service(&mut host);
    let kinds: Vec<_> = hcs.take_events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [ComputeEventKind::ServiceDisconnect]);
    let refused = ask(&mut hcs, &mut host, EnumerateComputeSystems { query: Document::Null });
    assert_eq!(refused, Err(HResult::RPC_S_SERVER_UNAVAILABLE));
    assert!(host.namespaces[&Guid::from_bits(9)].is_empty());
    hcs.start_service();
    let listed = ask(&mut hcs, &mut host, EnumerateComputeSystems { query: Document::Null }).unwrap();
    assert_eq!(listed, Document::empty_array());
}

/// An image of kube-proxy as a HostProcess container runs it, and its job.
fn component_job(hcs: &mut Hcs, host: &mut TestHost) -> ProcessInformation {
    let settings = doc!({"Storage": {"Layers": [{"Path": "C:\\layers\\web"}]}});
    let call = SystemCall::CreateJobObject(CreateJobObject { name: "JobContainer_proxy".into(), settings });
    hcs.handle_job(&call, host).unwrap().unwrap();
    let parameters = doc!({
        "CommandLine": "PowerShell /c C:\\hpc/start.ps1",
        "Environment": {"CONTAINER_SANDBOX_MOUNT_POINT": "C:\\hpc", "KUBE_NETWORK": "cbr0"},
        "CreateStdOutPipe": true
    });
    let call =
        SystemCall::CreateJobProcess(CreateJobProcess { job: "JobContainer_proxy".into(), parameters });
    let Ok(winlab_host::system::Answer::CreateJobProcess(process)) = hcs.handle_job(&call, host).unwrap()
    else {
        panic!("it starts");
    };
    process
}

fn kube_proxy() -> Program {
    Program {
        component: "kube-proxy".into(),
        version: "v1.36.1".into(),
        command: ["PowerShell", "/c", "$env:CONTAINER_SANDBOX_MOUNT_POINT/start.ps1"]
            .map(str::to_owned)
            .to_vec(),
        ..web()
    }
}

#[test]
fn a_component_in_a_job_is_told_of_writes_and_ends() {
    let (mut hcs, mut host) = lab(&kube_proxy());
    let pid = component_job(&mut hcs, &mut host).pid;
    let events = hcs.take_job_events();
    let JobEvent::ComponentStarted { component, version, command_line, environment, .. } = &events[0] else {
        panic!("{events:?}");
    };
    assert_eq!((component.as_str(), version.as_str()), ("kube-proxy", "v1.36.1"));
    assert_eq!(command_line, "PowerShell /c C:\\hpc/start.ps1");
    assert_eq!(environment.text(&["KUBE_NETWORK"]), "cbr0");
    hcs.program_writes(pid, b"syncing\n", &mut host);
    hcs.program_ends(pid, 2, &mut host);
    let job = || String::from("JobContainer_proxy");
    assert_eq!(
        hcs.take_job_events(),
        [
            JobEvent::Output { job: job(), pid },
            JobEvent::ComponentStopped { job: job(), pid },
            JobEvent::Exited { job: job(), pid, exit_code: 2 },
        ]
    );
    hcs.program_writes(pid, b"late\n", &mut host);
    assert_eq!(hcs.take_job_events(), [], "what has ended writes no more");
}

#[test]
fn a_component_in_an_ordinary_container_has_no_hns() {
    let program = Program { command: vec![r"C:\kube-proxy.exe".into()], ..kube_proxy() };
    let (mut hcs, mut host) = running(&program);
    let pid = exec(&mut hcs, &mut host, "web", "kube-proxy.exe").unwrap().pid;
    host.now = host.now + VirtualSpan::from_secs(1);
    hcs.tick(&mut host);
    let ended = ask(&mut hcs, &mut host, GetProcessProperties { id: "web".into(), pid }).unwrap();
    assert_eq!(ended.get("ExitCode").and_then(Document::as_u64), Some(1));
    assert_eq!(hcs.take_job_events(), []);
}
