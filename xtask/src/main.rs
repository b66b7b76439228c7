//! `cargo xtask <recipe>`: what CI runs is what a developer runs.
//!
//! [`recipes`] is the table of them; [`runner`] carries one out and prints what it runs; [`tools`] are the programs
//! that rustup does not bring; [`peers`] are the programs of others that labs run; [`tidy`], [`schema`] and [`shims`] are
//! code of ours as well.
#![expect(clippy::print_stderr, reason = "headings of the recipes are this program's output")]

mod peers;
mod recipes;
mod runner;
mod schema;
mod shims;
mod tidy;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::recipes::{RECIPES, Work};
use crate::runner::Runner;

fn main() -> ExitCode {
    match run(&command_line().get_matches()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(matches: &ArgMatches) -> Result<()> {
    let Some((name, options)) = matches.subcommand() else { unreachable!("clap asks for a recipe") };
    if name == "tools" {
        let wanted: Vec<_> = options.get_many::<String>("tool").into_iter().flatten().cloned().collect();
        return tools::install(&wanted);
    }
    if name == "peers" {
        return peers::run(options);
    }
    let names = |id: &str| -> Vec<String> {
        options.try_get_many::<String>(id).ok().flatten().into_iter().flatten().cloned().collect()
    };
    let fix = options.try_get_one::<bool>("fix").ok().flatten().copied().unwrap_or(false);
    Runner::new(fix, names("except"))?.run(name)
}

fn command_line() -> Command {
    let recipes = RECIPES.iter().map(|recipe| {
        let command = Command::new(recipe.name).about(recipe.about);
        let fix = Arg::new("fix").long("fix").action(ArgAction::SetTrue).help("Mend instead of complaining");
        match recipe.work {
            Work::Each(_) => command.arg(
                Arg::new("except")
                    .long("except")
                    .value_name("RECIPES")
                    .value_delimiter(',')
                    .value_parser(RECIPES.iter().map(|recipe| recipe.name).collect::<Vec<_>>())
                    .help("Leave these out"),
            ),
            Work::Cargo { fix: None, .. } | Work::Makes(_) => command,
            Work::Cargo { .. } | Work::Ours(_) => command.arg(fix),
        }
    });
    let names = tools::TOOLS.iter().map(|tool| tool.name).collect::<Vec<_>>();
    let tools = Command::new("tools")
        .about("Install the tools that the recipes need and that are not there yet")
        .arg(Arg::new("tool").action(ArgAction::Append).value_parser(names).help("Only these"));
    Command::new("cargo xtask")
        .about("The recipes of this repository")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(recipes)
        .subcommand(tools)
        .subcommand(peers::command())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command_line().debug_assert();
    }
}
