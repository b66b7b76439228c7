//! `hostname` and `whoami`.

use winlab_fake_hcs::Behaviour;

use super::context::Context;
use super::done;

/// The host name of the container, or the computer's.
pub(super) fn host_name(context: &Context<'_, '_>) -> String {
    context
        .container()
        .and_then(|id| context.host.containers.get(id))
        .map_or_else(|| context.host.system.config().computer_name.clone(), |record| record.host_name.clone())
}

pub(super) fn hostname(context: &Context<'_, '_>) -> Behaviour {
    done(format!("{}\r\n", host_name(context)))
}

/// Lower case, with the domain that the account belongs to.
pub(super) fn whoami(context: &Context<'_, '_>) -> Behaviour {
    let user = context.launch.user;
    let (domain, bare) = user.split_once('\\').unwrap_or(("", user));
    let domain = match bare.to_ascii_lowercase().as_str() {
        "containeruser" | "containeradministrator" => "user manager".to_owned(),
        "system" | "localsystem" | "local service" | "localservice" | "network service"
        | "networkservice" => "nt authority".to_owned(),
        _ if domain.is_empty() => host_name(context),
        _ => domain.to_owned(),
    };
    done(format!("{domain}\\{bare}\r\n").to_lowercase())
}
