//! `winlab up` and what asks it, from outside.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "what is tested is a process that listens and leaves files"
)]

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use snapbox::cmd::{Command as Snap, cargo_bin};
use snapbox::str;

/// A lab that is up; it is killed if the test ends before it does.
struct Up {
    child: Child,
    folder: tempfile::TempDir,
    kubeconfig: PathBuf,
}

impl Up {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut child = Command::new(cargo_bin!("winlab"))
            .arg("up")
            .current_dir(folder.path())
            .env_clear()
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("winlab is built");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let line = lines.next().expect("the lab says where its kubeconfig is").expect("it is text");
        let path = line.strip_prefix("export KUBECONFIG=").expect("it is a line for a shell");
        Self { child, kubeconfig: PathBuf::from(path), folder }
    }

    fn winlab(&self) -> Snap {
        let command = Snap::new(cargo_bin!("winlab")).current_dir(self.folder.path());
        command.env_clear().env("COLUMNS", "200").env("XDG_RUNTIME_DIR", self.folder.path())
    }

    /// Ctrl-C; what it answered.
    fn interrupt(&mut self) -> Option<i32> {
        let pid = i32::try_from(self.child.id()).expect("a pid is small");
        kill(Pid::from_raw(pid), Signal::SIGINT).expect("it runs");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_lab_comes_up_is_asked_and_leaves_nothing() {
    let mut up = Up::start();
    let text = std::fs::read_to_string(&up.kubeconfig).expect("the kubeconfig is there");
    assert!(text.contains("current-context: \"winlab-first\""), "{text}");
    let server =
        text.split("https://").nth(1).and_then(|rest| rest.split('"').next()).expect("it has a server");
    assert!(TcpStream::connect(server).is_ok(), "{server}");
    up.winlab().args(["hns", "win1", "networks"]).assert().code(0).stderr_eq("").stdout_eq(str![[r#"
ID  [..]NAME[..]
...
"#]]);
    up.winlab().args(["hns", "win1", "nets"]).assert().code(2).stderr_eq(str![[r#"
error: there is no `nets`: there is networks, endpoints, namespaces, loadbalancers, routes

"#]]);
    up.winlab().args(["hcs", "win1"]).assert().code(0);
    let walk = up.winlab().args(["flow", "node/lin1", "node/win1:10250"]).assert().code(0);
    walk.stdout_eq(str![[r#"
    walk of tcp node/lin1 -> node/win1:10250: [..]
...
"#]]);
    up.winlab().args(["flow", "lin1", "node/win1:10250"]).assert().code(2);
    up.winlab().args(["export", "logs", "logs"]).assert().code(0);
    assert!(up.folder.path().join("logs/win1/kubelet.log").exists());
    up.winlab().arg("up").assert().code(2).stderr_eq(str![[r#"
error: a lab named `first` is up already
  hint: --name gives this one another name

"#]]);
    assert_eq!(up.interrupt(), Some(0));
    let left = std::fs::read_dir(up.folder.path().join("winlab")).expect("the folder is there").count();
    assert_eq!(left, 0, "the lab's folder is gone");
    up.winlab().args(["hns", "win1"]).assert().code(2).stderr_eq(str![[r#"
error: no lab is up: `winlab up` starts one

"#]]);
    assert!(!Path::new(&up.kubeconfig).exists());
}
