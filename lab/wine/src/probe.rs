//! What this machine has of what Windows programs need.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::machine;
use crate::shims;
use crate::wine::Wine;

/// Where to look. Environment is read by the command line and given as values.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// The folder of built shims: `cargo xtask shims` says where it has put them.
    pub shims: PathBuf,
    /// Where the template and the nodes' prefixes are kept, such as `~/.cache/winlab/wine`. It is made when needed.
    pub cache: PathBuf,
}

/// One thing that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `wine` and `wineserver`.
    Wine,
    /// The DLLs that stand for Windows' own.
    Shims,
    /// util-linux's `setpriv`: a program ends with the one that started it.
    Setpriv,
    /// The right to make network namespaces.
    Namespaces,
    /// iproute2's `ip`, which fills them.
    Ip,
    /// libfaketime: a scaled clock for Windows programs.
    Faketime,
}

/// A part that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Which.
    pub part: Part,
    /// What was found instead.
    pub detail: String,
    /// How to get it.
    pub hint: &'static str,
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// Wine's programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WineProgram {
    /// `wine`.
    pub wine: PathBuf,
    /// `wineserver`.
    pub server: PathBuf,
    /// What `wine --version` says: `wine-8.0 (Debian 8.0~repack-4)`.
    pub version: String,
}

/// What was found, part by part.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Wine.
    pub wine: Result<WineProgram, Lacking>,
    /// The folder of the shims.
    pub shims: Result<PathBuf, Lacking>,
    /// `setpriv`.
    pub setpriv: Result<PathBuf, Lacking>,
    /// Network namespaces for a thread of this process.
    pub namespaces: Result<(), Lacking>,
    /// `ip`.
    pub ip: Result<PathBuf, Lacking>,
    /// The library.
    pub faketime: Result<PathBuf, Lacking>,
    cache: PathBuf,
    path: Vec<PathBuf>,
}

impl Probe {
    /// Looks. `wine --version` is run; nothing is changed.
    #[must_use]
    pub fn look(places: &Places) -> Self {
        let find = |name: &str| find_program(name, &places.path);
        Self {
            wine: wine(&places.path),
            shims: shims::find(&places.shims),
            setpriv: find("setpriv").ok_or_else(|| Lacking {
                part: Part::Setpriv,
                detail: "no `setpriv` in PATH".to_owned(),
                hint: "apt-get install util-linux",
            }),
            namespaces: machine::permitted().map_err(|detail| Lacking {
                part: Part::Namespaces,
                detail,
                hint: "run as root, or as `unshare -Urnu winlab ...` where the kernel lets users make namespaces \
                       (util-linux)",
            }),
            ip: find("ip").or_else(|| find_program("ip", &["/usr/sbin".into(), "/sbin".into()])).ok_or_else(
                || Lacking {
                    part: Part::Ip,
                    detail: "no `ip` in PATH".to_owned(),
                    hint: "apt-get install iproute2",
                },
            ),
            faketime: faketime(),
            cache: places.cache.clone(),
            path: places.path.clone(),
        }
    }

    /// What runs programs here.
    ///
    /// # Errors
    /// What no Windows program can do without and is not there. Namespaces and libfaketime are asked for later, by
    /// whoever needs them.
    pub fn runner(&self) -> Result<Wine, Vec<Lacking>> {
        match (&self.wine, &self.shims, &self.setpriv) {
            (Ok(wine), Ok(shims), Ok(setpriv)) => Ok(Wine::new(Tools {
                wine: wine.clone(),
                shims: shims.clone(),
                setpriv: setpriv.clone(),
                faketime: self.faketime.clone(),
                cache: self.cache.clone(),
                path: self.path.clone(),
            })),
            (wine, shims, setpriv) => {
                let lacking = [wine.as_ref().err(), shims.as_ref().err(), setpriv.as_ref().err()];
                Err(lacking.into_iter().flatten().cloned().collect())
            }
        }
    }

    /// What makes a network for several nodes: `ip`, where this process may make namespaces.
    ///
    /// # Errors
    /// What is missing for it.
    pub fn network(&self) -> Result<PathBuf, Lacking> {
        self.namespaces.clone()?;
        self.ip.clone()
    }
}

/// What a runner uses.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) wine: WineProgram,
    pub(crate) shims: PathBuf,
    pub(crate) setpriv: PathBuf,
    pub(crate) faketime: Result<PathBuf, Lacking>,
    pub(crate) cache: PathBuf,
    pub(crate) path: Vec<PathBuf>,
}

fn wine(path: &[PathBuf]) -> Result<WineProgram, Lacking> {
    let lacking = |detail: String| Lacking {
        part: Part::Wine,
        detail,
        hint: "apt-get install wine wine64 (Debian, Ubuntu), dnf install wine-core (Fedora), or \
               https://gitlab.winehq.org/wine/wine/-/wikis/Download",
    };
    // Wine also runs on macOS; the namespaces, and `setpriv`, do not.
    if !cfg!(target_os = "linux") {
        return Err(lacking("Windows programs run under Wine on Linux only".to_owned()));
    }
    let find = |name| find_program(name, path).ok_or_else(|| lacking(format!("no `{name}` in PATH")));
    let (wine, server) = (find("wine")?, find("wineserver")?);
    let output = Command::new(&wine).arg("--version").env("WINEDEBUG", "-all").stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            Ok(WineProgram { wine, server, version })
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(lacking(format!(
                "`wine --version` failed: {}",
                said.lines().next().unwrap_or("without a word")
            )))
        }
        Err(error) => Err(lacking(format!("{} does not start: {error}", wine.display()))),
    }
}

/// Debian's folder, Fedora's, Arch's, and where `make install` puts it.
const FAKETIME: [&str; 5] = [
    "/usr/lib/x86_64-linux-gnu/faketime",
    "/usr/lib/aarch64-linux-gnu/faketime",
    "/usr/lib64/faketime",
    "/usr/lib/faketime",
    "/usr/local/lib/faketime",
];

fn faketime() -> Result<PathBuf, Lacking> {
    let found =
        FAKETIME.iter().map(|folder| Path::new(folder).join("libfaketimeMT.so.1")).find(|path| path.exists());
    found.ok_or_else(|| Lacking {
        part: Part::Faketime,
        detail: "libfaketime is not installed".to_owned(),
        hint: "apt-get install faketime (Debian, Ubuntu), dnf install libfaketime (Fedora)",
    })
}

fn find_program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path| machine::is_program(path))
}
