//! What this fake does not model, in one table.

use winlab_host::Unmodelled;

pub(crate) const SAVE: Unmodelled =
    Unmodelled { what: "HcsSaveComputeSystem", answer: "ERROR_NOT_SUPPORTED; nothing is saved" };
pub(crate) const RESOURCE: Unmodelled = Unmodelled {
    what: "HcsModifyComputeSystem: resources other than memory, processor, mapped directories and network",
    answer: "ERROR_VMCOMPUTE_UNKNOWN_MESSAGE",
};
pub(crate) const VM_RESOURCE: Unmodelled = Unmodelled {
    what: "HcsModifyComputeSystem: VirtualMachine/…",
    answer: "kept in the system's configuration, without effect",
};
pub(crate) const SERVICE_PROPERTY: Unmodelled = Unmodelled {
    what: "HcsGetServiceProperties: types other than Basic, Memory and ProcessorTopology",
    answer: "an entry with Error ERROR_NOT_SUPPORTED",
};
pub(crate) const SERVICE_SETTINGS: Unmodelled =
    Unmodelled { what: "HcsModifyServiceSettings", answer: "ERROR_VMCOMPUTE_UNKNOWN_MESSAGE" };
pub(crate) const PROPERTY: Unmodelled = Unmodelled {
    what: "HcsGetComputeSystemProperties: types other than Memory, Statistics, ProcessList, GuestConnection and TerminateOnLastHandleClosed",
    answer: "missing from the answer",
};
pub(crate) const CREDENTIALS: Unmodelled = Unmodelled {
    what: "ContainerCredentialGuard (gMSA)",
    answer: "kept in the configuration; no process gets a ticket",
};
pub(crate) const LINUX_GUEST: Unmodelled = Unmodelled {
    what: "Linux containers on Windows",
    answer: "ERROR_VMCOMPUTE_IMAGE_MISMATCH of a container whose image is for Linux",
};

/// Everything this fake does not model.
pub const UNMODELLED: &[Unmodelled] = &[
    SAVE,
    RESOURCE,
    VM_RESOURCE,
    SERVICE_PROPERTY,
    SERVICE_SETTINGS,
    PROPERTY,
    CREDENTIALS,
    LINUX_GUEST,
    Unmodelled {
        what: "HcsRevokeVmAccess, HcsGrantVmGroupAccess, HcsRevokeVmGroupAccess, HcsSubmitWerReport, HcsCreateEmptyGuestStateFile, HcsCreateEmptyRuntimeStateFile",
        answer: "no calls of the boundary; computecore.dll of a program under Wine answers E_NOTIMPL",
    },
    Unmodelled {
        what: "HcsInitializeLegacyWritableLayer, HcsExportLegacyWritableLayer",
        answer: "no calls of the boundary; computestorage.dll of a program under Wine does not export them",
    },
    Unmodelled {
        what: "MappedPipes, MappedVirtualDisks, AssignedDevices, HvSocket, Storage.QoS",
        answer: "kept in the configuration, without effect",
    },
    Unmodelled {
        what: "processor time and storage statistics",
        answer: "a running process is taken to use one percent of a processor; storage counts are zero",
    },
    Unmodelled { what: "processor limits and affinity", answer: "kept and shown; nothing runs slower" },
    Unmodelled {
        what: "handles",
        answer: "a system that should end with its last handle ends at the first HcsCloseComputeSystem",
    },
    Unmodelled { what: "what exited processes wrote", answer: "kept for the latest 16 of a system" },
];
