//! `type` and `dir`, and the parts of `cmd` that change files.

use winlab_fake_hcs::Behaviour;
use winlab_host::system::{Call, CreateDirectory, DeleteFile, FileKind};

use super::context::Context;
use super::{done, failed};

/// A command of `cmd` on files; `None`: it is none.
pub(super) fn run(name: &str, context: &mut Context<'_, '_>) -> Option<Behaviour> {
    Some(match name {
        "type" => print(context),
        "dir" => list(context),
        "mkdir" | "md" => make(context),
        "del" | "erase" => delete(context),
        _ => return None,
    })
}

fn print(context: &mut Context<'_, '_>) -> Behaviour {
    let path = context.path(&context.line());
    match context.read(&path) {
        Ok(bytes) => done(&*bytes),
        Err(fault) => failed(format!("{}\r\n", fault.message), 1),
    }
}

fn list(context: &mut Context<'_, '_>) -> Behaviour {
    let arguments = context.arguments().to_vec();
    let bare = arguments.iter().any(|argument| argument.eq_ignore_ascii_case("/b"));
    let path = arguments.iter().find(|argument| !argument.starts_with('/'));
    let path = path.map_or_else(|| context.launch.working_directory.to_owned(), |path| context.path(path));
    let names = match context.stat(&path) {
        Ok((FileKind::Directory, _)) => context.list(&path).unwrap_or_default(),
        Ok((FileKind::File, _)) => vec![path.rsplit('\\').next().unwrap_or_default().to_owned()],
        Err(_) => return failed("File Not Found\r\n", 1),
    };
    if bare {
        return done(names.iter().map(|name| format!("{name}\r\n")).collect::<String>());
    }
    let (mut shown, mut files, mut folders, mut bytes) =
        (format!("\r\n Directory of {path}\r\n\r\n"), 0, 0, 0);
    for name in names {
        let below = format!(r"{}\{name}", path.trim_end_matches('\\'));
        match context.stat(&below) {
            Ok((FileKind::Directory, _)) => {
                folders += 1;
                shown += &format!("    <DIR>          {name}\r\n");
            }
            Ok((FileKind::File, size)) => {
                files += 1;
                bytes += size;
                shown += &format!("{size:>18} {name}\r\n");
            }
            Err(_) => {}
        }
    }
    shown += &format!("{files:>16} File(s) {bytes:>14} bytes\r\n{folders:>16} Dir(s)\r\n");
    done(shown)
}

fn make(context: &mut Context<'_, '_>) -> Behaviour {
    let path = context.path(&context.line());
    if context.stat(&path).is_ok() {
        return failed(format!("A subdirectory or file {} already exists.\r\n", context.line()), 1);
    }
    let (scope, path) = context.host.locate(context.launch.scope, &path);
    let made =
        context.host.system.handle(Call::CreateDirectory(CreateDirectory { scope, path }), context.host.ids);
    made.map_or_else(|fault| failed(format!("{}\r\n", fault.message), 1), |_| done(""))
}

/// A file that is not there is said so, and is no failure.
fn delete(context: &mut Context<'_, '_>) -> Behaviour {
    let names: Vec<String> = context.arguments().iter().filter(|a| !a.starts_with('/')).cloned().collect();
    let path = context.path(&names.join(" "));
    let (scope, located) = context.host.locate(context.launch.scope, &path);
    let call = Call::DeleteFile(DeleteFile { scope, path: located });
    match context.host.system.handle(call, context.host.ids) {
        Ok(_) => done(""),
        Err(_) => done(format!("Could Not Find {path}\r\n")),
    }
}
