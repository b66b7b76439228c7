//! What this fake does not model, in one table.

use winlab_host::Unmodelled;

/// Processes and job objects without a compute service beside the system.
pub(crate) const JOBS: Unmodelled = Unmodelled {
    what: "CreateJobObject, CreateProcess and their like",
    answer: "E_NOTIMPL of a system alone; a joined host runs them",
};
/// Counters that nobody in scope reads.
pub(crate) const COUNTER: Unmodelled = Unmodelled {
    what: "PdhCollectQueryData: counters other than those of Memory, Processor, Process(_Total), System and LogicalDisk",
    answer: "missing from the answer, as an unknown counter is",
};
/// Controls that a service's program would have to declare.
pub(crate) const ACCEPTED_CONTROLS: Unmodelled = Unmodelled {
    what: "SetServiceStatus: dwControlsAccepted",
    answer: "a running program is given every control; services that are part of Windows take Stop only",
};

/// Everything this fake does not model.
pub const UNMODELLED: &[Unmodelled] = &[
    JOBS,
    COUNTER,
    ACCEPTED_CONTROLS,
    Unmodelled {
        what: "named pipes, reparse points, file times, attributes, sharing modes and access control lists",
        answer: "pipes are not found; a path is a file or a folder that everybody may use",
    },
    Unmodelled { what: "drives other than C: and shares", answer: "ERROR_PATH_NOT_FOUND" },
    Unmodelled {
        what: "the executable of a service",
        answer: "the service control manager does not look for it; the launcher reports exit code 2 where it has none",
    },
    Unmodelled {
        what: "registry links other than CurrentControlSet, security descriptors, 32-bit views",
        answer: "a key is a key",
    },
];
