//! The socket that device plugins register at (`pkg/kubelet/cm/devicemanager`), on Windows. A lab has no plugins; what matters
//! is the file of the socket, which Windows leaves when its program ends.

use winlab_component::HostFiles;
use winlab_profiles::KubeVersion;

/// Binds the socket, after what the kubelet's version clears away in its folder.
///
/// 1.31.0 left the socket of the kubelet before it: its `os.Stat` of a socket fails with the Go it was built with
/// (kubernetes/kubernetes#126965). 1.31.1 took the change back (#127100).
///
/// # Errors
/// The text of the kubelet's last log line: the file is there.
pub(super) async fn bind(root: &str, version: KubeVersion, files: &HostFiles) -> Result<(), String> {
    let path = format!(r"{root}\device-plugins\kubelet.sock");
    let leaves_old = version.is_at_least(31, 0) && !version.is_at_least(31, 1);
    if leaves_old && files.read(&path).await.is_ok() {
        let text =
            "Only one usage of each socket address (protocol/network address/port) is normally permitted.";
        return Err(format!("listen unix {path}: bind: {text}"));
    }
    files.write(&path, Vec::new()).await.map_err(|error| error.to_string())
}
