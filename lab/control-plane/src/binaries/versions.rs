//! Programs of the wrong version are refused by name, before anything fails in their own words.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;
use winlab_kube_client::Client;
use winlab_profiles::KubeVersion;

use super::start::{StartBinariesError, machine, set_up};

/// Whether this etcd carries an API server of that version.
pub(super) async fn check_etcd(program: &Path, wanted: KubeVersion) -> Result<(), StartBinariesError> {
    let doing = format!("ask {} for its version", program.display());
    let said = Command::new(program).arg("--version").env_clear().output().await.map_err(machine(doing))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let (major, minor) = oldest_etcd(wanted);
    match etcd_version(&said) {
        Some(found) if found >= (major, minor) => Ok(()),
        found => Err(StartBinariesError::Version {
            program: "etcd",
            found: found.map_or_else(
                || "of no version it tells".to_owned(),
                |(major, minor)| format!("{major}.{minor}"),
            ),
            wanted,
            needed: format!("{major}.{minor} or newer"),
        }),
    }
}

/// The API server's own version. One of another patch serves; one of another minor is another API.
pub(super) async fn of_server(
    client: &Client,
    wanted: KubeVersion,
) -> Result<KubeVersion, StartBinariesError> {
    let request = http::Request::get("/version").body(Vec::new()).expect("the path is one");
    let said: Value = client.request(request).await.map_err(set_up)?;
    let text = said["gitVersion"].as_str().unwrap_or_default();
    match text.parse::<KubeVersion>() {
        Ok(found) if found.minor() == wanted.minor() => Ok(found),
        _ => Err(StartBinariesError::Version {
            program: "kube-apiserver",
            found: text.to_owned(),
            wanted,
            needed: format!("1.{}", wanted.minor()),
        }),
    }
}

/// kubeadm's `MinExternalEtcdVersion` is 3.5 from 1.35 on. Before, 3.4 is seen to carry the API server.
fn oldest_etcd(version: KubeVersion) -> (u32, u32) {
    if version.minor() >= 35 { (3, 5) } else { (3, 4) }
}

/// `etcd Version: 3.4.23`
fn etcd_version(said: &str) -> Option<(u32, u32)> {
    let version = said.lines().find_map(|line| line.strip_prefix("etcd Version: "))?;
    let mut parts = version.trim().split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etcd_says_its_version_in_its_first_line() {
        assert_eq!(etcd_version("etcd Version: 3.4.23\nGit SHA: Not provided\n"), Some((3, 4)));
        assert_eq!(etcd_version("something else"), None);
        assert_eq!(oldest_etcd("v1.34.4".parse().unwrap()), (3, 4));
        assert_eq!(oldest_etcd("v1.35.4".parse().unwrap()), (3, 5));
    }
}
