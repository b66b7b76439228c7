//! What a node's registry says it is: the values that tell programs the build of Windows, and the host's name.

use winlab_profiles::WindowsVersion;

use crate::hive::{Data, Hive};

const CURRENT_VERSION: &str = r"Software\Microsoft\Windows NT\CurrentVersion";
const CONTROL: &str = r"System\CurrentControlSet\Control";

/// Makes `system.reg` (`HKEY_LOCAL_MACHINE`) that of a host.
pub(crate) fn describe(hive: &mut Hive, name: &str, windows: WindowsVersion) {
    let text = |text: &str| Data::Text(text.to_owned());
    let build = windows.build().to_string();
    let product = windows.profile();
    let mut version = |name: &str, data: Data| hive.set(CURRENT_VERSION, name, &data);
    // Windows has 6.3 here since 8.1. Wine makes what RtlGetVersion says of it and of CurrentBuildNumber, and hcsshim's
    // `osversion` asks that; kubelet (`pkg/kubelet/winstats`) reads the numbers below.
    version("CurrentVersion", text("10.0"));
    version("CurrentMajorVersionNumber", Data::Number(10));
    version("CurrentMinorVersionNumber", Data::Number(0));
    version("CurrentBuild", text(&build));
    version("CurrentBuildNumber", text(&build));
    version("UBR", Data::Number(windows.revision()));
    version("ProductName", text(product.product));
    version("DisplayVersion", text(product.display_version));
    version("ReleaseId", text(product.display_version));
    version("CSDVersion", text(""));
    let is_client = product.product.starts_with("Windows 10");
    version("EditionID", text(if is_client { "Enterprise" } else { "ServerDatacenter" }));
    version("InstallationType", text(if is_client { "Client" } else { "Server" }));
    let kind = if is_client { "WinNT" } else { "ServerNT" };
    hive.set(&format!(r"{CONTROL}\ProductOptions"), "ProductType", &text(kind));

    // What kubelet makes the node's machine id, boot id and system UUID of (`pkg/kubelet/winstats`).
    hive.set(r"System\HardwareConfig", "LastConfig", &text(&format!("{{{}}}", id_of(name))));
    let prefetch = format!(r"{CONTROL}\Session Manager\Memory Management\PrefetchParameters");
    hive.set(&prefetch, "BootId", &Data::Number(1));

    // Wine writes these at each boot from the name of the machine it runs on, which is the node's where the node has a
    // namespace of its own.
    let upper = name.to_uppercase();
    hive.set(&format!(r"{CONTROL}\ComputerName\ComputerName"), "ComputerName", &text(&upper));
    hive.set(r"System\CurrentControlSet\Services\Tcpip\Parameters", "Hostname", &text(name));
}

/// A GUID that is the host's in every run.
fn id_of(name: &str) -> String {
    let fold = |seed: u64| {
        name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    let (high, low) = (fold(0xcbf2_9ce4_8422_2325), fold(0x8422_2325_cbf2_9ce4));
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    format!("{a:08x}-{b:04x}-4{c:03x}-8{:03x}-{:012x}", low >> 48 & 0xfff, low & 0xffff_ffff_ffff)
}
