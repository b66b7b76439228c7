//! Commands that only the network can answer.

use futures::future::BoxFuture;
use winlab_fake_hcs::{Behaviour, CommandOutput, Invocation};

use super::context::Context;
use super::ping;

/// Who walks packets for commands: `nslookup`, `curl`, `ping` of others. Without one there are no such commands.
pub trait NetworkCommands: Send + Sync {
    /// Whether it answers an executable, by its bare lower-case name. Called while the host is busy: it must not look
    /// at the host.
    fn answers(&self, executable: &str) -> bool;

    /// What a command writes and how it ends. `host` is the name of the host it runs on.
    fn run(&self, host: &str, invocation: Invocation) -> BoxFuture<'static, CommandOutput>;
}

/// Gives a command to the network; `None` where nobody answers it, or where the machine itself can.
pub(super) fn ask(name: &str, context: &Context<'_, '_>) -> Option<Behaviour> {
    context.host.network_commands.filter(|commands| commands.answers(name))?;
    if name == "ping" && ping::ping(context).is_some() {
        return None;
    }
    Some(Behaviour::External(Invocation {
        container: context.container().unwrap_or_default().to_owned(),
        arguments: context.launch.arguments.to_vec(),
        environment: context.launch.environment.clone(),
    }))
}
