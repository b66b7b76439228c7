//! client-go's own executors and streams against the streaming server.
//!
//! The program is `streams` of `tests/peers/client-go-v0.34.4`, which `cargo xtask peers --only streams` builds. Without it
//! the tests are skipped and say so, or fail where `WINLAB_REQUIRE` has `peers`.
#![expect(
    clippy::disallowed_methods,
    reason = "where the program is, and whether it must be there, is in the environment"
)]

mod node;
mod wire;

use std::env;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use winlab_cri::proto;

use node::{Node, container, real_world, run_pod};

/// The program, or a printed reason why the test does not run.
fn program() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).map(PathBuf::from);
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
    let program = caches.join("winlab/bin/linux-amd64/client-go-v0.34.4/streams");
    if program.is_file() {
        return Some(program);
    }
    let required = env::var("WINLAB_REQUIRE").unwrap_or_default();
    let missing = format!("{} is not there\nhint: cargo xtask peers --only streams", program.display());
    assert!(!required.split(',').any(|need| need == "peers"), "{missing}");
    say(&format!("skipped: {missing}"));
    None
}

#[expect(clippy::print_stdout, reason = "the harness shows it with --nocapture")]
fn say(line: &str) {
    println!("{line}");
}

/// Runs the program to its end with some input.
async fn run(program: &PathBuf, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn exec_over_both_protocols_with_exit_codes() {
    let Some(program) = program() else { return };
    real_world(async {
        let node = Node::new().await;
        let mut cri = wire::runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        let ask = proto::ExecRequest {
            container_id: id,
            cmd: ["cmd", "/c", "echo hi& exit 3"].map(str::to_owned).into(),
            stdout: true,
            stderr: true,
            ..Default::default()
        };
        for kind in ["spdy", "websocket"] {
            let url = cri.exec(ask.clone()).await.unwrap().into_inner().url;
            let output = run(&program, &[kind, &url], "").await;
            let told = (output.status.code(), text(&output.stdout), text(&output.stderr));
            assert_eq!(told, (Some(3), "hi\r\n".to_owned(), String::new()), "{kind}");
        }
    });
}

#[test]
fn input_ends_and_a_terminal_has_a_size() {
    let Some(program) = program() else { return };
    real_world(async {
        let node = Node::new().await;
        let mut cri = wire::runtime(&node.serve()).await;
        let (_, id) = run_pod(&*node.cri(), "web", container("web")).await;
        for kind in ["spdy", "websocket"] {
            for tty in [false, true] {
                let ask = proto::ExecRequest {
                    container_id: id.clone(),
                    cmd: vec!["cmd".into()],
                    stdin: true,
                    stdout: true,
                    stderr: !tty,
                    tty,
                };
                let url = cri.exec(ask).await.unwrap().into_inner().url;
                let mut words = vec![kind, url.as_str(), "-i"];
                words.extend(tty.then_some("-t"));
                let output = run(&program, &words, "echo one\r\necho two\r\nexit\r\n").await;
                let told = text(&output.stdout);
                assert_eq!(output.status.code(), Some(0), "{kind} {tty}: {}", text(&output.stderr));
                assert!(told.contains("one\r\n") && told.contains("two\r\n"), "{kind} {tty}: {told}");
            }
        }
    });
}

#[test]
fn a_forwarded_port_and_a_refused_one() {
    let Some(program) = program() else { return };
    real_world(async {
        let node = Node::new().await;
        let mut cri = wire::runtime(&node.serve()).await;
        let (pod_sandbox_id, _) = run_pod(&*node.cri(), "web", container("web")).await;
        let ask = proto::PortForwardRequest { pod_sandbox_id, port: Vec::new() };
        let url = cri.port_forward(ask.clone()).await.unwrap().into_inner().url;
        let get = "GET /cart HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";
        let output = run(&program, &["port-forward", &url, "80"], get).await;
        assert!(text(&output.stdout).ends_with("/cart of web"), "{output:?}");
        let url = cri.port_forward(ask).await.unwrap().into_inner().url;
        let output = run(&program, &["port-forward", &url, "81"], "").await;
        assert_eq!(output.status.code(), Some(125));
        assert!(text(&output.stderr).contains("error forwarding port 81 to pod"), "{output:?}");
    });
}
