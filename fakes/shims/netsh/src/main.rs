//! netsh.exe: no component that the lab runs calls it any more (flannel went over to PowerShell, kube-proxy dropped its
//! user-space mode), so it refuses everything. Wine's own does nothing and says that it worked.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    println!("The following command was not found: {}.", words.join(" "));
    eprintln!("winlab: netsh.exe is not modelled; the command did nothing");
    ExitCode::from(1)
}
