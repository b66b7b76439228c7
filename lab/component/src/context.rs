//! What a running component is given.

use winlab_clock::{Clock, Seed};
use winlab_kube_client::Client;

use crate::endpoints::LocalEndpoints;
use crate::log::Log;
use crate::machine::Machine;
use crate::program::CommandLine;
use crate::stop::Stop;

/// Everything a component may use.
#[derive(Clone)]
pub struct Context {
    /// The node's name.
    pub node: String,
    /// The node's operating system.
    pub machine: Machine,
    /// Kubernetes, under the component's own identity.
    pub client: Client,
    /// The lab's clock.
    pub clock: Clock,
    /// The component's own seed; a restart draws from another child.
    pub seed: Seed,
    /// Its log.
    pub log: Log,
    /// The node's pipes and sockets.
    pub endpoints: LocalEndpoints,
    /// Its command line: flags and the environment the service was given.
    pub command: CommandLine,
    /// Asked when the service manager wants it to end.
    pub stop: Stop,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("node", &self.node).field("log", &self.log).finish_non_exhaustive()
    }
}
