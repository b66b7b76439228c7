//! A Windows program that calls the shims as their clients do and prints what came back, a line for each thing.
//!
//! `probe <what> [arguments]`, where the what is a module here. The tests of the shims run it under Wine.
#![deny(unsafe_op_in_unsafe_fn)]

mod counters;
mod hcn;
mod hcs;
mod layers;
mod library;
mod patches;
mod process;
mod speed;
mod stress;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
    match arguments.first().map(String::as_str) {
        Some("hcn") => hcn::run(),
        Some("hcs") => hcs::run(arguments.get(1).map_or("", String::as_str)),
        Some("gone") => hcs::gone(arguments.get(1).map_or("", String::as_str)),
        Some("large") => hcn::large(number(1)),
        Some("counters") => counters::run(),
        Some("patches") => patches::run(),
        Some("arguments") => process::arguments(&arguments[1..]),
        Some("surroundings") => process::surroundings(&arguments[1..]),
        Some("wait") => process::wait(true),
        Some("stay") => process::wait(false),
        Some("sleep") => process::sleep(number(1) as u64),
        Some("connect") => process::connect(arguments.get(1).map_or("", String::as_str)),
        Some("exit") => return ExitCode::from(number(1) as u8),
        Some("speed") => speed::run(number(1)),
        Some("stress") => stress::run(number(1), number(2)),
        _ => {
            eprintln!(
                "probe hcn | large BYTES | hcs BASE | gone BASE | counters | patches | speed CALLS | stress THREADS CALLS\n      \
                 arguments WORDS | surroundings NAMES | wait | stay | sleep SECONDS | connect ADDRESS | exit CODE"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
