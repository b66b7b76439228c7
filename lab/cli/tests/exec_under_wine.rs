//! `winlab exec` with a real program: the shims' own test program under Wine.
//!
//! Without Wine or the shims it says so and is done; with `WINLAB_REQUIRE=wine` that is a failure.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    reason = "the environment says what is there, a program is signalled, and a test that does not run says why"
)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use snapbox::cmd::{Command, cargo_bin};
use snapbox::str;

fn shims() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fakes/shims/target/shims")
}

/// Where these tests have their Wine.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// `winlab exec`, if this machine can.
fn exec() -> Option<Command> {
    let winlab = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Command::new(cargo_bin!("winlab")).env_clear().env("PATH", path).env("XDG_CACHE_HOME", cache())
    };
    let output = winlab().args(["doctor", "--output", "json"]).output().expect("it runs");
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let is_absent = |name: &&str| {
        let findings = findings.as_array().expect("a list");
        findings.iter().any(|finding| finding["name"] == **name && finding["found"] == false)
    };
    let absent: Vec<_> = ["Wine", "shims", "setpriv"].into_iter().filter(|name| is_absent(name)).collect();
    if absent.is_empty() {
        return Some(winlab().arg("exec"));
    }
    let is_required =
        std::env::var("WINLAB_REQUIRE").is_ok_and(|needs| needs.split(',').any(|need| need == "wine"));
    assert!(!is_required, "missing: {absent:?}");
    eprintln!("ignored: missing: {absent:?}");
    None
}

#[test]
fn a_programs_streams_calls_and_code_come_through() {
    let Some(exec) = exec() else { return };
    let assert = exec.args(["--journal", "--node-os", "ltsc2025", "--"]).arg(shims().join("probe.exe"));
    let assert = assert.arg("hcn").assert().code(0);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "");
    let (out, talk) = (text(&assert.get_output().stdout), text(&assert.get_output().stderr));
    assert!(out.contains("create network 0x0"), "{out}");
    assert!(out.contains(r#"version 0x0 {"Success":true,"Output":{"Major":15,"Minor":5}}"#), "{out}");
    assert!(talk.contains(" hns HcnCreateNetwork "), "{talk}");
    assert!(talk.contains(" -> error: "), "{talk}");
}

#[test]
fn a_programs_exit_code_is_winlabs_and_its_words_are_its_own() {
    let Some(command) = exec() else { return };
    command.arg("--").arg(shims().join("probe.exe")).args(["exit", "7"]).assert().code(7).stdout_eq("");
    let Some(command) = exec() else { return };
    command
        .args(["-e", "MINE=1 2", "--"])
        .arg(shims().join("probe.exe"))
        .args(["arguments", "--journal", "a b"])
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
<--journal>
<a b>

"#]]);
}

/// The program does not end by itself, and does not listen.
#[test]
fn two_interrupts_end_the_program_and_leave_nothing_of_it() {
    if exec().is_none() {
        return;
    }
    let mut winlab = std::process::Command::new(cargo_bin!("winlab"))
        .args(["exec", "--"])
        .arg(shims().join("probe.exe"))
        .arg("stay")
        .env("XDG_CACHE_HOME", cache())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(winlab.stdout.take().expect("it is piped")).lines();
    assert!(lines.next().is_some_and(|line| line.is_ok_and(|line| line.starts_with("waiting"))));
    let id = winlab.id().to_string();
    let nodes = || {
        let entries = std::fs::read_dir(cache().join("winlab/wine/nodes")).expect("a program runs");
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.split('.').any(|part| part == id)).count()
    };
    assert_eq!(nodes(), 1);
    // The first one is the program's own to obey. An interrupt that comes before winlab listens for the next is lost.
    for _ in 0..100 {
        if winlab.try_wait().expect("it is ours").is_some() {
            break;
        }
        let sent = std::process::Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "a signal can be sent");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert!(!winlab.wait().expect("it has ended").success());
    assert_eq!((lines.next().is_none(), nodes()), (true, 0));
}
