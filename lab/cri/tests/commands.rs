//! Exec and attach over the streaming server.
#![expect(clippy::disallowed_types, reason = "the client's side of a socket")]

mod node;
mod wire;

use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tonic::Code;
use winlab_component::HostFiles;
use winlab_cri::proto;

use node::{Node, container, real_world, run_pod};
use wire::{Spdy, ask, connect, runtime, spdy_headers};

fn exec(container: &str, command: &[&str], stdin: bool, tty: bool) -> proto::ExecRequest {
    proto::ExecRequest {
        container_id: container.to_owned(),
        cmd: command.iter().map(|word| (*word).to_owned()).collect(),
        tty,
        stdin,
        stdout: true,
        stderr: !tty,
    }
}

async fn websocket(url: &str, protocol: &'static str) -> WebSocketStream<TcpStream> {
    let mut request = url.replace("http://", "ws://").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    let (socket, response) = tokio_tungstenite::client_async(request, connect(url).await).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], protocol);
    socket
}

/// What came on each channel until the server closes.
async fn read_all(socket: &mut WebSocketStream<TcpStream>) -> [String; 4] {
    let mut came: [Vec<u8>; 4] = Default::default();
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Binary(bytes) = message {
            came[usize::from(bytes[0])].extend_from_slice(&bytes[1..]);
        }
    }
    came.map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn a_command_runs_over_spdy_and_its_exit_code_is_told() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let ask = exec(&id, &["cmd", "/c", "echo hi& exit 3"], false, false);
        let url = cri.exec(ask).await.unwrap().into_inner().url;
        let mut spdy = Spdy::open(&url, "v4.channel.k8s.io").await;
        let error = spdy.stream(&[("streamtype", "error")]).await;
        let stdout = spdy.stream(&[("streamtype", "stdout")]).await;
        let stderr = spdy.stream(&[("streamtype", "stderr")]).await;
        spdy.until(|spdy| spdy.ended.contains(&error)).await;
        assert_eq!((spdy.text(stdout).as_str(), spdy.text(stderr).as_str()), ("hi\r\n", ""));
        assert!(
            spdy.text(error).contains(r#""details":{"causes":[{"reason":"ExitCode","message":"3"}]}"#),
            "{}",
            spdy.text(error)
        );
    });
}

#[test]
fn input_and_sizes_reach_a_command_with_a_terminal() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let url = cri.exec(exec(&id, &["cmd"], true, true)).await.unwrap().into_inner().url;
        let mut spdy = Spdy::open(&url, "v4.channel.k8s.io").await;
        let error = spdy.stream(&[("streamtype", "error")]).await;
        let stdin = spdy.stream(&[("streamtype", "stdin")]).await;
        let stdout = spdy.stream(&[("streamtype", "stdout")]).await;
        let resize = spdy.stream(&[("streamtype", "resize")]).await;
        spdy.data(resize, br#"{"Width":120,"Height":40}"#, false).await;
        // As a terminal sends it: the Enter key is a carriage return.
        spdy.data(stdin, b"echo one\r", false).await;
        spdy.until(|spdy| spdy.text(stdout).contains("one\r\n")).await;
        spdy.data(stdin, b"exit\r", false).await;
        spdy.until(|spdy| spdy.ended.contains(&error)).await;
        assert!(spdy.text(error).contains(r#""status":"Success""#), "{}", spdy.text(error));
    });
}

#[test]
fn both_versions_of_the_websocket_protocol_carry_a_command() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let url =
            cri.exec(exec(&id, &["cmd", "/c", "echo hi"], false, false)).await.unwrap().into_inner().url;
        let [_, stdout, stderr, error] = read_all(&mut websocket(&url, "v4.channel.k8s.io").await).await;
        assert_eq!((stdout.as_str(), stderr.as_str()), ("hi\r\n", ""));
        assert_eq!(error, r#"{"metadata":{},"status":"Success"}"#);

        // Only the fifth version can end the input.
        let url = cri.exec(exec(&id, &["cmd"], true, false)).await.unwrap().into_inner().url;
        let mut socket = websocket(&url, "v5.channel.k8s.io").await;
        socket.send(Message::Binary(b"\0echo two\n".to_vec().into())).await.unwrap();
        socket.send(Message::Binary(vec![255, 0].into())).await.unwrap();
        let [_, stdout, _, error] = read_all(&mut socket).await;
        assert!(stdout.contains("two\r\n"), "{stdout}");
        assert_eq!(error, r#"{"metadata":{},"status":"Success"}"#);
    });
}

#[test]
fn a_command_that_is_not_there_fails_on_the_error_stream() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let url = cri.exec(exec(&id, &["nothing.exe"], false, false)).await.unwrap().into_inner().url;
        let [_, _, _, error] = read_all(&mut websocket(&url, "v4.channel.k8s.io").await).await;
        assert!(error.contains(r#""reason":"InternalError""#), "{error}");
        assert!(error.contains("error executing command in container: "), "{error}");
    });
}

#[test]
fn who_attaches_sees_what_comes_and_the_log_has_it_too() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let mut config = container("web");
        config.command = vec!["cmd".into()];
        config.stdin = true;
        let (_, id) = run_pod(&*node.cri(), "shell", config).await;
        let attach = proto::AttachRequest {
            container_id: id.clone(),
            stdin: true,
            stdout: true,
            stderr: true,
            tty: false,
        };
        let url = cri.attach(attach).await.unwrap().into_inner().url;
        let mut spdy = Spdy::open(&url, "v4.channel.k8s.io").await;
        let error = spdy.stream(&[("streamtype", "error")]).await;
        let stdin = spdy.stream(&[("streamtype", "stdin")]).await;
        let stdout = spdy.stream(&[("streamtype", "stdout")]).await;
        spdy.stream(&[("streamtype", "stderr")]).await;
        spdy.data(stdin, b"echo seen\n", false).await;
        spdy.until(|spdy| spdy.text(stdout).contains("seen\r\n")).await;
        spdy.data(stdin, b"exit 5\n", false).await;
        spdy.until(|spdy| spdy.ended.contains(&error)).await;
        assert!(spdy.text(error).contains(r#""status":"Success""#), "{}", spdy.text(error));
        let log = HostFiles::of(&node.machine)
            .read_text(r"C:\var\log\pods\default_shell_uid-shell\app\0.log")
            .await
            .unwrap();
        assert!(log.contains("stdout F seen"), "{log}");
    });
}

#[test]
fn a_container_that_has_written_nothing_has_an_empty_log() {
    real_world(async {
        let node = Node::new().await;
        run_pod(&*node.cri(), "quiet", container("registry.k8s.io/pause:3.10.1")).await;
        let files = HostFiles::of(&node.machine);
        let log = files.read_text(r"C:\var\log\pods\default_quiet_uid-quiet\app\0.log").await.unwrap();
        assert_eq!(log, "");
    });
}

#[test]
fn a_url_is_good_once_and_for_its_verb_alone() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let command = exec(&id, &["cmd", "/c", "echo hi"], false, false);
        let url = cri.exec(command.clone()).await.unwrap().into_inner().url;
        websocket(&url, "v4.channel.k8s.io").await;
        let answer = |url: String, headers: Vec<(&'static str, &'static str)>| async move {
            let head = ask(&mut connect(&url).await, &url, &headers).await;
            head.split(' ').nth(1).unwrap().to_owned()
        };
        let spdy = spdy_headers("v4.channel.k8s.io").to_vec();
        assert_eq!(answer(url, spdy.clone()).await, "404");
        let url = cri.exec(command.clone()).await.unwrap().into_inner().url;
        assert_eq!(answer(url.replace("/exec/", "/attach/"), spdy.clone()).await, "404");
        let url = cri.exec(command.clone()).await.unwrap().into_inner().url;
        assert_eq!(answer(url, Vec::new()).await, "400");
        let url = cri.exec(command.clone()).await.unwrap().into_inner().url;
        assert_eq!(answer(url, spdy_headers("v9.channel.k8s.io").to_vec()).await, "403");
        let url = cri.exec(command).await.unwrap().into_inner().url;
        assert_eq!(answer(url.replace("/exec/", "/exec/x/"), spdy).await, "404");
    });
}

#[test]
fn streams_of_what_does_not_run_are_refused_before_there_is_a_url() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let refused = cri.exec(exec("none", &["cmd"], false, false)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let both = proto::ExecRequest { stderr: true, ..exec(&id, &["cmd"], true, true) };
        assert_eq!(cri.exec(both).await.unwrap_err().code(), Code::InvalidArgument);
        node.cri().stop_container(&id, 0).await.unwrap();
        let refused = cri.exec(exec(&id, &["cmd"], false, false)).await.unwrap_err();
        assert_eq!(refused.message(), "container is in CONTAINER_EXITED state");
    });
}

#[test]
fn a_peer_that_misbehaves_hurts_nobody_else() {
    real_world(async {
        let node = Node::new().await;
        let mut cri = runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let command = exec(&id, &["cmd"], true, false);
        // A control frame that is too large, and an even stream number: the server leaves.
        let bad: [&[u8]; 2] = [
            &[0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff],
            &[0x80, 3, 0, 1, 0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0],
        ];
        for bytes in bad {
            let url = cri.exec(command.clone()).await.unwrap().into_inner().url;
            let mut spdy = Spdy::open(&url, "v4.channel.k8s.io").await;
            spdy.send_raw(bytes).await;
            spdy.until(|_| false).await;
        }
        // Bytes that promise a long frame, and nothing at all: the client leaves.
        for bytes in [&b"GET / HTTP/1.1"[..], &[]] {
            let url = cri.exec(command.clone()).await.unwrap().into_inner().url;
            Spdy::open(&url, "v4.channel.k8s.io").await.send_raw(bytes).await;
        }
        let url = cri.exec(command).await.unwrap().into_inner().url;
        let mut socket = websocket(&url, "v4.channel.k8s.io").await;
        // More than a message may hold: the server may close while it is still being sent.
        socket.send(Message::Binary(vec![0; 5 << 20].into())).await.ok();
        while let Some(Ok(_)) = socket.next().await {}
        let url =
            cri.exec(exec(&id, &["cmd", "/c", "echo hi"], false, false)).await.unwrap().into_inner().url;
        let [_, stdout, ..] = read_all(&mut websocket(&url, "v4.channel.k8s.io").await).await;
        assert_eq!(stdout, "hi\r\n");
    });
}
