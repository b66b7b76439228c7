//! A Wine prefix with the shims in its system folder.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "Wine is a program, and its prefix a folder"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

/// What is there, or what is missing.
pub type Found = Result<Arc<Prefix>, &'static str>;

/// A prefix, made at its first use.
#[derive(Debug)]
pub struct Prefix {
    shims: PathBuf,
    place: PathBuf,
    folder: OnceLock<PathBuf>,
}

impl Prefix {
    /// Looks for Wine and the shims. The prefix will be in `scratch`, and is used again by the next run.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn find(scratch: &str) -> Found {
        let shims = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fakes/shims/target/shims");
        if !shims.join("built-by").exists() {
            return Err("the shims are not built: `cargo xtask shims` does it, or says what it needs");
        }
        let wine = Command::new("wine").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !wine.is_ok_and(|status| status.success()) {
            return Err("Wine is not installed");
        }
        Ok(Arc::new(Self { shims, place: Path::new(scratch).join("shims-prefix"), folder: OnceLock::new() }))
    }

    /// Runs the probe with these words, and gives back what it printed.
    ///
    /// # Errors
    ///
    /// What it printed, where it failed.
    pub fn probe(&self, server: &str, words: &[&str]) -> Result<String, String> {
        let program = self.folder().join("drive_c/probe.exe");
        let (succeeded, printed) = self.run(&program, server, words)?;
        if succeeded { Ok(printed) } else { Err(printed) }
    }

    /// Runs a Windows program against a host's server: whether it succeeded, and what it printed.
    ///
    /// # Errors
    ///
    /// Wine does not start.
    pub fn run(&self, program: &Path, server: &str, words: &[&str]) -> Result<(bool, String), String> {
        let output = self.command(program, server, words).output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let mut printed = text(&output.stdout);
        if !output.status.success() {
            printed += &format!("{}\n{}", text(&output.stderr), output.status);
        }
        Ok((output.status.success(), printed))
    }

    /// Runs the probe, does something once it has printed a line, and gives back what it printed in all.
    ///
    /// # Errors
    ///
    /// Wine does not start, or what the probe printed where it failed.
    pub fn probe_until(
        &self,
        server: &str,
        words: &[&str],
        line: &str,
        act: impl FnOnce(),
    ) -> Result<String, String> {
        let program = self.folder().join("drive_c/probe.exe");
        let mut child = self
            .command(&program, server, words)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut act = Some(act);
        let mut printed = String::new();
        for said in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
            let said = said.map_err(|error| error.to_string())?;
            if said.trim() == line
                && let Some(act) = act.take()
            {
                act();
            }
            printed += said.trim();
            printed.push('\n');
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(printed) } else { Err(format!("{printed}{status}")) }
    }

    fn command(&self, program: &Path, server: &str, words: &[&str]) -> Command {
        let folder = self.folder();
        let mut command = command(folder);
        command.arg(program).args(words).current_dir(folder.join("drive_c"));
        command.env("WINLAB_SERVER", server).env("WINLAB_HOST", "win1");
        command
    }

    fn folder(&self) -> &Path {
        self.folder.get_or_init(|| self.make())
    }

    /// A prefix of an earlier run is used again; the shims in it are replaced.
    fn make(&self) -> PathBuf {
        let folder = self.place.clone();
        let system = folder.join("drive_c/windows/system32");
        if !system.join("kernel32.dll").exists() {
            let made = command(&folder).args(["wineboot", "--init"]).output().expect("Wine starts");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        for entry in fs::read_dir(&self.shims).expect("the shims are there").flatten() {
            let to = match entry.path().extension().and_then(|end| end.to_str()) {
                Some("dll") => system.join(entry.file_name()),
                Some("exe") => folder.join("drive_c").join(entry.file_name()),
                _ => continue,
            };
            // The file that is there may be a link to Wine's own.
            let _ = fs::remove_file(&to);
            fs::copy(entry.path(), to).expect("the prefix can be written");
        }
        folder
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("wine");
    // Without a display, and with our pdh.dll in place of Wine's.
    command
        .env("WINEPREFIX", folder)
        .env("WINEDEBUG", "-all")
        .env("WINEDLLOVERRIDES", "pdh=n,b")
        .env_remove("DISPLAY");
    command.stdin(Stdio::null());
    command
}
