//! Files against a plain model, and a container's view over layers.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::{Just, Strategy, prop_assert_eq, prop_oneof, proptest};
use winlab_host::system::{FileKind, Scope};
use winlab_host::{Fault, HResult};

use super::{ContainerView, FilePath, FileSystem, MappedDirectory};

fn bytes(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}

fn path(text: &str) -> FilePath {
    FilePath::parse(text).unwrap()
}

fn with_container() -> (FileSystem, Scope) {
    let mut files = FileSystem::new(1 << 30);
    for folder in [r"C:\l\base\Files\app", r"C:\l\top\Files\app", r"C:\l\scratch", r"C:\data"] {
        files.create_directory(&Scope::Host, folder).unwrap();
    }
    files.write(&Scope::Host, r"C:\l\base\Files\app\both", bytes("base")).unwrap();
    files.write(&Scope::Host, r"C:\l\top\Files\app\both", bytes("top")).unwrap();
    files.write(&Scope::Host, r"C:\l\base\Files\app\only", bytes("only")).unwrap();
    files.write(&Scope::Host, r"C:\data\x", bytes("x")).unwrap();
    let mapped = MappedDirectory { host: path(r"C:\data"), container: path(r"C:\mnt\data"), read_only: true };
    files.add_view(
        "web",
        ContainerView::new(path(r"C:\l\scratch"), vec![path(r"C:\l\top"), path(r"C:\l\base")], vec![mapped]),
    );
    (files, Scope::Container("web".into()))
}

fn text(files: &mut FileSystem, scope: &Scope, path: &str) -> Result<String, HResult> {
    let read = files.read(scope, path).map_err(|fault| fault.code)?;
    Ok(String::from_utf8_lossy(&read).into_owned())
}

#[test]
fn upper_layers_win_and_writing_leaves_layers_alone() {
    let (mut files, web) = with_container();
    assert_eq!(text(&mut files, &web, r"C:\APP\Both"), Ok("top".into()));
    assert_eq!(text(&mut files, &web, r"C:\app\only"), Ok("only".into()));
    files.append(&web, r"C:\app\only", b"+more").unwrap();
    assert_eq!(text(&mut files, &web, r"C:\app\only"), Ok("only+more".into()));
    assert_eq!(text(&mut files, &Scope::Host, r"C:\l\base\Files\app\only"), Ok("only".into()));
    assert_eq!(text(&mut files, &Scope::Host, r"C:\l\scratch\Files\app\only"), Ok("only+more".into()));
}

#[test]
fn what_a_container_deletes_is_gone_for_it_alone() {
    let (mut files, web) = with_container();
    files.delete(&web, r"C:\app\both").unwrap();
    assert_eq!(text(&mut files, &web, r"C:\app\both"), Err(HResult::ERROR_FILE_NOT_FOUND));
    assert_eq!(files.list(&web, r"C:\app").unwrap(), ["only"]);
    assert!(files.stat(&Scope::Host, r"C:\l\top\Files\app\both").is_ok());
    files.write(&web, r"C:\app\both", bytes("new")).unwrap();
    assert_eq!(files.list(&web, r"C:\app").unwrap(), ["both", "only"]);
}

#[test]
fn mapped_directories_show_in_their_place_and_may_be_read_only() {
    let (mut files, web) = with_container();
    assert_eq!(text(&mut files, &web, r"C:\mnt\data\x"), Ok("x".into()));
    assert_eq!(files.list(&web, r"C:\mnt").unwrap(), ["data"]);
    let refused = files.write(&web, r"C:\mnt\data\y", bytes("y")).unwrap_err();
    assert_eq!(refused.code, HResult::E_ACCESSDENIED);
    assert!(files.list(&web, r"C:\").unwrap().contains(&"Windows".to_owned()));
}

#[test]
fn a_full_disk_takes_nothing_more() {
    let mut files = FileSystem::new(200);
    let room = 200 - files.used();
    let full = "x".repeat(usize::try_from(room).unwrap());
    files.write(&Scope::Host, r"C:\a", bytes(&full)).unwrap();
    let refused = files.append(&Scope::Host, r"C:\a", b"y").unwrap_err();
    assert_eq!(refused.code, HResult::ERROR_DISK_FULL);
    files.write(&Scope::Host, r"C:\a", bytes("less")).unwrap();
    files.append(&Scope::Host, r"C:\a", b"y").unwrap();
}

#[test]
fn volumes_lead_to_folders_while_they_are_mounted() {
    let (mut files, _) = with_container();
    files.mount_volume("0a", &path(r"C:\l\top"));
    assert_eq!(text(&mut files, &Scope::Host, r"\\?\Volume{0A}\Files\app\both"), Ok("top".into()));
    files.unmount_volume("0A");
    assert!(files.read(&Scope::Host, r"\\?\Volume{0A}\Files\app\both").is_err());
}

#[derive(Debug, Clone)]
enum Action {
    Write(String, u8),
    Append(String, u8),
    Delete(String),
    Make(String),
    Remove(String, bool),
    Rename(String, String),
}

fn name() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![Just("a"), Just("A"), Just("b"), Just("a-")], 1..4)
        .prop_map(|parts| format!(r"C:\w\{}", parts.join("\\")))
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        (name(), 0..9u8).prop_map(|(p, b)| Action::Write(p, b)),
        (name(), 0..9u8).prop_map(|(p, b)| Action::Append(p, b)),
        name().prop_map(Action::Delete),
        name().prop_map(Action::Make),
        (name(), proptest::bool::ANY).prop_map(|(p, r)| Action::Remove(p, r)),
        (name(), name()).prop_map(|(a, b)| Action::Rename(a, b)),
    ]
}

/// Lower-case path → bytes of a file, or none of a folder.
type Model = BTreeMap<String, Option<Vec<u8>>>;

fn is_folder(model: &Model, path: &str) -> bool {
    model.get(path).is_some_and(Option::is_none)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('\\').map_or("", |(parent, _)| parent)
}

fn below<'m>(model: &'m Model, path: &str) -> Vec<String> {
    let prefix = format!("{path}\\");
    model.keys().filter(|key: &&'m String| key.starts_with(&prefix)).cloned().collect()
}

fn step(model: &mut Model, action: &Action) -> bool {
    match action {
        Action::Write(path, byte) | Action::Append(path, byte) => {
            let path = path.to_lowercase();
            if !is_folder(model, parent(&path)) || is_folder(model, &path) {
                return false;
            }
            let mut content = match (action, model.get(&path)) {
                (Action::Append(..), Some(Some(old))) => old.clone(),
                _ => Vec::new(),
            };
            content.push(*byte);
            model.insert(path, Some(content));
            true
        }
        Action::Delete(path) => {
            let path = path.to_lowercase();
            model.get(&path).is_some_and(Option::is_some) && model.remove(&path).is_some()
        }
        Action::Make(path) => {
            let path = path.to_lowercase();
            let mut made = String::from(r"c:\w");
            let parts: Vec<String> = path[made.len() + 1..].split('\\').map(str::to_owned).collect();
            for part in parts {
                made = format!("{made}\\{part}");
                if model.get(&made).is_some_and(Option::is_some) {
                    return false;
                }
                model.entry(made.clone()).or_insert(None);
            }
            true
        }
        Action::Remove(path, recursive) => {
            let path = path.to_lowercase();
            let inside = below(model, &path);
            if !is_folder(model, &path) || (!recursive && !inside.is_empty()) {
                return false;
            }
            for gone in inside {
                model.remove(&gone);
            }
            model.remove(&path);
            true
        }
        Action::Rename(from, to) => rename(model, &from.to_lowercase(), &to.to_lowercase()),
    }
}

fn rename(model: &mut Model, from: &str, to: &str) -> bool {
    if !model.contains_key(from) || !is_folder(model, parent(to)) || is_folder(model, to) {
        return false;
    }
    if from == to {
        return true;
    }
    if is_folder(model, from) {
        if model.contains_key(to) || to.starts_with(&format!("{from}\\")) {
            return false;
        }
        for inside in below(model, from) {
            let moved = model.remove(&inside).unwrap();
            model.insert(format!("{to}{}", &inside[from.len()..]), moved);
        }
    }
    let moved = model.remove(from).unwrap();
    model.insert(to.to_owned(), moved);
    true
}

fn apply(files: &mut FileSystem, scope: &Scope, action: &Action) -> Result<(), Fault> {
    match action {
        Action::Write(path, byte) => files.write(scope, path, Arc::from([*byte])),
        Action::Append(path, byte) => files.append(scope, path, &[*byte]),
        Action::Delete(path) => files.delete(scope, path),
        Action::Make(path) => files.create_directory(scope, path),
        Action::Remove(path, recursive) => files.remove_directory(scope, path, *recursive),
        Action::Rename(from, to) => files.rename(scope, from, to),
    }
}

proptest! {
    #[test]
    fn it_is_a_case_blind_tree_for_hosts_and_containers(
        actions in proptest::collection::vec(action(), 1..50),
        in_container in proptest::bool::ANY,
    ) {
        let (mut files, web) = with_container();
        let scope = if in_container { web } else { Scope::Host };
        files.create_directory(&scope, r"C:\w").unwrap();
        let mut model = Model::from([(String::from(r"c:\w"), None)]);
        for action in &actions {
            let before = model.clone();
            let done = apply(&mut files, &scope, action).is_ok();
            let expected = step(&mut model, action);
            prop_assert_eq!(done, expected, "{:?}", action);
            if !expected {
                model = before;
            }
        }
        for (path, content) in &model {
            let status = files.stat(&scope, path).unwrap();
            prop_assert_eq!(status.kind == FileKind::Directory, content.is_none());
            if let Some(content) = content {
                prop_assert_eq!(&*files.read(&scope, path).unwrap(), content.as_slice());
            } else {
                let children = model.keys().filter(|key| parent(key) == path).count();
                prop_assert_eq!(files.list(&scope, path).unwrap().len(), children);
            }
        }
    }
}
