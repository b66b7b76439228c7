//! What is wrong with files and selections is told with its place, by every command that reads them.

use snapbox::str;

use crate::binary::{GOOD, folder, winlab, write};

#[test]
fn lint_shows_the_place() {
    let folder = folder();
    write(folder.path(), "scenarios/join.winlab.yaml", GOOD);
    winlab(folder.path()).arg("lint").assert().code(0).stdout_eq("").stderr_eq(str![[r#"
1 file: 0 findings

"#]]);
    write(folder.path(), "scenarios/bad.winlab.yaml", &GOOD.replace("nodes:", "nodez:"));
    winlab(folder.path())
        .arg("lint")
        .assert()
        .code(2)
        .stdout_eq(str![[r#"
...
error: unknown key `nodez` in `lab`
   --> scenarios/bad.winlab.yaml:10:3
    |
 10 |   nodez:
    |   ^^^^^[..]
...
"#]])
        .stderr_eq(str![[r#"
2 files: [..] findings

"#]]);
    let assert = winlab(folder.path())
        .args(["lint", "--output", "json"])
        .env("GITHUB_ACTIONS", "true")
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
...
::error file=scenarios/bad.winlab.yaml,line=10,col=3,title=scenarios/bad.winlab.yaml::unknown key [..]
...
2 files: [..] findings

"#]]);
    let findings: serde_json::Value =
        serde_json::from_slice(&assert.get_output().stdout).expect("it is JSON");
    assert_eq!(findings[0]["severity"], "error");
    assert!(findings.as_array().expect("a list").iter().any(|finding| finding["place"]["line"] == 10));
}

#[test]
fn an_unknown_axis_is_a_wrong_argument() {
    let folder = folder();
    write(folder.path(), "scenarios/a.winlab.yaml", GOOD);
    for command in ["list", "test", "bless"] {
        let told = winlab(folder.path()).args([command, "--matrix", "windows=ltsc2022"]).assert().code(2);
        told.stdout_eq("").stderr_eq(str![[r#"
error: no scenario has an axis `windows`
  hint: the axes are kube

"#]]);
    }
    winlab(folder.path()).args(["list", "--matrix", "kube=v1.20.1"]).assert().code(4);
}

#[test]
fn a_file_that_is_no_text_has_a_place() {
    let folder = folder();
    let bytes = [&b"winlab: 1\nname: caf"[..], b"\xe9\n"].concat();
    std::fs::create_dir_all(folder.path().join("scenarios")).expect("a folder can be made");
    std::fs::write(folder.path().join("scenarios/a.winlab.yaml"), bytes).expect("a file can be written");
    winlab(folder.path()).arg("test").assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: the file is not UTF-8 text: there is a byte 0xe9
  --> scenarios/a.winlab.yaml:2:10
   |
 2 | name: caf[..]
   |          ^
hint: save it as UTF-8


"#]]);
}

#[test]
fn lint_tells_what_test_refuses() {
    let folder = folder();
    write(folder.path(), "scenarios/a.winlab.yaml", &GOOD.replace("flannel-vxlan", "azure"));
    for command in ["lint", "test"] {
        let assert = winlab(folder.path()).arg(command).assert().code(2);
        let told = assert.get_output();
        let told = [told.stdout.as_slice(), &told.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(told.contains("error: the network `azure` is not supported yet"), "{command}: {told}");
    }
}

#[test]
fn what_init_writes_is_clean() {
    let folder = folder();
    winlab(folder.path()).arg("init").assert().code(0);
    winlab(folder.path()).arg("lint").assert().code(0).stdout_eq("");
    winlab(folder.path()).arg("list").assert().code(0).stdout_eq("first\n");
}
