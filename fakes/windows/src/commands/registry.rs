//! `reg query`, over the container's own registry.

use std::fmt::Write as _;

use winlab_fake_hcs::Behaviour;
use winlab_host::system::RegistryValue;

use super::context::Context;
use super::{done, failed};

const NOT_FOUND: &str = "ERROR: The system was unable to find the specified registry key or value.\r\n";

pub(super) fn reg(context: &mut Context<'_, '_>) -> Behaviour {
    let arguments = context.arguments().to_vec();
    match arguments.split_first() {
        Some((verb, rest)) if verb.eq_ignore_ascii_case("query") => query(context, rest),
        _ => failed("ERROR: Invalid syntax.\r\nType \"REG /?\" for usage.\r\n", 1),
    }
}

fn query(context: &mut Context<'_, '_>, arguments: &[String]) -> Behaviour {
    let Some((key, options)) = arguments.split_first() else {
        return failed("ERROR: Invalid syntax.\r\nType \"REG QUERY /?\" for usage.\r\n", 1);
    };
    let option = |name: &str| options.iter().position(|option| option.eq_ignore_ascii_case(name));
    let name = option("/v").and_then(|at| options.get(at + 1)).cloned();
    let mut text = String::new();
    if let Some(name) = name {
        let Ok(value) = context.value(key, &name) else { return failed(NOT_FOUND, 1) };
        let _ = write!(text, "\r\n{}\r\n", long_root(key));
        print(&mut text, &name, &value);
        text.push_str("\r\n");
        return done(text);
    }
    if walk(context, key, option("/s").is_some(), &mut text).is_none() {
        return failed(NOT_FOUND, 1);
    }
    done(text)
}

fn walk(context: &mut Context<'_, '_>, key: &str, deep: bool, text: &mut String) -> Option<()> {
    let (values, subkeys) = (context.values(key).ok()?, context.subkeys(key).ok()?);
    if !values.is_empty() {
        let _ = write!(text, "\r\n{}\r\n", long_root(key));
        for (name, value) in &values {
            print(text, name, value);
        }
    }
    text.push_str("\r\n");
    for subkey in subkeys {
        let below = format!(r"{}\{subkey}", key.trim_end_matches('\\'));
        if deep {
            walk(context, &below, true, text)?;
        } else {
            let _ = write!(text, "{}\r\n", long_root(&below));
        }
    }
    Some(())
}

fn print(text: &mut String, name: &str, value: &RegistryValue) {
    let name = if name.is_empty() { "(Default)" } else { name };
    let _ = write!(text, "    {name}    {}    {value}\r\n", value.type_name());
}

/// `reg` prints roots in full.
fn long_root(key: &str) -> String {
    let (root, rest) = key.split_once('\\').unwrap_or((key, ""));
    let root = match root.to_ascii_uppercase().as_str() {
        "HKLM" => "HKEY_LOCAL_MACHINE",
        "HKCU" => "HKEY_CURRENT_USER",
        "HKCR" => "HKEY_CLASSES_ROOT",
        "HKU" => "HKEY_USERS",
        _ => root,
    };
    if rest.is_empty() { root.to_owned() } else { format!(r"{root}\{rest}") }
}
