//! A small part of PowerShell: what scripts in containers ask most. What is not here is not recognized, as a misspelt
//! cmdlet is.

use std::fmt::Write as _;

use winlab_clock::VirtualSpan;
use winlab_fake_hcs::{Behaviour, CommandOutput};

use super::context::Context;
use super::failed;
use super::identity::host_name;

/// What one statement does.
enum Statement {
    /// It wrote this.
    Output(String),
    /// It wrote this error; the script goes on.
    Error(String),
    /// It waits.
    Wait(VirtualSpan),
    /// The script ends with this code.
    Exit(u32),
}

pub(super) fn powershell(context: &mut Context<'_, '_>) -> Behaviour {
    let arguments = context.arguments().to_vec();
    let script = match arguments.iter().position(|a| is_option(a, "-command") || is_option(a, "-c")) {
        Some(at) => arguments[at + 1..].join(" "),
        None => arguments
            .iter()
            .skip_while(|argument| argument.starts_with('-'))
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    };
    if script.trim().is_empty() {
        return failed(
            "Cannot process the command because of a missing parameter. A command must follow -Command.\r\n",
            1,
        );
    }
    let mut output = CommandOutput::default();
    for statement in statements(&script) {
        if let Some(body) = endless_loop(&statement) {
            return repeat(context, &body, output);
        }
        match run(context, &statement) {
            Statement::Output(text) => output.stdout.extend(text.into_bytes()),
            Statement::Wait(span) => output.took = output.took + span,
            Statement::Exit(code) => {
                output.exit_code = code;
                return Behaviour::Finished(output);
            }
            Statement::Error(text) => {
                output.stderr.extend(text.into_bytes());
                output.exit_code = 1;
                continue;
            }
        }
        output.exit_code = 0;
    }
    Behaviour::Finished(output)
}

fn is_option(argument: &str, name: &str) -> bool {
    argument.eq_ignore_ascii_case(name)
}

/// Parts a script at semicolons outside quotes and braces.
fn statements(script: &str) -> Vec<String> {
    let (mut all, mut current, mut quote, mut depth) = (Vec::new(), String::new(), None, 0_i32);
    for c in script.chars() {
        if quote.is_none() {
            depth += i32::from(c == '{') - i32::from(c == '}');
        }
        match (c, quote) {
            (';', None) if depth == 0 => all.push(std::mem::take(&mut current)),
            ('\'' | '"', None) => {
                quote = Some(c);
                current.push(c);
            }
            (c, Some(q)) if c == q => {
                quote = None;
                current.push(c);
            }
            (c, _) => current.push(c),
        }
    }
    all.push(current);
    all.into_iter().map(|statement| statement.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// The body of `while ($true) { … }`: what keeps many a test pod alive.
fn endless_loop(statement: &str) -> Option<String> {
    let rest = statement.strip_prefix("while").or_else(|| statement.strip_prefix("While"))?.trim_start();
    let (condition, body) = rest.strip_prefix('(')?.split_once(')')?;
    let always = matches!(condition.trim().to_ascii_lowercase().as_str(), "$true" | "1");
    let body = body.trim().strip_prefix('{')?.strip_suffix('}')?;
    always.then(|| body.to_owned())
}

/// Runs a loop's body again and again; it writes the same each time, and waits as long as its sleeps take together.
fn repeat(context: &mut Context<'_, '_>, body: &str, before: CommandOutput) -> Behaviour {
    let (mut line, mut every) = (Vec::new(), VirtualSpan::ZERO);
    for statement in statements(body) {
        match run(context, &statement) {
            Statement::Output(text) => line.extend(text.into_bytes()),
            Statement::Error(text) => return failed(text, 1),
            Statement::Wait(span) => every = every + span,
            Statement::Exit(code) => return Behaviour::Finished(CommandOutput { exit_code: code, ..before }),
        }
    }
    if every == VirtualSpan::ZERO {
        // A loop that never waits would never let anything else run.
        every = VirtualSpan::from_millis(100);
    }
    Behaviour::Repeating { head: before.stdout, line, every, times: None, tail: Vec::new() }
}

/// Words outside quotes, with variables put in where quotes allow it.
fn words(context: &Context<'_, '_>, statement: &str) -> Vec<String> {
    let (mut words, mut current, mut quote, mut started) = (Vec::new(), String::new(), None, false);
    let mut chars = statement.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                started = true;
            }
            (c, Some(q)) if c == q => quote = None,
            ('$', None | Some('"')) => {
                let mut name = String::new();
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == ':' || *c == '_') {
                    name.push(c);
                }
                current.push_str(&variable(context, &name));
                started = true;
            }
            (c, None) if c.is_whitespace() => {
                if started {
                    words.push(std::mem::take(&mut current));
                }
                started = false;
            }
            (c, _) => {
                current.push(c);
                started = true;
            }
        }
    }
    if started {
        words.push(current);
    }
    words
}

/// `$env:NAME`; any other variable has never been set.
fn variable(context: &Context<'_, '_>, name: &str) -> String {
    let is_environment = name.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("env:"));
    if is_environment { context.variable(&name[4..]).unwrap_or_default().to_owned() } else { String::new() }
}

fn run(context: &mut Context<'_, '_>, statement: &str) -> Statement {
    let words = words(context, statement);
    let Some((name, rest)) = words.split_first() else { return Statement::Output(String::new()) };
    let parameter = |option: &str| {
        let at = rest.iter().position(|word| word.eq_ignore_ascii_case(option));
        at.and_then(|at| rest.get(at + 1))
            .or_else(|| rest.iter().find(|word| !word.starts_with('-')))
            .cloned()
    };
    match name.to_ascii_lowercase().as_str() {
        "write-output" | "write-host" | "echo" | "write" => {
            Statement::Output(rest.iter().map(|word| format!("{word}\r\n")).collect())
        }
        "hostname" => Statement::Output(format!("{}\r\n", host_name(context))),
        "exit" => Statement::Exit(
            rest.first().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0).cast_unsigned(),
        ),
        "start-sleep" | "sleep" => sleep(rest),
        "get-content" | "gc" | "cat" | "type" => {
            let path = context.path(&parameter("-Path").unwrap_or_default());
            match context.read(&path) {
                Ok(bytes) => Statement::Output(String::from_utf8_lossy(&bytes).into_owned()),
                Err(_) => cannot_find("Get-Content", &path),
            }
        }
        "test-path" => {
            let path = context.path(&parameter("-Path").unwrap_or_default());
            let there = context.stat(&path).is_ok();
            Statement::Output(format!("{}\r\n", if there { "True" } else { "False" }))
        }
        "get-childitem" | "ls" | "dir" | "gci" => {
            let path = parameter("-Path").unwrap_or_else(|| context.launch.working_directory.to_owned());
            let path = context.path(&path);
            match context.list(&path) {
                Ok(names) => Statement::Output(names.iter().map(|name| format!("{name}\r\n")).collect()),
                Err(_) => cannot_find("Get-ChildItem", &path),
            }
        }
        "get-itemproperty" | "get-itempropertyvalue" => item_property(context, rest),
        _ if statement.starts_with(['$', '\'', '"']) => Statement::Output(format!("{}\r\n", words.join(" "))),
        _ => not_recognized(name),
    }
}

fn sleep(rest: &[String]) -> Statement {
    let value = |word: &String| word.parse::<u64>().ok();
    let number = rest.iter().find_map(value);
    let millis = rest.iter().any(|word| word.to_ascii_lowercase().starts_with("-m"));
    match number {
        Some(number) if millis => Statement::Wait(VirtualSpan::from_millis(number)),
        Some(number) => Statement::Wait(VirtualSpan::from_secs(number)),
        None => Statement::Error("Start-Sleep : Cannot bind parameter 'Seconds'.\r\n".into()),
    }
}

/// `Get-ItemPropertyValue -Path HKLM:\… -Name X`: registry values of the container.
fn item_property(context: &mut Context<'_, '_>, rest: &[String]) -> Statement {
    let mut plain = Vec::new();
    let (mut path, mut name) = (None, None);
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "-path" => path = words.next().cloned(),
            "-name" => name = words.next().cloned(),
            _ => plain.push(word.clone()),
        }
    }
    let mut plain = plain.into_iter();
    let path = path.or_else(|| plain.next()).unwrap_or_default();
    let key = path.strip_prefix("Registry::").unwrap_or(&path).to_owned();
    if let Some(name) = name.or_else(|| plain.next()) {
        return match context.value(&key, &name) {
            Ok(value) => Statement::Output(format!("{}\r\n", value.to_string().replace("\\0", "\r\n"))),
            Err(_) => Statement::Error(format!("Property {name} does not exist at path {path}.\r\n")),
        };
    }
    match context.values(&key) {
        Ok(values) => {
            let mut text = String::new();
            for (name, value) in values {
                let _ = write!(text, "{name} : {value}\r\n");
            }
            Statement::Output(text)
        }
        Err(_) => cannot_find("Get-ItemProperty", &path),
    }
}

fn cannot_find(cmdlet: &str, path: &str) -> Statement {
    Statement::Error(format!("{cmdlet} : Cannot find path '{path}' because it does not exist.\r\n"))
}

fn not_recognized(name: &str) -> Statement {
    Statement::Error(format!(
        "{name} : The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable \
         program. Check the spelling of the name, or if a path was included, verify that the path is correct and try \
         again.\r\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn semicolons_part_statements_outside_quotes() {
        assert_eq!(statements("echo 'a;b'; exit 3;"), ["echo 'a;b'", "exit 3"]);
        assert_eq!(statements("while($true) { a; b }; c"), ["while($true) { a; b }", "c"]);
        assert_eq!(super::endless_loop("while ($TRUE) {Start-Sleep 5}").as_deref(), Some("Start-Sleep 5"));
        assert_eq!(super::endless_loop("while ($x) {Start-Sleep 5}"), None);
    }
}
