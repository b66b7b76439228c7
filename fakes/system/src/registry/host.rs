//! What a host's registry holds before anybody writes to it.
//!
//! Values that node components read: `CurrentVersion`, `HardwareConfig` and `BootId` (kubelet's
//! `pkg/kubelet/winstats/version.go` and `perfcounter_nodestats_windows.go`), the computer's name, TCP/IP.

use winlab_host::Adapter;
use winlab_host::linux::Prefix;
use winlab_host::system::RegistryValue;

use super::Registry;
use crate::config::SystemConfig;

const TCPIP: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";

pub(super) fn sz(text: impl Into<String>) -> RegistryValue {
    RegistryValue::Sz(text.into())
}

/// The registry of a freshly installed host.
pub(crate) fn host_registry(config: &SystemConfig) -> Registry {
    let mut registry = Registry::default();
    write_version(&mut registry, config.build, &config.product_name);
    write_computer_name(&mut registry, &config.computer_name, &config.dns_suffix);
    registry
        .write(r"HKLM\SYSTEM\HardwareConfig", [("LastConfig", sz(format!("{{{}}}", config.system_uuid)))]);
    registry.write(
        r"HKLM\SYSTEM\CurrentControlSet\Control",
        [("PreshutdownOrder", RegistryValue::MultiSz(vec![])), ("WaitToKillServiceTimeout", sz("5000"))],
    );
    registry.write(r"HKLM\SYSTEM\CurrentControlSet\Services", []);
    registry.write(r"HKU\.DEFAULT", []);
    let made = registry.create_key(r"HKLM\HARDWARE\DESCRIPTION\System", true);
    debug_assert!(made.is_ok(), "HARDWARE is a hive");
    write_boot_id(&mut registry, 1);
    write_adapters(&mut registry, &config.adapters);
    registry
}

/// `CurrentVersion` of a build: the host's, or that of a container's image.
pub(super) fn write_version(registry: &mut Registry, build: (u32, u32), product: &str) {
    registry.write(
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
        [
            ("CurrentBuild", sz(build.0.to_string())),
            ("CurrentBuildNumber", sz(build.0.to_string())),
            ("CurrentMajorVersionNumber", RegistryValue::Dword(10)),
            ("CurrentMinorVersionNumber", RegistryValue::Dword(0)),
            ("CurrentVersion", sz("6.3")),
            ("ProductName", sz(product)),
            ("UBR", RegistryValue::Dword(build.1)),
        ],
    );
}

pub(super) fn write_computer_name(registry: &mut Registry, name: &str, domain: &str) {
    let upper = name.chars().take(15).collect::<String>().to_uppercase();
    for key in ["ComputerName", "ActiveComputerName"] {
        let path = format!(r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\{key}");
        registry.write(&path, [("ComputerName", sz(upper.clone()))]);
    }
    registry.write(
        TCPIP,
        [("Hostname", sz(name)), ("NV Hostname", sz(name)), ("Domain", sz(domain)), ("SearchList", sz(""))],
    );
}

/// Which boot this is, counted from installation.
pub(crate) fn write_boot_id(registry: &mut Registry, boot: u32) {
    registry.write(
        r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters",
        [("BootId", RegistryValue::Dword(boot))],
    );
}

/// TCP/IP keys per adapter, by interface index: the registry follows the adapters.
pub(crate) fn write_adapters(registry: &mut Registry, adapters: &[Adapter]) {
    registry.delete_tree(&format!(r"{TCPIP}\Interfaces"));
    registry.write(&format!(r"{TCPIP}\Interfaces"), []);
    for adapter in adapters {
        let id = format!("{{00000000-0000-0000-0000-{:012x}}}", adapter.mac.bits());
        let gateways = adapter.gateway.iter().map(ToString::to_string).collect();
        let dns: Vec<String> = adapter.dns.iter().map(ToString::to_string).collect();
        write_interface(registry, &id, &adapter.addresses, gateways, dns, "");
    }
}

/// The TCP/IP key of one interface, with addresses that were set and not leased.
pub(super) fn write_interface(
    registry: &mut Registry,
    id: &str,
    addresses: &[Prefix],
    gateways: Vec<String>,
    dns: Vec<String>,
    domain: &str,
) {
    registry.write(
        &format!(r"{TCPIP}\Interfaces\{id}"),
        [
            ("EnableDHCP", RegistryValue::Dword(0)),
            ("IPAddress", RegistryValue::MultiSz(addresses.iter().map(|a| a.address.to_string()).collect())),
            ("SubnetMask", RegistryValue::MultiSz(addresses.iter().map(mask).collect())),
            ("DefaultGateway", RegistryValue::MultiSz(gateways)),
            ("NameServer", sz(dns.join(","))),
            ("Domain", sz(domain)),
        ],
    );
}

/// A prefix's length as a mask: dotted for IPv4, the bare length for IPv6.
fn mask(prefix: &Prefix) -> String {
    if prefix.address.is_ipv6() {
        return prefix.length.to_string();
    }
    let bits = u32::MAX.checked_shl(32 - u32::from(prefix.length.min(32))).unwrap_or_default();
    std::net::Ipv4Addr::from(bits).to_string()
}
