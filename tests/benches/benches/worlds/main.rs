//! Whole worlds against their targets: `cargo bench -p winlab-benches [-- WORLD…]` prints a table.
//!
//! Each world runs in a process of its own, so that its peak memory is its own. A missed target is printed and fails
//! nothing: it depends on the machine; nor does a world that needs Wine where there is none. A world
//! that does not come true (a pod that does not run, a scenario that is red) ends the bench with a panic, since its
//! figure would mean nothing.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench measures wall time and memory of its processes, and prints them"
)]

mod corpus;
mod figure;
mod full_stack;
mod hollow;
mod kube_proxy_exe;
mod small_lab;
mod wine_call;
mod wine_node;
mod workload;

use std::process::{Command, ExitCode};

use figure::Figure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A world: its name on the command line, and what measures it.
struct World {
    name: &'static str,
    measure: fn() -> Vec<Figure>,
}

const WORLDS: [World; 7] = [
    World { name: "small-lab", measure: small_lab::measure },
    World { name: "corpus", measure: corpus::measure },
    World { name: "full-stack", measure: full_stack::measure },
    World { name: "hollow", measure: hollow::measure },
    World { name: wine_call::NAME, measure: wine_call::measure },
    World { name: wine_node::NAME, measure: wine_node::measure },
    World { name: "kube-proxy-exe", measure: kube_proxy_exe::measure },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo says so itself when it runs benches; without it this is `cargo test --all-targets`.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| !argument.starts_with("--")).collect();
    let is_known = |name: &str| name == wine_call::PROBE || WORLDS.iter().any(|world| world.name == name);
    let unknown = names.iter().find(|name| !is_known(name));
    if let Some(unknown) = unknown {
        let known: Vec<&str> = WORLDS.iter().map(|world| world.name).collect();
        eprintln!("error: there is no world `{unknown}`\n  hint: {}", known.join(", "));
        return ExitCode::FAILURE;
    }
    match names[..] {
        [wine_call::PROBE] => {
            wine_call::probe();
            ExitCode::SUCCESS
        }
        [name] => {
            for world in WORLDS.iter().filter(|world| world.name == name) {
                (world.measure)().iter().for_each(|figure| println!("{figure}"));
            }
            ExitCode::SUCCESS
        }
        _ => each_in_a_process(&names),
    }
}

/// Runs the worlds one after the other, all of them when none is named; the rest go on when one fails.
fn each_in_a_process(names: &[&str]) -> ExitCode {
    let program = std::env::current_exe().expect("a running program has a path");
    let chosen = WORLDS.iter().filter(|world| names.is_empty() || names.contains(&world.name));
    let mut answer = ExitCode::SUCCESS;
    println!("{}", figure::HEADER);
    for world in chosen {
        let status = Command::new(&program).args(["--bench", world.name]).status();
        if !status.is_ok_and(|status| status.success()) {
            eprintln!("error: the world `{}` did not come true", world.name);
            answer = ExitCode::FAILURE;
        }
    }
    answer
}
