//! kubelet.exe in a lab: shipped scenarios about it, and kubectl at the containers behind it. What the machine lacks is said,
//! and is a failure only where `WINLAB_REQUIRE` names it, as CI does.

mod kubectl;
mod scenarios;
mod streams;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    // One after the other: each has Windows programs and takes what processors there are.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let is_full = is_required("peers-all");
    if !is_full {
        say("ignored: other versions than CI's; WINLAB_REQUIRE=peers-all or --include-ignored runs them");
    }
    let trial = |case: scenarios::Case, need: &'static str| {
        Trial::test(case.name.clone(), move || scenarios::run(&case, need))
    };
    let of_ci = scenarios::in_ci().into_iter().map(|case| trial(case, "wine"));
    let of_full = scenarios::in_full().into_iter();
    let of_full = of_full.map(|case| trial(case, "peers-all").with_ignored_flag(!is_full));
    let streams = streams::PLACEMENTS.iter().map(|placement| {
        Trial::test(format!("kubectl_has_the_streams_of_{}", placement.name), || streams::run(placement))
    });
    libtest_mimic::run(&arguments, of_ci.chain(of_full).chain(streams).collect()).exit()
}

/// What a trial comes to on a machine that lacks something: `need` is the word of `WINLAB_REQUIRE` for it.
fn lacking(need: &str, why: &str) -> Result<(), Failed> {
    if is_required(need) {
        return Err(why.into());
    }
    say(&format!("ignored: {why}"));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "CI says what must not be skipped")]
fn is_required(need: &str) -> bool {
    std::env::var("WINLAB_REQUIRE").unwrap_or_default().split(',').any(|word| word == need)
}

#[expect(clippy::print_stderr, reason = "a test that does not run says why")]
fn say(line: &str) {
    eprintln!("{line}");
}
