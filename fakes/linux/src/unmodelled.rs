//! What is not modelled, and how often it was met.

use std::collections::BTreeMap;

/// One thing that is not modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmodelled {
    /// The call in which it is met.
    pub function: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What is answered instead.
    pub answer: &'static str,
}

macro_rules! table {
    ($($name:ident = $function:literal, $what:literal, $answer:literal;)*) => {
        $( pub(crate) const $name: Unmodelled =
            Unmodelled { function: $function, what: $what, answer: $answer }; )*
        /// Everything that is not modelled, for docs/limitations.md.
        pub const UNMODELLED: &[Unmodelled] = &[$($name),*];
    };
}

table! {
    LINK_KIND = "ip link add", "physical NICs and loopbacks made by hand", "EOPNOTSUPP, as for an unknown type";
    NETFILTER_EXTENSION = "iptables-restore",
        "matches and targets other than those of kube-proxy, flannel and the CNI plugins; IPv6 tables",
        "the error of a missing extension, with its line";
    SYSCTL = "sysctl", "parameters outside net.*, vm.*, kernel.*, fs.*", "ENOENT, as for one that the kernel lacks";
    COMMAND = "runc exec", "commands other than cat, echo, env, hostname, ip addr, ip route, sh -c, sleep, true, false",
        "exit code 127, as where the file is missing";
    ARGUMENTS = "runc start", "a container command that is no such command",
        "the image's program runs as it is, whatever the arguments";
    SIGNAL = "runc kill", "what a program does on signals other than HUP, INT, QUIT, KILL and TERM", "it goes on";
    MOUNT = "runc create", "mounts other than bind, tmpfs, proc, sysfs, devpts, mqueue, cgroup",
        "ENODEV, as for an unknown file system";
}

/// How often each was met.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters(BTreeMap<&'static str, u64>);

impl Counters {
    pub(crate) fn met(&mut self, what: Unmodelled) {
        *self.0.entry(what.what).or_default() += 1;
    }

    pub(crate) fn all(&self) -> Vec<(Unmodelled, u64)> {
        let count = |row: &Unmodelled| self.0.get(row.what).map(|count| (*row, *count));
        UNMODELLED.iter().filter_map(count).collect()
    }
}
