//! Wineserver, which every program of a prefix speaks to.

use std::io;
use std::path::Path;

use tokio::process::Child;
use winlab_clock::{Clock, VirtualSpan};

use crate::machine;

/// How often it is looked whether it listens, in the lab's time.
const LOOK: VirtualSpan = VirtualSpan::from_millis(5);

/// Waits until a wineserver that was just started listens.
///
/// A program that finds nobody listening starts a wineserver of its own. Both then make the server's folder, and the one
/// that comes second ends with an error (`create_dir` in Wine's `server/request.c`): the program's, and the program with
/// it, or ours, and the prefix has one that nothing ends.
pub(crate) async fn until_listens(server: &mut Child, clock: Clock) -> io::Result<()> {
    loop {
        if let Some(status) = server.try_wait()? {
            return Err(io::Error::other(format!("wineserver ended: {status}")));
        }
        // It goes to its folder, whose place differs between versions of Wine, before it makes the socket there.
        let folder = server.id().and_then(machine::folder_of);
        if folder.is_some_and(|folder| is_a_servers(&folder) && folder.join("socket").exists()) {
            return Ok(());
        }
        clock.sleep(LOOK).await;
    }
}

/// `server-<device>-<inode>` of the prefix.
fn is_a_servers(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("server-"))
}
