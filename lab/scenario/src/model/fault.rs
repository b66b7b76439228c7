//! Faults.

use winlab_clock::VirtualSpan;

use crate::model::NodeOs;
use crate::span::Spanned;

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Where.
    pub at: FaultPlace,
    /// What.
    pub effect: Effect,
    /// Lifted by itself after this time.
    pub lasts: Option<VirtualSpan>,
}

/// Where a fault is put: `hns/win1`, `hns/*`, `api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlace {
    /// `hns`, `hcs`, `system`, `linux`, `containerd`, `kubelet`, `kube-proxy`, `flanneld`, `scm`, `node`, `underlay`,
    /// `api`.
    pub part: String,
    /// The node, `*` for every node that has the part, empty for `api`.
    pub node: String,
}

impl FaultPlace {
    /// Whether a node of that system has the part; `api` is no node's.
    #[must_use]
    pub fn is_on(&self, os: NodeOs) -> bool {
        match self.part.as_str() {
            "api" => false,
            "hns" | "hcs" | "system" | "scm" => os != NodeOs::Linux,
            "linux" => os == NodeOs::Linux,
            _ => true,
        }
    }
}

impl std::fmt::Display for FaultPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.node.is_empty() { f.write_str(&self.part) } else { write!(f, "{}/{}", self.part, self.node) }
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Calls of a boundary service.
    Calls {
        /// Which: a function's name with at most one `*`.
        function: Spanned<String>,
        /// How.
        effect: CallEffect,
        /// Only the n-th.
        nth: Option<u64>,
        /// At most so many.
        times: Option<u64>,
        /// Share of the calls, 0 to 1.
        rate: f64,
    },
    /// A service or component stops; for a time, or until healed.
    Stop {
        /// How long.
        lasts: Option<VirtualSpan>,
        /// HNS: what it remembers afterwards; none: what its build does.
        then: Option<Memory>,
    },
    /// Its process dies.
    Crash {
        /// HNS: what it remembers afterwards; none: what its build does.
        then: Option<Memory>,
    },
    /// It is stopped and started.
    Restart {
        /// HNS: what it remembers afterwards; none: what its build does.
        then: Option<Memory>,
    },
    /// The node reboots.
    Reboot,
    /// The node loses power and comes back.
    PowerLoss,
    /// The node is replaced by a new machine.
    Replace,
    /// The node's clock jumps.
    ClockJump(VirtualSpan),
    /// Nodes cannot reach each other.
    Partition {
        /// The others.
        from: Vec<String>,
        /// Only towards them.
        one_way: bool,
    },
    /// Packets are lost: share from 0 to 1.
    Loss(f64),
    /// Packets are late.
    UnderlayDelay(VirtualSpan),
    /// The underlay's MTU.
    Mtu(u32),
    /// Another machine answers for an address.
    DuplicateIp(String),
    /// The disk is full.
    DiskFull,
    /// Writes are slow.
    SlowDisk(VirtualSpan),
    /// An HNS object leaves the switch but stays stored: kind and name or id, `*` for all.
    Unplumb(String, String),
    /// A host object vanishes: kind and name or id.
    Delete(String, String),
    /// API: every watch is closed.
    WatchDrop,
    /// API: old resource versions are gone.
    Gone,
    /// API: reads lag.
    Stale,
    /// API: requests take this long.
    Slow(VirtualSpan),
    /// API: requests are refused.
    Refuse,
}

impl Effect {
    /// Whether it can be there all the time, before any node has joined as well. A service that stands still is not
    /// such: it is there only once it is installed.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Calls { .. }
            | Self::Partition { .. }
            | Self::Loss(_)
            | Self::UnderlayDelay(_)
            | Self::Mtu(_)
            | Self::DuplicateIp(_)
            | Self::DiskFull
            | Self::SlowDisk(_)
            | Self::Stale
            | Self::Slow(_)
            | Self::Refuse => true,
            Self::Stop { .. }
            | Self::Crash { .. }
            | Self::Restart { .. }
            | Self::Reboot
            | Self::PowerLoss
            | Self::Replace
            | Self::ClockJump(_)
            | Self::Unplumb(..)
            | Self::Delete(..)
            | Self::WatchDrop
            | Self::Gone => false,
        }
    }

    /// The key it stands under.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Calls { effect: CallEffect::Fail(_), .. } => "fail",
            Self::Calls { effect: CallEffect::Delay(_), .. } | Self::UnderlayDelay(_) => "delay",
            Self::Calls { effect: CallEffect::Hang, .. } => "hang",
            Self::Calls { effect: CallEffect::LoseReply(_), .. } => "lose-reply",
            Self::Stop { .. } => "stop",
            Self::Crash { .. } => "crash",
            Self::Restart { .. } => "restart",
            Self::Reboot => "reboot",
            Self::PowerLoss => "power-loss",
            Self::Replace => "replace",
            Self::ClockJump(_) => "clock-jump",
            Self::Partition { .. } => "partition",
            Self::Loss(_) => "loss",
            Self::Mtu(_) => "mtu",
            Self::DuplicateIp(_) => "duplicate-ip",
            Self::DiskFull => "disk-full",
            Self::SlowDisk(_) => "slow-disk",
            Self::Unplumb(..) => "unplumb",
            Self::Delete(..) => "delete",
            Self::WatchDrop => "watch-drop",
            Self::Gone => "gone",
            Self::Stale => "stale",
            Self::Slow(_) => "slow",
            Self::Refuse => "refuse",
        }
    }
}

/// What HNS remembers once it runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Everything.
    Rehydrate,
    /// Networks and namespaces only.
    Forget,
}

impl Memory {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rehydrate => "rehydrate",
            Self::Forget => "forget",
        }
    }
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEffect {
    /// It fails, with this code or the service's default.
    Fail(Option<u32>),
    /// It is late.
    Delay(VirtualSpan),
    /// It is never answered.
    Hang,
    /// It is carried out and its answer lost.
    LoseReply(Option<u32>),
}
