//! What one boundary call costs a program under Wine, beside a bare exchange of the same size over TCP.

use winlab_cli::{Environment, Exit, Streams};

use crate::figure::Figure;

/// Its name on the command line.
pub(crate) const NAME: &str = "wine-call";
/// How many of each.
const CALLS: &str = "2000";

/// The tests' own program under Wine measures, and prints.
pub(crate) fn measure() -> Vec<Figure> {
    let environment = Environment::read();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let shims = root.expect("the crate is two folders deep").join("fakes/shims/target/shims");
    let probe = environment.shims.clone().unwrap_or(shims).join("probe.exe");
    if !probe.exists() {
        eprintln!("not measured: {} is not built, `cargo xtask shims` does it", probe.display());
        return Vec::new();
    }
    let words = ["winlab".into(), "exec".into(), "--".into(), probe.into(), "speed".into(), CALLS.into()];
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let exit = winlab_cli::run(words, &environment, &mut Streams { out: &mut out, talk: &mut talk });
    let talk = String::from_utf8_lossy(&talk);
    match exit {
        Exit::NeedAbsent => eprintln!("not measured: {talk}"),
        exit => assert_eq!(exit, Exit::Program(0), "{talk}"),
    }
    Vec::new()
}
