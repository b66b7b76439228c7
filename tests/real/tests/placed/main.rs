//! A shipped scenario, untouched, on every placement that can carry it. What the machine lacks is said, and is a failure only
//! where `WINLAB_REQUIRE` names Wine, as CI does.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use winlab_cli::{Environment, Exit, Streams};

/// Name and flags of each placement.
const PLACEMENTS: &[(&str, &[&str])] = &[
    ("kube_proxy", &["--real", "kube-proxy"]),
    ("kubelet_and_kube_proxy", &["--real", "kubelet,kube-proxy"]),
    ("a_real_control_plane", &["--real", "kubelet,kube-proxy", "--control-plane", "binaries"]),
];

fn main() {
    // One after the other: each has several Windows programs and takes what processors there are.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let trials = PLACEMENTS.iter().map(|(name, flags)| {
        Trial::test(format!("services_are_discovered_with_{name}"), move || discovery(flags))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit()
}

fn discovery(flags: &[&str]) -> Result<(), Failed> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is two folders deep");
    let environment = Environment { directory: root.to_owned(), ..Environment::read() };
    let words = ["winlab", "test", "scenarios/services/discovery.winlab.yaml", "--require"];
    let cell = ["--matrix", "windows=ltsc2022", "--matrix", "net=flannel-vxlan"];
    let words = words.iter().chain(&cell).chain(flags);
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, talk: &mut talk };
    let exit = winlab_cli::run(words.map(Into::into), &environment, &mut streams);
    let text = format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&talk));
    match exit {
        Exit::Pass => Ok(()),
        Exit::NeedAbsent if !is_required() => {
            say(&format!("ignored: {text}"));
            Ok(())
        }
        _ => Err(text.into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "CI says what must not be skipped")]
fn is_required() -> bool {
    let required = std::env::var("WINLAB_REQUIRE").unwrap_or_default();
    required.split(',').any(|need| need == "wine")
}

#[expect(clippy::print_stderr, reason = "a test that does not run says why")]
fn say(line: &str) {
    eprintln!("{line}");
}
