//! A process's standard streams as bytes.

use winlab_document::{Document, doc};
use winlab_fake_wire::RemoteHost;
use winlab_host::compute::{
    ActivateLayer, CreateComputeSystem, CreateProcess, CreateSandboxLayer, GetLayerMountPath, PrepareLayer,
    StartComputeSystem, TerminateComputeSystem,
};
use winlab_host::system::{CreateDirectory, Scope, WriteFile};
use winlab_host::{Ask as _, Fault, Guid, Program};

use crate::lab::{Lab, run};
use crate::raw::Raw;

const LAYER: &str = r"C:\layers\base";

/// A running container `web` with a `cmd` that reads from a pipe: its process id.
async fn container(host: &RemoteHost) -> Result<u32, Fault> {
    let program = Program { os: "windows".into(), os_version: "10.0.20348.1".into(), ..Program::default() };
    host.ask(CreateDirectory { scope: Scope::Host, path: format!(r"{LAYER}\Files") }).await?;
    let bytes = Document::encode(&program).unwrap().to_bytes().into();
    let path = format!(r"{LAYER}\Files\{}", Program::FILE);
    host.ask(WriteFile { scope: Scope::Host, path, bytes }).await?;
    let (scratch, parents) = (r"C:\scratch\web".to_owned(), vec![LAYER.to_owned()]);
    host.ask(CreateSandboxLayer { path: scratch.clone(), parents: parents.clone() }).await?;
    host.ask(ActivateLayer { path: scratch.clone() }).await?;
    host.ask(PrepareLayer { path: scratch.clone(), parents }).await?;
    let volume = host.ask(GetLayerMountPath { path: scratch }).await?;
    let configuration = doc!({
        "SchemaVersion": {"Major": 2, "Minor": 1},
        "Container": {"Storage": {
            "Layers": [{"Id": Guid::from_bits(1), "Path": LAYER}], "Path": format!("{volume}\\"),
        }},
    });
    host.ask(CreateComputeSystem { id: "web".into(), configuration }).await?;
    host.ask(StartComputeSystem { id: "web".into(), options: Document::Null }).await?;
    let parameters = doc!({"CommandLine": "cmd", "CreateStdInPipe": true, "CreateStdOutPipe": true});
    Ok(host.ask(CreateProcess { id: "web".into(), parameters }).await?.pid)
}

/// Reads a stream up to and including a text.
fn read_to(stream: &mut Raw, end: &str) -> String {
    let mut read = String::new();
    while !read.contains(end) {
        let piece = stream.piece().unwrap_or_else(|| panic!("it ended after {read:?}"));
        read.push_str(std::str::from_utf8(&piece).unwrap());
    }
    read
}

#[test]
fn a_process_is_spoken_to_until_it_ends() {
    let lab = Lab::windows();
    let pid = run(async { container(&lab.client().host("win1")).await }).unwrap();
    let at = format!("/v1/hosts/win1/hcs/systems/web/processes/{pid}");
    let (mut output, mut input) = (Raw::connect(&lab.address), Raw::connect(&lab.address));
    output.request("GET", &format!("{at}/stdout"), &[], b"");
    let head = output.head();
    assert_eq!((head.status, head.header("content-type")), (200, Some("application/octet-stream")));
    // One long body, whose pieces arrive as they are written.
    input.request_head_of_a_stream(&format!("{at}/stdin"));
    for text in ["one", "two"] {
        input.send_piece(format!("echo {text}\r\n").as_bytes());
        assert!(read_to(&mut output, text).ends_with(&format!("{text}\r\n")));
    }
    input.send_piece(b"exit 3\r\n");
    input.send_piece(b"");
    let head = input.head();
    assert_eq!((head.status, input.body(&head).as_str()), (200, r#"{"result":null}"#));
    while output.piece().is_some() {}
    let mut raw = Raw::connect(&lab.address);
    let status = raw.call(
        "/v1/hosts/win1/hcs",
        &format!(r#"{{"function":"HcsGetProcessProperties","arguments":{{"id":"web","pid":{pid}}}}}"#),
    );
    assert_eq!(status.get("ExitCode"), Some(&doc!(3)), "{status}");
    // An ended process takes no more.
    raw.request("POST", &format!("{at}/stdin"), &["content-type: application/octet-stream"], b"x");
    let head = raw.head();
    assert!(raw.body(&head).contains(r#""code":"0x80070006""#));
}

#[test]
fn a_stream_ends_with_its_system_and_one_of_nobody_is_a_fault() {
    let lab = Lab::windows();
    let pid = run(async { container(&lab.client().host("win1")).await }).unwrap();
    let mut output = Raw::connect(&lab.address);
    output.request("GET", &format!("/v1/hosts/win1/hcs/systems/web/processes/{pid}/stdout"), &[], b"");
    assert_eq!(output.head().status, 200);
    run(async {
        let terminate = TerminateComputeSystem { id: "web".into(), options: Document::Null };
        lab.client().host("win1").ask(terminate).await.unwrap();
    });
    while output.piece().is_some() {}
    output.request("GET", "/v1/hosts/win1/hcs/systems/none/processes/1/stderr", &[], b"");
    let head = output.head();
    assert_eq!((head.status, head.header("content-type")), (200, Some("application/json")));
    let answer = output.body(&head);
    assert!(answer.starts_with(r#"{"fault":{"code":"0xc037010e""#), "{answer}");
}
