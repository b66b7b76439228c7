//! Commands of Windows that are not modelled: they are not found, and that is counted.

use winlab_host::Unmodelled;

macro_rules! commands {
    ($($name:literal)*) => {
        /// What of a host's commands is not modelled.
        pub const UNMODELLED: &[Unmodelled] = &[
            $( Unmodelled { what: $name, answer: "The system cannot find the file specified." } ),*
        ];
    };
}

commands! {
    "arp" "attrib" "certutil" "choice" "comp" "fc" "fsutil" "getmac" "icacls" "net" "netsh" "netstat" "nltest"
    "pathping" "robocopy" "route" "sc" "schtasks" "setx" "shutdown" "systeminfo" "takeown" "tar" "taskkill" "tasklist"
    "tracert" "where" "wmic" "xcopy"
}

/// The entry of a command that Windows has and the lab has not.
pub(super) fn command(name: &str) -> Option<&'static Unmodelled> {
    UNMODELLED.iter().find(|entry| entry.what == name)
}
