//! The environment of everything that is started, and why each variable is in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::probe::Tools;

/// Our pdh.dll before Wine's, which lacks the counters, and our netsh.exe before Wine's, which succeeds at everything; no .NET and no HTML engine, whose installers Wine offers in a
/// window at the first start of a prefix; nothing that writes into the desktop's menus.
const OVERRIDES: &str = "pdh,netsh.exe=n,b;mscoree,mshtml=;winemenubuilder.exe=d";

/// The variables for a program of Wine's with this prefix. Nothing else is handed on: Wine gives Windows programs every
/// variable that it has, and `DISPLAY` would let it open windows.
pub(crate) fn of(tools: &Tools, prefix: &Path) -> Vec<(&'static str, OsString)> {
    let folders = tools.path.iter().cloned().chain(["/usr/bin".into(), "/bin".into()]);
    let path = std::env::join_paths(folders).unwrap_or_else(|_| PathBuf::from("/usr/bin:/bin").into());
    vec![
        // Debian's `wine` is a script.
        ("PATH", path),
        ("WINEPREFIX", prefix.into()),
        // Wine's own messages would stand between the program's lines.
        ("WINEDEBUG", "-all".into()),
        ("WINEDLLOVERRIDES", OVERRIDES.into()),
        // The folders of the Windows user stay in the prefix, whoever runs this.
        ("HOME", prefix.into()),
        ("USER", "winlab".into()),
        ("LOGNAME", "winlab".into()),
        // Windows' time zone and code page are made from these.
        ("TZ", "UTC".into()),
        ("LC_ALL", "C.UTF-8".into()),
    ]
}
