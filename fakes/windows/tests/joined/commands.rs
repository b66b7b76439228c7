//! Commands in containers: answers come from the host's state.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use winlab_clock::{VirtualSpan, virtual_world};
use winlab_fake_windows::{CommandOutput, Invocation, NetworkCommands};
use winlab_host::{Ask as _, Guid, HResult};

use crate::lab::{Lab, web};

#[test]
fn commands_read_the_containers_own_state() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let (namespace, _) = lab.pod_network("10.244.1.5").await;
        lab.run("web-0", namespace).await;
        for (command, expected, code) in [
            ("hostname", "web-0\r\n", 0),
            ("whoami", "user manager\\containeruser\r\n", 0),
            ("cmd /S /C echo %username%", "ContainerUser\r\n", 0),
            ("cmd /c ver", "\r\nMicrosoft Windows [Version 10.0.20348.1]\r\n", 0),
            ("cmd /c echo hello > C:\\x.txt && type C:\\x.txt", "hello\r\n", 0),
            (
                "cmd /c dir /b C:\\",
                "Program Files\r\nProgramData\r\nUsers\r\nWindows\r\nwinlab-program.json\r\nx.txt\r\n",
                0,
            ),
            ("cmd /c type C:\\nope", "The system cannot find the file specified.\r\n", 1),
            ("cmd /c exit 7", "", 7),
            ("cmd /c set Pod=a&& echo %Pod%", "%Pod%\r\n", 0),
            ("cmd /c ipconfig | findstr IPv4", "   IPv4 Address. . . . . . . . . . . : 10.244.1.5\r\n", 0),
            (
                "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v SearchList",
                "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\r\n    SearchList    REG_SZ    default.svc.cluster.local\r\n\r\n",
                0,
            ),
            (
                "reg query HKLM\\SOFTWARE\\Nothing",
                "ERROR: The system was unable to find the specified registry key or value.\r\n",
                1,
            ),
            ("powershell -Command Write-Output 'a b'; exit 4", "a b\r\n", 4),
            ("powershell.exe -NoProfile -Command $env:HOSTNAME", "web-0\r\n", 0),
            ("powershell -Command Test-Path C:\\Windows", "True\r\n", 0),
        ] {
            assert_eq!(lab.exec("web-0", command).await, (expected.to_owned(), code), "{command}");
        }
        let (text, code) = lab.exec("web-0", "powershell -Command Get-Nonsense").await;
        assert!(text.contains("'Get-Nonsense' is not recognized") && code == 1, "{text}");
        for missing in ["nothing.exe", "netstat -an"] {
            let fault = lab.process("web-0", missing).await.unwrap_err();
            assert_eq!(fault.code, HResult::ERROR_FILE_NOT_FOUND);
        }
        assert_eq!(lab.host.unmodelled(), [("commands", "netstat", 1)]);
    });
}

#[test]
fn ipconfig_shows_what_hns_and_the_registry_have() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let (namespace, _) = lab.pod_network("10.244.1.5").await;
        lab.run("web-0", namespace).await;
        let (text, _) = lab.exec("web-0", "ipconfig /all").await;
        insta::assert_snapshot!(text.replace("\r\n", "\n"));
    });
}

#[test]
fn pinging_oneself_is_waiting() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        lab.run("web-0", Guid::NIL).await;
        let before = lab.clock.now();
        let (text, code) = lab.exec("web-0", "ping -n 11 127.0.0.1").await;
        assert_eq!((text.matches("Reply from 127.0.0.1").count(), code), (11, 0));
        assert_eq!(lab.clock.now().since(before), VirtualSpan::from_secs(10));
    });
}

#[test]
fn a_loop_without_end_keeps_a_container_alive_and_costs_nothing() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        lab.create("web-0", Guid::NIL, &[]).await.unwrap();
        lab.start("web-0").await.unwrap();
        let pid = lab
            .process("web-0", "powershell -Command while ($true) { Start-Sleep -Seconds 60 }")
            .await
            .unwrap();
        lab.clock.sleep(VirtualSpan::from_secs(3600)).await;
        let call = winlab_host::compute::GetProcessProperties { id: "web-0".into(), pid };
        let status = lab.host.compute().ask(call).await.unwrap();
        assert_eq!(status.get("Exited"), Some(&false.into()));
        assert!(lab.host.kill_process(pid));
    });
}

/// Answers `nslookup` with what it was asked.
struct Resolver;

impl NetworkCommands for Resolver {
    fn answers(&self, executable: &str) -> bool {
        executable == "nslookup"
    }

    fn run(&self, host: &str, invocation: Invocation) -> BoxFuture<'static, CommandOutput> {
        let stdout = format!("{host} {} {}\r\n", invocation.container, invocation.arguments[1]).into_bytes();
        let took = VirtualSpan::from_secs(2);
        futures::future::ready(CommandOutput { stdout, took, ..CommandOutput::default() }).boxed()
    }
}

#[test]
fn what_only_the_network_knows_is_asked_of_it() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        lab.run("web-0", Guid::NIL).await;
        let fault = lab.process("web-0", "nslookup web").await.unwrap_err();
        assert_eq!(fault.code, HResult::ERROR_FILE_NOT_FOUND);
        lab.host.set_network_commands(Arc::new(Resolver));
        let before = lab.clock.now();
        let answer = lab.exec("web-0", "cmd /c nslookup web && echo found").await;
        assert_eq!(answer, ("win1 web-0 web\r\nfound\r\n".to_owned(), 0));
        assert!(lab.clock.now().since(before) >= VirtualSpan::from_secs(2), "the answer took its time");
    });
}
