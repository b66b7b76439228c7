//! Runs unmodified Windows programs under Wine.
//!
//! What a program sees is one Windows host: a registry and a drive `C:` of its own, the shims in the system folder, the
//! node's address on an interface of its own, and the lab's time. What it asks of HNS and HCS goes to the lab's server.
//!
//! ```text
//! Probe ── runner() ──▶ Wine ── node() ──▶ Node ── start() ──▶ (Program, Lines)
//!                        │                  ├ a prefix: links to the template, hives of the node's build
//!                        │ template         ├ its wineserver, which ends with this thread
//!                        ▼                  └ its network namespace, made by World::node()
//!                     cache folder
//! ```
//!
//! Nothing outlives the process that started it: see [`Node`]. Wine and namespaces are Linux's; on other systems
//! [`Probe::look`] says so and everything else is refused.
//!
//! Reading order: [`Probe`], [`Wine`], [`World`], [`Node`], [`Run`], [`Program`].
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "prefixes are files, Wine is a process, and both belong to whichever process made them"
)]

mod drive;
mod environment;
mod faketime;
mod hive;
mod identity;
mod leftovers;
mod line;
mod lock;
mod machine;
mod node;
mod owner;
mod prefix;
mod probe;
mod process;
mod program;
mod run;
mod server;
mod shims;
mod template;
mod wine;
mod world;

pub use line::{Line, Lines, Stream};
pub use node::{Node, NodeConfig, StartNodeError};
pub use prefix::PrefixError;
pub use probe::{Lacking, Part, Places, Probe, WineProgram};
pub use program::{Program, Stopped};
pub use run::{Run, StartError, Stdio};
pub use template::TemplateError;
pub use wine::Wine;
pub use world::{NetworkError, Nic, NodeNetwork, Segment, World};
