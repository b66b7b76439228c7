//! Commands that are part of `cmd`.

use winlab_fake_hcs::Behaviour;
use winlab_host::system::{FileKind, RegistryValue};

use super::context::Context;
use super::{done, failed};

/// A command of `cmd` itself; `None`: it is none.
pub(super) fn run(name: &str, context: &mut Context<'_, '_>) -> Option<Behaviour> {
    Some(match name {
        "echo" => echo(context),
        "echo." => done("\r\n"),
        "set" => set(context),
        "ver" => ver(context),
        "cd" | "chdir" => change_directory(context),
        "rem" => done(""),
        "exit" => exit(context),
        _ => return None,
    })
}

fn echo(context: &Context<'_, '_>) -> Behaviour {
    match context.line().as_str() {
        "" => done("ECHO is on.\r\n"),
        "on" | "off" => done(""),
        line => done(format!("{line}\r\n")),
    }
}

fn set(context: &Context<'_, '_>) -> Behaviour {
    let line = context.line();
    if let Some((name, value)) = line.split_once('=') {
        return Behaviour::SetVariable(name.to_owned(), value.to_owned());
    }
    let shown: String = context
        .launch
        .environment
        .iter()
        .filter(|(name, _)| name.to_lowercase().starts_with(&line.to_lowercase()))
        .map(|(name, value)| format!("{name}={value}\r\n"))
        .collect();
    if shown.is_empty() {
        return failed(format!("Environment variable {line} not defined\r\n"), 1);
    }
    done(shown)
}

/// The version is what the container's own registry says: that of its image.
fn ver(context: &mut Context<'_, '_>) -> Behaviour {
    let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let build = context.value(key, "CurrentBuildNumber").map(|value| value.to_string()).unwrap_or_default();
    let revision = match context.value(key, "UBR") {
        Ok(RegistryValue::Dword(revision)) => revision,
        _ => 0,
    };
    done(format!("\r\nMicrosoft Windows [Version 10.0.{build}.{revision}]\r\n"))
}

/// Without a folder it prints the current one. Another one is only looked at: a shell's folder does not change here.
fn change_directory(context: &mut Context<'_, '_>) -> Behaviour {
    let line = context.line();
    if line.is_empty() {
        return done(format!("{}\r\n", context.launch.working_directory));
    }
    let path = context.path(line.trim_start_matches("/d ").trim());
    match context.stat(&path) {
        Ok((FileKind::Directory, _)) => done(""),
        _ => failed("The system cannot find the path specified.\r\n", 1),
    }
}

fn exit(context: &Context<'_, '_>) -> Behaviour {
    let code = context.arguments().iter().find_map(|argument| argument.parse::<i32>().ok());
    Behaviour::Exit(code.map_or(context.launch.error_level, i32::cast_unsigned))
}
