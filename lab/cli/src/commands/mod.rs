//! One module per command.

mod bless;
mod completions;
mod doctor;
mod exec;
mod init;
mod limitations;
mod lint;
mod list;
#[cfg(unix)]
mod look;
mod profiles;
mod schema;
mod skew;
mod table;
mod test;
#[cfg(unix)]
mod up;

use crate::args::Command;
use crate::{Environment, Exit, Streams};

/// Does what a command asks for. `words` are the process's arguments without the program's name.
///
/// # Errors
/// What the user can put right: arguments, files. It becomes [`Exit::Usage`].
pub fn run(
    command: Command,
    words: &[String],
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    match command {
        Command::Test(args) => test::run(&args, words, environment, streams),
        Command::Bless(args) => bless::run(&args, environment, streams),
        #[cfg(unix)]
        Command::Up(args) => up::run(&args, environment, streams),
        #[cfg(unix)]
        Command::Hns(args) => look::hns(&args, environment, streams),
        #[cfg(unix)]
        Command::Hcs(args) => look::hcs(&args, environment, streams),
        #[cfg(unix)]
        Command::Flow(args) => look::flow(&args, environment, streams),
        #[cfg(unix)]
        Command::Export(args) => look::export(&args, environment, streams),
        Command::List(args) => list::run(&args, environment, streams),
        Command::Lint(args) => lint::run(&args, environment, streams),
        Command::Schema => schema::run(streams),
        Command::Init => init::run(environment, streams),
        Command::Exec(args) => exec::run(&args, environment, streams),
        Command::Doctor(args) => doctor::run(&args, environment, streams),
        Command::Profiles(args) => profiles::run(&args, streams),
        Command::Limitations => limitations::run(streams),
        Command::Skew(args) => skew::run(&args, streams),
        Command::Completions(args) => completions::run(&args, streams),
    }
}
