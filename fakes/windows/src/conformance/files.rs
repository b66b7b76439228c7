//! Files, below a folder of their own.

use winlab_host::system::{
    CreateDirectory, DeleteFile, FileKind, FileStatus, ListDirectory, MoveFile, ReadFile, RemoveDirectory,
    Scope, StatFile, System, WriteFile,
};
use winlab_host::{Ask as _, Boundary, HResult};

use super::{Failure, refused, same};

type Host<'a> = &'a dyn Boundary<System>;

const FOLDER: &str = r"C:\winlab-conformance";

fn at(name: &str) -> String {
    format!(r"{FOLDER}\{name}")
}

fn write(name: &str) -> WriteFile {
    WriteFile { scope: Scope::Host, path: at(name), bytes: b"text"[..].into() }
}

fn read(path: String) -> ReadFile {
    ReadFile { scope: Scope::Host, path }
}

pub(super) async fn life(host: Host<'_>) -> Result<(), Failure> {
    let scope = Scope::Host;
    host.ask(CreateDirectory { scope: scope.clone(), path: at("A") }).await?;
    host.ask(write(r"A\File.txt")).await?;
    refused("a file without its folder", host.ask(write(r"nope\x")).await, HResult::ERROR_PATH_NOT_FOUND)?;
    same("names in any case", &*host.ask(read(at(r"a\FILE.TXT"))).await?, b"text")?;
    let names = host.ask(ListDirectory { scope: scope.clone(), path: at("a") }).await?;
    same("names as they were made", names, vec!["File.txt".to_owned()])?;
    let remove = RemoveDirectory { scope: scope.clone(), path: at("A"), recursive: false };
    refused("a folder with something in it", host.ask(remove).await, HResult::ERROR_DIR_NOT_EMPTY)?;
    host.ask(MoveFile { scope: scope.clone(), from: at(r"A\File.txt"), to: at(r"A\b") }).await?;
    let status = host.ask(StatFile { scope: scope.clone(), path: at(r"A\b") }).await?;
    same("a moved file", status, FileStatus { kind: FileKind::File, size: 4 })?;
    host.ask(DeleteFile { scope: scope.clone(), path: at(r"A\b") }).await?;
    refused("a deleted file", host.ask(read(at(r"A\b"))).await, HResult::ERROR_FILE_NOT_FOUND)?;
    Ok(host.ask(RemoveDirectory { scope, path: FOLDER.into(), recursive: true }).await?)
}

pub(super) async fn paths(host: Host<'_>) -> Result<(), Failure> {
    host.ask(CreateDirectory { scope: Scope::Host, path: "/winlab-conformance/sub".into() }).await?;
    host.ask(write(r"sub\x")).await?;
    for path in [
        "/winlab-conformance/sub/x",
        r"\\?\C:\winlab-conformance\sub\x",
        r"c:\WINLAB-conformance\.\sub\..\sub\x",
    ] {
        same(path, &*host.ask(read(path.into())).await?, b"text")?;
    }
    refused("a name no file has", host.ask(read(at("a|b"))).await, HResult::ERROR_INVALID_NAME)?;
    Ok(host.ask(RemoveDirectory { scope: Scope::Host, path: FOLDER.into(), recursive: true }).await?)
}
