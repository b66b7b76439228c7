//! What the machine says of itself.

use winlab_document::{Document, doc};

use crate::config::SystemConfig;
use crate::context::Load;

/// Memory that Windows itself uses: what a Server Core host shows right after its start.
pub(crate) const BASE_MEMORY: u64 = 1_400 << 20;

/// The answer of `GetNativeSystemInfo`: `RtlGetVersion`, `GetActiveProcessorCount`, `GlobalMemoryStatusEx` and
/// `GetPhysicallyInstalledSystemMemory` in one.
pub(crate) fn information(config: &SystemConfig, load: Load, boot: u32) -> Document {
    let used = BASE_MEMORY + load.private_working_set;
    doc!({
        "ComputerName": &config.computer_name,
        "MajorVersion": 10,
        "MinorVersion": 0,
        "BuildNumber": config.build.0,
        "UBR": config.build.1,
        "ProductName": &config.product_name,
        "ProcessorArchitecture": "amd64",
        "NumberOfProcessors": config.processors,
        "PhysicalMemoryBytes": config.memory,
        "AvailableMemoryBytes": config.memory.saturating_sub(used),
        "SystemUUID": config.system_uuid,
        "BootId": boot,
        "DiskBytes": config.disk,
    })
}
