//! `winlab up` and what asks it, from outside.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    reason = "what is tested is a process that listens and leaves files, and a test that does not run says why"
)]

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
        let mut winlab = Command::new(cargo_bin!("winlab"));
        winlab.arg("up").env_clear();
        Self::of(folder, winlab).expect("models need nothing")
    }

    /// `winlab up`, in a folder. Where this machine lacks what it needs (exit code 3), winlab has said what.
    fn of(folder: tempfile::TempDir, mut winlab: Command) -> Option<Self> {
        let mut child = winlab
            .current_dir(folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("winlab is built");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let Some(line) = lines.next() else {
            let code = child.wait().expect("it ends").code();
            assert_eq!(code, Some(3), "the lab says where its kubeconfig is");
            return None;
        };
        let line = line.expect("it is text");
        let path = line.strip_prefix("export KUBECONFIG=").expect("it is a line for a shell");
        Some(Self { child, kubeconfig: PathBuf::from(path), folder })
    }

    fn winlab(&self) -> Snap {
        let command = Snap::new(cargo_bin!("winlab")).current_dir(self.folder.path());
        command.env_clear().env("COLUMNS", "200").env("XDG_RUNTIME_DIR", self.folder.path())
    }

    /// Ctrl-C; what it answered.
    fn interrupt(&mut self) -> Option<i32> {
        self.signal(Signal::SIGINT);
        self.child.wait().expect("it ends").code()
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a pid is small");
        kill(Pid::from_raw(pid), signal).expect("it runs");
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

/// A node of each kind, with the programs that CI builds.
const MIXED: &str = "winlab: 1
name: placed
about: A lab of programs.
covers: [Core.Network]
lab:
  kube: v1.34.4
  network: flannel-vxlan
  nodes:
    lin1: {os: linux}
    win1: {os: ltsc2022}
steps: [{name: unused, wait: 1s}]
";

/// Two web servers behind a service, and who asks them.
const MANIFEST: &str = include_str!("../src/commands/init/first.yaml");

/// winlab's cache folder as programs of others are built into it.
fn built() -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    cache.unwrap_or_default().join("winlab/bin")
}

/// Whether a test that lacks something fails.
fn is_required(need: &str) -> bool {
    env::var("WINLAB_REQUIRE").is_ok_and(|needs| needs.split(',').any(|one| one == need))
}

/// `winlab up` with these flags, or a printed reason why there is none. `cache` is where it keeps what it needs again.
fn placed(flags: &[&str], cache: &Path, need: &str) -> Option<Up> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("placed.winlab.yaml"), MIXED).expect("a file can be written");
    std::fs::write(folder.path().join("first.yaml"), MANIFEST).expect("a file can be written");
    let mut winlab = Command::new(cargo_bin!("winlab"));
    winlab.args(["up", "placed.winlab.yaml", "--bin-dir"]).arg(built()).args(flags);
    winlab.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default()).env("XDG_CACHE_HOME", cache);
    let up = Up::of(folder, winlab);
    assert!(up.is_some() || !is_required(need), "winlab said what is missing");
    if up.is_none() {
        eprintln!("ignored: winlab said what is missing");
    }
    up
}

impl Up {
    /// What the kubectl of `cargo xtask peers` says to words between blanks, in this process's own network.
    fn kubectl(&self, words: &str) -> String {
        let program = built().join("linux-amd64/v1.34.4/kubectl");
        let output = Command::new(program)
            .args(words.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", self.folder.path())
            .output()
            .expect("kubectl is built with the control plane");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, talk) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "kubectl {words}: {out}{talk}");
        out
    }
}

/// Processes that have something of this folder in their environment or their arguments.
fn programs_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_folder = entries.filter_map(|process| {
        let read = |file: &str| std::fs::read(process.path().join(file)).unwrap_or_default();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\0', " ");
        let (arguments, environment) = (text(&read("cmdline")), text(&read("environ")));
        (arguments.contains(&folder) || environment.contains(&folder)).then_some(arguments)
    });
    of_folder.filter(|arguments| !arguments.is_empty()).collect()
}

/// Waits until something holds; a process that was killed takes a moment to be gone.
fn until(what: &str, holds: impl Fn() -> bool) {
    const LOOKS: u32 = 200;
    for _ in 0..LOOKS {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never came: {what}");
}

/// What is in a folder; nothing if it is not there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Its nodes are in a network of their own, and the API server that is printed is in this one.
#[test]
fn a_lab_with_a_real_kube_proxy_is_reached_from_other_terminals() {
    // Where these tests have their Wine.
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let Some(mut up) = placed(&["--real", "kube-proxy"], &cache, "wine") else { return };
    let id = up.child.id().to_string();
    let prefixes = || {
        let mut all = entries(&cache.join("winlab/wine/nodes"));
        all.retain(|folder| folder.to_string_lossy().split('.').any(|part| part == id));
        all
    };
    let of_node = prefixes();
    assert_eq!(of_node.len(), 1, "{of_node:?}");
    assert!(programs_of(&of_node[0]).iter().any(|program| program.contains("kube-proxy.exe")));

    up.kubectl("apply -f first.yaml");
    up.kubectl("rollout status deployment/web --timeout=120s");
    let vip = up.kubectl("get service web -o jsonpath={.spec.clusterIP}");
    // What the program puts into the fake, winlab sees.
    let balancers = || {
        let output = up.winlab().args(["hns", "win1", "loadbalancers"]).assert().code(0);
        String::from_utf8_lossy(&output.get_output().stdout).into_owned()
    };
    until("a load balancer of the service", || balancers().contains(&vip));
    up.winlab().args(["flow", "node/lin1", "service/web:80"]).assert().code(0);
    up.winlab().args(["hcs", "win1"]).assert().code(0);
    up.winlab().args(["export", "logs", "logs"]).assert().code(0);
    let log = std::fs::read_to_string(up.folder.path().join("logs/win1/kube-proxy.log"));
    assert!(log.is_ok_and(|log| log.contains("Kube-proxy")), "the program's own words");

    assert_eq!(up.interrupt(), Some(0));
    assert!(prefixes().is_empty() && programs_of(&of_node[0]).is_empty(), "nothing is left");
    assert!(entries(&up.folder.path().join("winlab")).is_empty(), "the lab's folder is gone");
}

#[test]
fn a_killed_lab_of_programs_leaves_none_of_them_and_its_folders_go_at_the_next_start() {
    let cache = tempfile::tempdir().expect("a folder can be made");
    let planes = cache.path().join("winlab/control-planes");
    let flags = ["--control-plane", "binaries"];
    let Some(mut up) = placed(&flags, cache.path(), "binaries") else { return };
    assert!(up.kubectl("get nodes").contains("win1"));
    assert_eq!(programs_of(&planes).len(), 4, "{:?}", programs_of(&planes));
    up.signal(Signal::SIGKILL);
    up.child.wait().expect("it ends");
    until("etcd and the others have gone", || programs_of(&planes).is_empty());
    let left = entries(&planes);
    assert_eq!(left.len(), 1, "a folder cannot remove itself");

    let mut next = placed(&flags, cache.path(), "binaries").expect("it came up before");
    assert!(!left[0].exists() && entries(&planes).len() == 1);
    assert_eq!(next.interrupt(), Some(0));
    assert!(entries(&planes).is_empty() && programs_of(&planes).is_empty(), "nothing is left");
}
