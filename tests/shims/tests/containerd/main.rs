//! containerd.exe, unmodified, under Wine against a fake host: how far it goes.
//!
//! It boots, serves its pipe, takes an image in, chooses the manifest by the node's build, and unpacks the base layer's
//! files with `BackupWrite`. There it stops, and [`import`] holds the place: `ProcessBaseImage` asks the fake host for a
//! folder that only the program's drive has, and is told that there is none. The two drives are not one yet.
//!
//! `cargo xtask peers --only containerd` builds it. What is missing makes the test ignored, or failed where
//! `WINLAB_REQUIRE` has `peers`.

mod image;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use futures::StreamExt as _;
use jiff::Timestamp;
use libtest_mimic::Arguments;
use winlab_clock::{Clock, Pace, VirtualSpan};
use winlab_shims_tests::harness::{is_required, say_ignored, trial};
use winlab_shims_tests::lab::Lab;
use winlab_shims_tests::peers;
use winlab_shims_tests::prefix::{Prefix, on_runtime};
use winlab_wine::{Node, Run};

const VERSION: &str = "v2.4.2";
const CONTAINERD: &str = r"C:\cd\containerd.exe";
const CTR: &str = r"C:\cd\ctr.exe";
const IMAGE: &str = r"C:\cd\image.tar";

/// What the case needs.
struct Means {
    prefix: Arc<Prefix>,
    containerd: PathBuf,
    ctr: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let found = find();
    if let Err(missing) = &found {
        say_ignored(missing);
    }
    let name = "an_image_is_unpacked_up_to_the_processing_of_its_base_layer";
    let trials = vec![trial(name, found, is_required("peers"), |means| on_runtime(import(&means)))];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn find() -> Result<Means, String> {
    let program = |name: &str| peers::windows(&format!("containerd-{VERSION}/{name}"));
    let (containerd, ctr) = (program("containerd.exe")?, program("ctr.exe")?);
    Ok(Means { prefix: Prefix::find(env!("CARGO_TARGET_TMPDIR"))?, containerd, ctr })
}

async fn import(means: &Means) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    let node = means.prefix.node(&lab.address).await?;
    let install = |from: &Path, to: &str| node.install(from, to).map_err(|error| error.to_string());
    install(&means.containerd, CONTAINERD)?;
    install(&means.ctr, CTR)?;
    node.write(IMAGE, image::archive("10.0.20348.2762")).map_err(|error| error.to_string())?;
    let (containerd, _) = node.start_program(&Run::new(CONTAINERD)).map_err(|error| error.to_string())?;

    let clock = Clock::start(Pace::Real, Timestamp::UNIX_EPOCH);
    let serves = async {
        while ctr(&node, &["version"]).await?.0 != Some(0) {
            clock.sleep(VirtualSpan::from_millis(200)).await;
        }
        Ok::<_, String>(())
    };
    clock.within(VirtualSpan::from_secs(120), serves).await.map_err(|elapsed| elapsed.to_string())??;

    let (code, said) = ctr(&node, &["images", "import", IMAGE]).await?;
    drop(containerd);
    let stops = said.contains("hcsshim::ProcessBaseLayer") && said.contains("Path not found");
    if code == Some(1) && stops { Ok(()) } else { Err(said) }
}

/// Runs ctr.exe: its exit code, and what it printed.
async fn ctr(node: &Node, words: &[&str]) -> Result<(Option<i32>, String), String> {
    let run = Run::new(CTR).arguments(words.iter().copied());
    let (program, lines) = node.start_program(&run).map_err(|error| error.to_string())?;
    let lines: Vec<_> = lines.map(|line| line.text).collect().await;
    let status = program.wait().await.map_err(|error| error.to_string())?;
    Ok((status.code(), lines.join("\n")))
}
