//! What every plugin's skeleton checks before the plugin sees anything: its environment, the network's name, the version
//! of the specification.
//!
//! Source: containernetworking/cni v1.3.0 `pkg/skel/skel.go`, `pkg/utils/utils.go`, `pkg/version`.

use winlab_document::Document;

use crate::error::CniError;
use crate::runner::{CniArgs, Command};

/// The versions of the specification that the plugins speak (`version.All`).
const VERSIONS: [&str; 7] = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

/// The specification's codes ("Error").
mod code {
    pub(super) const INCOMPATIBLE_VERSION: u32 = 1;
    pub(super) const INVALID_ENVIRONMENT: u32 = 4;
    pub(super) const DECODING: u32 = 6;
    pub(super) const INVALID_CONFIG: u32 = 7;
}

/// Refuses what a plugin never gets to see.
pub(crate) fn check(command: Command, config: &Document, args: &CniArgs) -> Result<(), CniError> {
    environment(command, args)?;
    let name = config.text(&["name"]);
    if name.is_empty() {
        return Err(CniError::coded(code::INVALID_CONFIG, "missing network name", ""));
    }
    if !is_valid_name(name) {
        return Err(CniError::coded(code::INVALID_CONFIG, "invalid characters found in network name", name));
    }
    let version = match config.text(&["cniVersion"]) {
        "" => "0.1.0",
        version => version,
    };
    if command == Command::Check {
        allows_check(version)?;
    }
    if VERSIONS.contains(&version) {
        return Ok(());
    }
    let supported = VERSIONS.map(|version| format!("{version:?}")).join(" ");
    Err(CniError::coded(
        code::INCOMPATIBLE_VERSION,
        "incompatible CNI versions",
        format!("config is {version:?}, plugin supports [{supported}]"),
    ))
}

/// `getCmdArgsFromEnv`. A value that is there is checked before those that are not are named.
fn environment(command: Command, args: &CniArgs) -> Result<(), CniError> {
    let invalid = |msg: &str, details: &str| CniError::coded(code::INVALID_ENVIRONMENT, msg, details);
    let mut missing = Vec::new();
    if args.container_id.is_empty() {
        missing.push("CNI_CONTAINERID");
    } else if !is_valid_name(&args.container_id) {
        return Err(invalid("invalid characters in containerID", &args.container_id));
    }
    if args.netns.is_empty() && command != Command::Del {
        missing.push("CNI_NETNS");
    }
    let ifname = args.ifname.as_str();
    if ifname.is_empty() {
        missing.push("CNI_IFNAME");
    } else if ifname.len() > 15 {
        return Err(invalid(
            "interface name is too long",
            "interface name should be less than 16 characters",
        ));
    } else if matches!(ifname, "." | "..") {
        return Err(invalid("interface name is . or ..", ""));
    } else if ifname.contains(|c: char| matches!(c, '/' | ':') || c.is_whitespace()) {
        return Err(invalid("interface name contains / or : or whitespace characters", ""));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(invalid(&format!("required env variables [{}] missing", missing.join(",")), ""))
}

/// `^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$`
fn is_valid_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// CHECK is there since 0.4.0, and a plugin has to know the configuration's version or a later one.
fn allows_check(version: &str) -> Result<(), CniError> {
    let refused = |msg: &str| Err(CniError::coded(code::INCOMPATIBLE_VERSION, msg, ""));
    let config = parse(version)?;
    if config < (0, 4, 0) {
        return refused("config version does not allow CHECK");
    }
    if VERSIONS.iter().all(|known| parse(known).is_ok_and(|known| known < config)) {
        return refused("plugin version does not allow CHECK");
    }
    Ok(())
}

/// `ParseVersion`
fn parse(version: &str) -> Result<(i64, i64, i64), CniError> {
    let decoding = |msg: String| CniError::coded(code::DECODING, msg, "");
    let parts: Vec<&str> = version.split('.').collect();
    if parts.len() > 3 {
        return Err(decoding(format!("invalid version {version:?}: too many parts")));
    }
    let mut numbers = [0; 3];
    for ((number, part), name) in numbers.iter_mut().zip(parts).zip(["major", "minor", "micro"]) {
        *number = part.parse().map_err(|_| {
            let atoi = format!("strconv.Atoi: parsing {part:?}: invalid syntax");
            decoding(format!("failed to convert {name} version part {part:?}: {atoi}"))
        })?;
    }
    let [major, minor, micro] = numbers;
    Ok((major, minor, micro))
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{CniArgs, Command, check};

    fn said(command: Command, version: &str, args: &CniArgs) -> String {
        let config = doc!({"name": "cbr0", "cniVersion": version});
        match check(command, &config, args) {
            Ok(()) => "fits".to_owned(),
            Err(error) => format!("{} {error}", error.code),
        }
    }

    #[test]
    fn versions_that_the_plugins_know_fit() {
        let args = CniArgs {
            container_id: "c".into(),
            netns: "n".into(),
            ifname: "eth0".into(),
            ..CniArgs::default()
        };
        assert_eq!(said(Command::Add, "", &args), "fits");
        assert_eq!(
            said(Command::Add, "0.5.0", &args),
            r#"1 incompatible CNI versions; config is "0.5.0", plugin supports ["0.1.0" "0.2.0" "0.3.0" "0.3.1" "0.4.0" "1.0.0" "1.1.0"]"#
        );
        assert_eq!(said(Command::Check, "0.3.1", &args), "1 config version does not allow CHECK");
        assert_eq!(said(Command::Check, "2.0.0", &args), "1 plugin version does not allow CHECK");
        assert!(said(Command::Check, "x", &args).starts_with("6 failed to convert major version part"));
    }

    #[test]
    fn the_environment_is_checked_first() {
        let none = CniArgs::default();
        assert_eq!(
            said(Command::Add, "x", &none),
            "4 required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME] missing"
        );
        let bad = CniArgs { container_id: "-c".into(), ..CniArgs::default() };
        assert_eq!(said(Command::Del, "1.0.0", &bad), "4 invalid characters in containerID; -c");
    }
}
