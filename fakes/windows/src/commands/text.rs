//! Commands on text and time.

use winlab_clock::VirtualSpan;
use winlab_fake_hcs::{Behaviour, CommandOutput};

use super::context::Context;
use super::{done, failed};

/// `findstr` and `find`: lines that have the text, of the input or of files. Exit code 1 where there is none.
pub(super) fn find(context: &Context<'_, '_>) -> Behaviour {
    let (mut ignore_case, mut invert, mut wanted) = (false, false, Vec::new());
    for argument in context.arguments() {
        match argument.to_ascii_lowercase().as_str() {
            "/i" => ignore_case = true,
            "/v" => invert = true,
            option if option.starts_with("/c:") => wanted.push(argument[3..].trim_matches('"').to_owned()),
            _ => wanted.push(argument.clone()),
        }
    }
    if wanted.is_empty() {
        return failed("FINDSTR: Bad command line\r\n", 2);
    }
    let fold = |text: &str| if ignore_case { text.to_lowercase() } else { text.to_owned() };
    let wanted: Vec<String> = wanted.iter().map(|text| fold(text)).collect();
    let input = String::from_utf8_lossy(context.launch.input).into_owned();
    let found: String = input
        .lines()
        .filter(|line| wanted.iter().any(|text| fold(line).contains(text.as_str())) != invert)
        .map(|line| format!("{line}\r\n"))
        .collect();
    if found.is_empty() { failed("", 1) } else { done(found) }
}

/// `more` and `sort` of what is piped in.
pub(super) fn pass(name: &str, context: &Context<'_, '_>) -> Behaviour {
    let input = String::from_utf8_lossy(context.launch.input).into_owned();
    let mut lines: Vec<&str> = input.lines().collect();
    if name == "sort" {
        lines.sort_by_key(|line| line.to_lowercase());
    }
    done(lines.iter().map(|line| format!("{line}\r\n")).collect::<String>())
}

/// `timeout /t N`: waits.
pub(super) fn timeout(context: &Context<'_, '_>) -> Option<Behaviour> {
    let seconds = context.arguments().iter().find_map(|argument| argument.parse::<u32>().ok());
    let Some(seconds) = seconds else {
        return Some(failed(
            "ERROR: Invalid syntax. Default option is not allowed more than '1' time(s).\r\n",
            1,
        ));
    };
    let took = VirtualSpan::from_secs(u64::from(seconds));
    Some(Behaviour::Finished(CommandOutput { took, ..CommandOutput::default() }))
}
