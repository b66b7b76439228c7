//! The binary from outside: help, exit codes, messages.
#![expect(
    clippy::disallowed_methods,
    reason = "what the binary reads and writes is prepared and looked at here"
)]

mod binary;
mod mistakes;
mod running;

use snapbox::str;

use crate::binary::{GOOD, folder, winlab, write};

#[test]
fn help_lists_what_works() {
    winlab(folder().path()).arg("--help").assert().code(0).stderr_eq("").stdout_eq(str![[r#"
Local simulation and test lab for Kubernetes on Windows nodes

Usage: winlab <COMMAND>

Commands:
  test         Run scenarios and report what holds and what does not
  list         Print the names of the cases that a selection holds
  up           Bring a lab up and keep it, on the wall clock, with an API server for kubectl; Ctrl-C
               ends it
  hns          List the HNS objects of a Windows node of a lab that is up
  hcs          List the compute systems and processes of a Windows node of a lab that is up
  flow         Walk a flow through what is programmed in the hosts of a lab that is up
  export       Write parts of a lab that is up to files
  lint         Check scenario files without running them; exit code 2 if there is anything to say
  bless        Run scenarios and write what flows come to into their reach tables
  schema       Print the JSON Schema of scenario files
  init         Write a first scenario, with comments, into scenarios/
  exec         Run one Windows program under Wine against one fake Windows host
  doctor       Say what this machine can run, and what is missing for the rest
  profiles     List the versions of Windows, of Kubernetes and the networks that a lab can have
  limitations  Print what a lab does not model, and what happens instead
  skew         Say which versions the skew policy allows beside an API server
  completions  Write a shell's completions to standard output

Options:
  -h, --help     Print help
  -V, --version  Print version

Exit codes:
  0    pass
  1    an expectation failed
  2    bad usage or scenario
  3    a need is absent under --require, or for exec or up
  4    nothing selected
  70   a bug of winlab
  130  interrupted

"#]]);
}

#[test]
fn version() {
    winlab(folder().path()).arg("--version").assert().code(0).stdout_eq("winlab [..]\n");
}

#[test]
fn wrong_arguments_exit_2_on_standard_error() {
    winlab(folder().path()).assert().code(2).stdout_eq("");
    winlab(folder().path()).arg("inti").assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unrecognized subcommand 'inti'

  tip: some similar subcommands exist: 'lint', 'init'

Usage: winlab <COMMAND>

For more information, try '--help'.

"#]]);
    winlab(folder().path()).args(["doctor", "--output", "xml"]).assert().code(2).stdout_eq("").stderr_eq(
        str![[r#"
error: invalid value 'xml' for '--output <text|json>'
  [possible values: text, json]

For more information, try '--help'.

"#]],
    );
}

#[test]
fn init_writes_a_scenario_and_its_manifest() {
    let folder = folder();
    winlab(folder.path())
        .arg("init")
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
scenarios/manifests/first.yaml
scenarios/first.winlab.yaml

"#]])
        .stderr_eq(str![]);
    assert!(folder.path().join("scenarios/first.winlab.yaml").is_file());
    assert!(folder.path().join("scenarios/manifests/first.yaml").is_file());
}

#[test]
fn init_never_overwrites() {
    let folder = folder();
    write(folder.path(), "scenarios/first.winlab.yaml", "mine");
    winlab(folder.path()).arg("init").assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: `scenarios/first.winlab.yaml` is there already; nothing was written
  hint: move it away to get a fresh one

"#]]);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("scenarios/first.winlab.yaml")).expect("it is there"),
        "mine"
    );
    assert!(!folder.path().join("scenarios/manifests/first.yaml").exists());
}

#[test]
fn completions_are_data() {
    let assert = winlab(folder().path()).args(["completions", "bash"]).assert().code(0).stderr_eq("");
    let script = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert!(script.contains("doctor"), "{script}");
}

#[test]
#[cfg(target_os = "linux")]
fn doctor_is_honest_about_an_empty_path() {
    winlab(folder().path())
        .arg("doctor")
        .env("WINLAB_SHIMS", "nowhere")
        .assert()
        .code(0)
        .stderr_eq("")
        .stdout_eq(str![[r#"
 found  models: built in
        for every scenario without `real` or `host`: nothing has to be installed
absent  Wine: no `wine` in PATH
        for unmodified Windows programs, as `winlab exec` runs them
        install: apt-get install wine wine64 (Debian, Ubuntu), dnf install wine-core (Fedora), or https://gitlab.winehq.org/wine/wine/-/wikis/Download
absent  shims: no built shims in nowhere
        for unmodified Windows programs, as `winlab exec` runs them
        install: `cargo xtask shims` in a clone of winlab builds them, or says what it needs
absent  setpriv: no `setpriv` in PATH
        for unmodified Windows programs, as `winlab exec` runs them
        install: apt-get install util-linux
...
absent  kubelet.exe: in no version in [..]bin
        for `winlab test --real kubelet` at that version
        install: `cargo xtask peers` in a clone of winlab builds it, --kube names the version
absent  kube-proxy.exe: in no version in [..]bin
        for `winlab test --real kube-proxy` at that version
        install: `cargo xtask peers` in a clone of winlab builds it, --kube names the version
absent  control plane: in no version in [..]bin
        for `winlab test --control-plane binaries` at that version
        install: `cargo xtask peers` in a clone of winlab builds it, --kube names the version

"#]]);
}

#[test]
#[cfg(unix)]
fn doctor_names_what_it_found() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let programs = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    let files = programs.map(|name| (format!("bin/{name}"), 0o755));
    let cached = (".winlab/bin/windows-amd64/v1.34.4/kubelet.exe".to_owned(), 0o644);
    for (name, mode) in files.iter().chain([&cached, &("bin/wine".to_owned(), 0o644)]) {
        write(folder.path(), name, "");
        let permissions = std::fs::Permissions::from_mode(*mode);
        std::fs::set_permissions(folder.path().join(name), permissions).expect("a mode can be set");
    }
    let assert = winlab(folder.path())
        .args(["doctor", "--output", "json"])
        .env("KUBEBUILDER_ASSETS", folder.path().join("bin"))
        .env("PATH", folder.path().join("bin"))
        .assert()
        .code(0);
    let findings: serde_json::Value =
        serde_json::from_slice(&assert.get_output().stdout).expect("it is JSON");
    let found = |name: &str| {
        let findings = findings.as_array().expect("a list");
        findings.iter().find(|finding| finding["name"] == name).expect(name)["found"].clone()
    };
    assert_eq!(found("models"), true);
    assert_eq!(found("control plane"), true);
    assert_eq!(found("kubelet.exe"), true);
    assert_eq!(found("kube-proxy.exe"), false);
    assert_eq!(found("Wine"), false, "a file without the right to run it is no program");
}

#[test]
fn exec_says_what_it_takes() {
    winlab(folder().path()).args(["exec", "--help"]).assert().code(0).stderr_eq("").stdout_eq(str![[r#"
Run one Windows program under Wine against one fake Windows host

Usage: winlab exec [OPTIONS] <PROGRAM> [ARGUMENT]...

Arguments:
  <PROGRAM>      The program, an .exe file of this machine
  [ARGUMENT]...  Its arguments

Options:
      --node-os <BUILD>    The host's Windows: a build such as ltsc2019, or a build at a revision
                           such as ltsc2022@20348.2582
      --name <NAME>        The host's name [default: win1]
      --network <NETWORK>  A network that the host has, as NAME=TYPE or NAME=TYPE,PREFIX such as
                           cbr0=L2Bridge; may be repeated
  -e, --env <NAME=VALUE>   A variable of the program's environment; nothing else of winlab's own is
                           handed on
      --folder <FOLDER>    A folder that the program runs in and sees as C:/work, such as one with
                           test data
      --journal            Print each call of HNS, HCS and the system to standard error, as it is
                           answered
      --shims <FOLDER>     The folder of built shims [default: WINLAB_SHIMS, or that of the clone
                           winlab was built in]
  -h, --help               Print help

The program sees a freshly installed host: HNS and HCS answer as those of the build would, and there
is no network but those given. Its standard streams are winlab's, and its exit code becomes
winlab's; exit code 3 says that Wine or the shims are missing.

Examples:
  winlab exec -- hcn.test.exe -test.run TestCreateDeleteNetwork -test.v
  winlab exec --node-os ltsc2019 --network cbr0=L2Bridge --journal -- mycni.exe

"#]]);
}

#[test]
#[cfg(target_os = "linux")]
fn exec_without_its_needs_starts_nothing() {
    let folder = folder();
    winlab(folder.path()).args(["exec", "x.exe"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: there is no program `x.exe`

"#]]);
    write(folder.path(), "x.exe", "");
    winlab(folder.path())
        .args(["exec", "--shims", "nowhere", "--", "x.exe"])
        .assert()
        .code(3)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: no `wine` in PATH
  hint: apt-get install wine wine64 (Debian, Ubuntu), dnf install wine-core (Fedora), or https://gitlab.winehq.org/wine/wine/-/wikis/Download
error: no built shims in [..]/nowhere
  hint: `cargo xtask shims` in a clone of winlab builds them, or says what it needs
error: no `setpriv` in PATH
  hint: apt-get install util-linux

"#]]);
}

#[test]
fn exec_names_what_is_wrong_with_its_arguments() {
    let wrong = |words: &[&str]| {
        let assert = winlab(folder().path()).arg("exec").args(words).assert().code(2).stdout_eq("");
        String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
    };
    let said = wrong(&["--network", "a=bridge", "x.exe"]);
    assert!(said.contains("HNS has no network type `bridge`; its types are NAT, L2Bridge"), "{said}");
    let said = wrong(&["--node-os", "ltsc2020", "x.exe"]);
    assert!(said.contains("unknown Windows build `ltsc2020`"), "{said}");
    let said = wrong(&["--env", "A", "x.exe"]);
    assert!(said.contains("a variable is given as NAME=VALUE"), "{said}");
}

#[test]
fn profiles_are_a_table_and_a_document() {
    winlab(folder().path()).arg("profiles").assert().code(0).stderr_eq("").stdout_eq(str![[r#"
WINDOWS     ALSO CALLED [..]BUILD [..]PRODUCT [..]HNS    HCS SCHEMA
...
ltsc2022    [..]20348.[..]
...
KUBERNETES  GATES ON, CAN BE SET [..]GATES OFF, CAN BE SET
...
NETWORK          HNS TYPE
flannel-vxlan    Overlay
...
"#]]);
    let assert = winlab(folder().path()).args(["profiles", "--output", "json"]).assert().code(0);
    let profiles: serde_json::Value =
        serde_json::from_slice(&assert.get_output().stdout).expect("it is JSON");
    assert_eq!(profiles["networks"][0]["name"], "flannel-vxlan");
}

#[test]
fn skew_says_what_is_allowed() {
    winlab(folder().path()).args(["skew", "v1.36.1"]).assert().code(0).stderr_eq("").stdout_eq(str![[r#"
COMPONENT                OLDEST  NEWEST
kubelet                  v1.33   v1.36
kube-proxy               v1.33   v1.36
kube-controller-manager  v1.35   v1.36
kube-scheduler           v1.35   v1.36
kubectl                  v1.35   v1.37
kubeadm                  v1.36   v1.37

"#]]);
}

#[test]
fn skew_fails_on_what_is_forbidden() {
    let ask = |component: &str| winlab(folder().path()).args(["skew", "v1.36.1", component]).assert();
    ask("kubelet=v1.33.4").code(0).stdout_eq(str![[r#"
kubelet v1.33.4: allowed

"#]]);
    ask("kubelet=v1.31.0").code(1).stdout_eq(str![[r#"
kubelet v1.31.0: kubelet may be at most 3 minors older than kube-apiserver

"#]]);
    ask("kubelet=v1.19.0").code(2).stdout_eq("").stderr_eq(str![[r#"
error: invalid value 'kubelet=v1.19.0' for '[COMPONENT=VERSION]...': unknown Kubernetes version `v1.19.0`; known are v1.20 to v1.37, any patch

For more information, try '--help'.

"#]]);
}

#[test]
fn list_prints_names() {
    let folder = folder();
    write(folder.path(), "scenarios/join.winlab.yaml", GOOD);
    winlab(folder.path()).arg("list").assert().code(0).stderr_eq("").stdout_eq(str![[r#"
join[kube=v1.36.1]
join[kube=v1.37.2]

"#]]);
    winlab(folder.path()).args(["list", "--matrix", "kube=v1.37.2"]).assert().code(0).stdout_eq(str![[r#"
join[kube=v1.37.2]

"#]]);
    winlab(folder.path()).args(["list", "--covers", "Storage"]).assert().code(4).stdout_eq("").stderr_eq(
        str![[r#"
error: no case is selected

"#]],
    );
    winlab(folder.path()).args(["list", "--output", "json", "--shard", "1/2"]).assert().code(0).stdout_eq(
        str![[r#"
[
  {
    "name": "join[kube=v1.36.1]",
    "scenario": "join",
    "file": "scenarios/join.winlab.yaml",
    "about": "A node joins.",
    "cell": {
      "kube": "v1.36.1"
    },
    "covers": [
      "Core.Network"
    ],
    "refs": []
  }
]

"#]],
    );
}

#[test]
fn no_scenarios_is_a_matter_for_init() {
    winlab(folder().path()).arg("list").assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: no path given, and there is no folder `scenarios` here
  hint: `winlab init` writes a first scenario

"#]]);
}

#[test]
fn schema_is_json() {
    let assert = winlab(folder().path()).arg("schema").assert().code(0).stderr_eq("");
    let schema: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).expect("it is JSON");
    assert!(schema["$defs"].is_object());
}
