//! HRESULTs, open: any value is kept, the known ones have names and texts.
//!
//! HNS values and names are those of Microsoft's `HCNHResult` reference, HCS values those of `HCSHResult` and of
//! hcsshim's `internal/hcs/errors.go` (which tests for the `0xC037…` forms), Win32 ones those of `winerror.h`.

use std::fmt;

/// An HRESULT; negative as a signed number means failure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HResult(
    /// The 32 bits.
    pub u32,
);

macro_rules! known {
    ($( $name:ident = $value:literal, $text:literal; )*) => {
        impl HResult {
            $( #[doc = $text] pub const $name: Self = Self($value); )*

            /// The name in Microsoft's headers, if it is a known one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self.0 { $( $value => Some(stringify!($name)), )* _ => None }
            }

            /// The system's text for it, without the trailing blank; for unknown ones what Windows prints then.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self.0 { $( $value => $text, )* _ => "Unspecified error" }
            }

            /// Every known code with its name.
            #[must_use]
            pub fn all() -> &'static [(&'static str, Self)] {
                &[ $( (stringify!($name), Self($value)) ),* ]
            }
        }
    };
}

known! {
    S_OK = 0x0000_0000, "The operation completed successfully.";
    E_NOTIMPL = 0x8000_4001, "Not implemented";
    E_POINTER = 0x8000_4003, "Invalid pointer";
    E_FAIL = 0x8000_4005, "Unspecified error";
    E_UNEXPECTED = 0x8000_ffff, "Catastrophic failure";
    ERROR_FILE_NOT_FOUND = 0x8007_0002, "The system cannot find the file specified.";
    ERROR_PATH_NOT_FOUND = 0x8007_0003, "The system cannot find the path specified.";
    E_ACCESSDENIED = 0x8007_0005, "Access is denied.";
    ERROR_NOT_READY = 0x8007_0015, "The device is not ready.";
    ERROR_SHARING_VIOLATION = 0x8007_0020, "The process cannot access the file because it is being used by another process.";
    E_HANDLE = 0x8007_0006, "The handle is invalid.";
    ERROR_NOT_SUPPORTED = 0x8007_0032, "The request is not supported.";
    ERROR_DUP_NAME = 0x8007_0034, "You were not connected because a duplicate name exists on the network.";
    ERROR_FILE_EXISTS = 0x8007_0050, "The file exists.";
    E_INVALIDARG = 0x8007_0057, "The parameter is incorrect.";
    ERROR_DISK_FULL = 0x8007_0070, "There is not enough space on the disk.";
    ERROR_INVALID_NAME = 0x8007_007b, "The filename, directory name, or volume label syntax is incorrect.";
    ERROR_DIR_NOT_EMPTY = 0x8007_0091, "The directory is not empty.";
    ERROR_ALREADY_EXISTS = 0x8007_00b7, "Cannot create a file when that file already exists.";
    ERROR_DIRECTORY = 0x8007_010b, "The directory name is invalid.";
    WAIT_TIMEOUT = 0x8007_0102, "The wait operation timed out.";
    ERROR_INVALID_SERVICE_CONTROL = 0x8007_041c, "The requested control is not valid for this service.";
    ERROR_SERVICE_REQUEST_TIMEOUT = 0x8007_041d, "The service did not respond to the start or control request in a timely fashion.";
    ERROR_SERVICE_ALREADY_RUNNING = 0x8007_0420, "An instance of the service is already running.";
    ERROR_SERVICE_DISABLED = 0x8007_0422, "The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.";
    ERROR_CIRCULAR_DEPENDENCY = 0x8007_0423, "Circular service dependency was specified.";
    ERROR_SERVICE_DOES_NOT_EXIST = 0x8007_0424, "The specified service does not exist as an installed service.";
    ERROR_SERVICE_CANNOT_ACCEPT_CTRL = 0x8007_0425, "The service cannot accept control messages at this time.";
    ERROR_SERVICE_NOT_ACTIVE = 0x8007_0426, "The service has not been started.";
    ERROR_PROCESS_ABORTED = 0x8007_042b, "The process terminated unexpectedly.";
    ERROR_SERVICE_DEPENDENCY_FAIL = 0x8007_042c, "The dependency service or group failed to start.";
    ERROR_SERVICE_MARKED_FOR_DELETE = 0x8007_0430, "The specified service has been marked for deletion.";
    ERROR_SERVICE_DEPENDENCY_DELETED = 0x8007_0433, "The dependency service does not exist or has been marked for deletion.";
    ERROR_SERVICE_EXISTS = 0x8007_0431, "The specified service already exists.";
    ERROR_DEPENDENT_SERVICES_RUNNING = 0x8007_041b, "A stop control has been sent to a service that other running services are dependent on.";
    ERROR_CHILD_MUST_BE_VOLATILE = 0x8007_03fd, "Cannot create a stable subkey under a volatile parent key.";
    ERROR_NOT_FOUND = 0x8007_0490, "Element not found.";
    ERROR_LOGON_FAILURE = 0x8007_052e, "The user name or password is incorrect.";
    ERROR_TIMEOUT = 0x8007_05b4, "This operation returned because the timeout period expired.";
    RPC_S_UNKNOWN_IF = 0x8007_06b5, "The interface is unknown.";
    RPC_S_SERVER_UNAVAILABLE = 0x8007_06ba, "The RPC server is unavailable.";
    RPC_S_SERVER_TOO_BUSY = 0x8007_06bb, "The RPC server is too busy to complete this operation.";
    RPC_S_CALL_FAILED = 0x8007_06be, "The remote procedure call failed.";
    RPC_S_PROTOCOL_ERROR = 0x8007_06c0, "A remote procedure call (RPC) protocol error occurred.";
    RPC_S_STRING_TOO_LONG = 0x8007_06cf, "The string is too long.";
    RPC_S_PROCNUM_OUT_OF_RANGE = 0x8007_06d1, "The procedure number is out of range.";
    ERROR_OBJECT_ALREADY_EXISTS = 0x8007_1392, "The object already exists.";

    HCN_E_NETWORK_NOT_FOUND = 0x803b_0001, "The network was not found.";
    HCN_E_ENDPOINT_NOT_FOUND = 0x803b_0002, "The endpoint was not found.";
    HCN_E_LAYER_NOT_FOUND = 0x803b_0003, "The network's underlying layer was not found.";
    HCN_E_SWITCH_NOT_FOUND = 0x803b_0004, "The virtual switch was not found.";
    HCN_E_SUBNET_NOT_FOUND = 0x803b_0005, "The network does not have a subnet for this endpoint.";
    HCN_E_ADAPTER_NOT_FOUND = 0x803b_0006, "An adapter was not found.";
    HCN_E_PORT_NOT_FOUND = 0x803b_0007, "The switch-port was not found.";
    HCN_E_POLICY_NOT_FOUND = 0x803b_0008, "An expected policy was not found.";
    HCN_E_VFP_PORTSETTING_NOT_FOUND = 0x803b_0009, "A required VFP port setting was not found.";
    HCN_E_INVALID_NETWORK = 0x803b_000a, "The provided network configuration is invalid or missing parameters.";
    HCN_E_INVALID_NETWORK_TYPE = 0x803b_000b, "Invalid network type.";
    HCN_E_INVALID_ENDPOINT = 0x803b_000c, "The provided endpoint configuration is invalid or missing parameters.";
    HCN_E_INVALID_POLICY = 0x803b_000d, "The provided policy configuration is invalid or missing parameters.";
    HCN_E_INVALID_POLICY_TYPE = 0x803b_000e, "Invalid policy type.";
    HCN_E_INVALID_REMOTE_ENDPOINT_OPERATION = 0x803b_000f, "This requested operation is invalid for a remote endpoint.";
    HCN_E_NETWORK_ALREADY_EXISTS = 0x803b_0010, "A network with this name already exists.";
    HCN_E_LAYER_ALREADY_EXISTS = 0x803b_0011, "A network with this name already exists.";
    HCN_E_POLICY_ALREADY_EXISTS = 0x803b_0012, "Policy information already exists on this object.";
    HCN_E_PORT_ALREADY_EXISTS = 0x803b_0013, "The specified port already exists.";
    HCN_E_ENDPOINT_ALREADY_ATTACHED = 0x803b_0014, "This endpoint is already attached to the switch.";
    HCN_E_REQUEST_UNSUPPORTED = 0x803b_0015, "The specified request is unsupported.";
    HCN_E_MAPPING_NOT_SUPPORTED = 0x803b_0016, "Port mapping is not supported on the given network.";
    HCN_E_DEGRADED_OPERATION = 0x803b_0017, "There was an operation attempted on a degraded object.";
    HCN_E_SHARED_SWITCH_MODIFICATION = 0x803b_0018, "Cannot modify a switch shared by multiple networks.";
    HCN_E_GUID_CONVERSION_FAILURE = 0x803b_0019, "Failed to interpret a parameter as a GUID.";
    HCN_E_REGKEY_FAILURE = 0x803b_001a, "Failed to process registry key.";
    HCN_E_INVALID_JSON = 0x803b_001b, "Invalid JSON document string.";
    HCN_E_INVALID_JSON_REFERENCE = 0x803b_001c, "The reference is invalid in the JSON document.";
    HCN_E_ENDPOINT_SHARING_DISABLED = 0x803b_001d, "Endpoint sharing is disabled.";
    HCN_E_INVALID_IP = 0x803b_001e, "IP address is either invalid or not part of any configured subnet(s).";
    HCN_E_SWITCH_EXTENSION_NOT_FOUND = 0x803b_001f, "The specified switch extension does not exist on this switch.";
    HCN_E_MANAGER_STOPPED = 0x803b_0020, "Operation cannot be performed while service is stopping.";
    GCN_E_MODULE_NOT_FOUND = 0x803b_0021, "Operation cannot be performed while the module is not found.";
    GCN_E_NO_REQUEST_HANDLERS = 0x803b_0022, "Operation cannot be performed without request handlers.";
    GCN_E_REQUEST_UNSUPPORTED = 0x803b_0023, "The specified request is unsupported in the guest.";
    GCN_E_RUNTIMEKEYS_FAILED = 0x803b_0024, "Adding runtime keys to the guest container failed.";
    GCN_E_NETADAPTER_TIMEOUT = 0x803b_0025, "Failed to find the network adapter in the guest within the given time.";
    GCN_E_NETADAPTER_NOT_FOUND = 0x803b_0026, "The network adapter was not found in the guest.";
    GCN_E_NETCOMPARTMENT_NOT_FOUND = 0x803b_0027, "The network compartment was not found in the guest.";
    GCN_E_NETINTERFACE_NOT_FOUND = 0x803b_0028, "The network interface was not found in the guest.";
    GCN_E_DEFAULTNAMESPACE_EXISTS = 0x803b_0029, "The default namespace already exists.";
    HCN_E_ICS_DISABLED = 0x803b_002a, "Internet Connection Sharing service (SharedAccess) is disabled and cannot be started.";
    HCN_E_ENDPOINT_NAMESPACE_ALREADY_EXISTS = 0x803b_002b, "This requested operation is invalid as endpoint is already part of a network namespace.";
    HCN_E_ENTITY_HAS_REFERENCES = 0x803b_002c, "The specified entity cannot be removed while it still has references.";
    HCN_E_INVALID_INTERNAL_PORT = 0x803b_002d, "The internal port must exist and cannot be zero.";
    HCN_E_NAMESPACE_ATTACH_FAILED = 0x803b_002e, "The requested operation for attach namespace failed.";
    HCN_E_ADDR_INVALID_OR_RESERVED = 0x803b_002f, "An address provided is invalid or reserved.";
    HCN_E_INVALID_PREFIX = 0x803b_0030, "The prefix provided is invalid.";
    HCN_E_OBJECT_USED_AFTER_UNLOAD = 0x803b_0031, "A call was performed against an object that was torn down.";
    HCN_E_INVALID_SUBNET = 0x803b_0032, "The provided subnet configuration is invalid or missing parameters.";
    HCN_E_INVALID_IP_SUBNET = 0x803b_0033, "The provided IP subnet configuration is invalid or missing parameters.";
    HCN_E_ENDPOINT_NOT_ATTACHED = 0x803b_0034, "The endpoint must be attached to complete the operation.";
    HCN_E_ENDPOINT_NOT_LOCAL = 0x803b_0035, "The endpoint must be local to complete the operation.";
    HCN_INTERFACEPARAMETERS_ALREADY_APPLIED = 0x803b_0036, "Interface parameters have already been applied.";
    HCN_E_VFP_NOT_ALLOWED = 0x803b_0037, "This operation is not allowed because the network does not use VFP.";

    HCS_E_TERMINATED_DURING_START = 0x8037_0100, "The virtual machine or container exited unexpectedly while starting.";
    HCS_E_HYPERV_NOT_INSTALLED = 0x8037_0102, "The virtual machine could not be started because a required feature is not installed.";
    HCS_E_INVALID_STATE = 0x8037_0105, "The requested virtual machine or container operation is not valid in the current state.";
    HCS_E_UNEXPECTED_EXIT = 0x8037_0106, "The virtual machine or container exited unexpectedly.";
    HCS_E_TERMINATED = 0x8037_0107, "The virtual machine or container was forcefully exited.";
    HCS_E_CONNECTION_TIMEOUT = 0x8037_0109, "The operation timed out because a response was not received from the virtual machine or container.";
    HCS_E_UNKNOWN_MESSAGE = 0x8037_010b, "The virtual machine or container does not support an operation.";
    HCS_E_INVALID_JSON = 0x8037_010d, "The virtual machine or container JSON document is invalid.";
    HCS_E_SYSTEM_NOT_FOUND = 0x8037_010e, "A virtual machine or container with the specified identifier does not exist.";
    HCS_E_SYSTEM_ALREADY_EXISTS = 0x8037_010f, "A virtual machine or container with the specified identifier already exists.";
    HCS_E_SYSTEM_ALREADY_STOPPED = 0x8037_0110, "The virtual machine or container with the specified identifier is not running.";
    HCS_E_INVALID_LAYER = 0x8037_0112, "The virtual machine or container layer is not valid.";
    HCS_E_SERVICE_NOT_AVAILABLE = 0x8037_0114, "The virtual machine or container service is not available.";
    HCS_E_OPERATION_NOT_STARTED = 0x8037_0115, "The operation has not been started.";
    HCS_E_OPERATION_ALREADY_STARTED = 0x8037_0116, "The operation has already been started.";
    HCS_E_OPERATION_PENDING = 0x8037_0117, "The operation is still pending.";
    HCS_E_OPERATION_TIMEOUT = 0x8037_0118, "The operation timed out.";
    HCS_E_OPERATION_SYSTEM_CALLBACK_ALREADY_SET = 0x8037_0119, "An event callback has already been registered on this handle.";
    HCS_E_ACCESS_DENIED = 0x8037_011b, "Access is denied.";
    HCS_E_PROCESS_INFO_NOT_AVAILABLE = 0x8037_011d, "The process information is not available.";
    HCS_E_SERVICE_DISCONNECT = 0x8037_011e, "The host compute system service disconnected unexpectedly.";
    HCS_E_PROCESS_ALREADY_STOPPED = 0x8037_011f, "The process has already exited.";
    ERROR_VMCOMPUTE_IMAGE_MISMATCH = 0xc037_0101, "The container operating system does not match the host operating system.";
    ERROR_VMCOMPUTE_OPERATION_PENDING = 0xc037_0103, "The operation is still in progress.";
    ERROR_VMCOMPUTE_INVALID_STATE = 0xc037_0105, "The requested virtual machine or container operation is not valid in the current state.";
    ERROR_VMCOMPUTE_UNEXPECTED_EXIT = 0xc037_0106, "The virtual machine or container exited unexpectedly.";
    ERROR_VMCOMPUTE_UNKNOWN_MESSAGE = 0xc037_010b, "The virtual machine or container does not support an operation.";
    ERROR_VMCOMPUTE_INVALID_JSON = 0xc037_010d, "The virtual machine or container JSON document is invalid.";
    ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND = 0xc037_010e, "A virtual machine or container with the specified identifier does not exist.";
    ERROR_VMCOMPUTE_SYSTEM_ALREADY_STOPPED = 0xc037_0110, "The virtual machine or container with the specified identifier is not running.";
}

impl HResult {
    /// The HRESULT of a Win32 error code (`HRESULT_FROM_WIN32`).
    #[must_use]
    pub const fn from_win32(code: u16) -> Self {
        if code == 0 { Self(0) } else { Self(0x8007_0000 | code as u32) }
    }

    /// Whether it means failure.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        self.0 & 0x8000_0000 != 0
    }

    /// The code with that name in Microsoft's headers.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
    }
}

impl fmt::Display for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} 0x{:08x}", self.0),
            None => write!(f, "0x{:08x}", self.0),
        }
    }
}

impl fmt::Debug for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::HResult;

    #[test]
    fn names_values_and_texts() {
        assert_eq!(HResult(0x803b_0013).to_string(), "HCN_E_PORT_ALREADY_EXISTS 0x803b0013");
        assert_eq!(HResult(0x1234).to_string(), "0x00001234");
        assert_eq!(HResult::from_win32(0x490), HResult::ERROR_NOT_FOUND);
        assert_eq!(HResult::by_name("E_INVALIDARG"), Some(HResult::E_INVALIDARG));
        assert!(HResult::E_FAIL.is_failure() && !HResult::S_OK.is_failure());
    }
}
