//! A small host for the tests of this crate: folders and files in a map, namespaces as a list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::{Document, doc};
use winlab_host::system::{FileKind, Scope};
use winlab_host::{Fault, Guid, HResult, Program};

use crate::host::{Behaviour, CommandOutput, ContainerSetup, Host, Invocation, Launch, Mapping};
use crate::{Hcs, HcsConfig};

/// The host's side of everything.
#[derive(Debug, Default)]
pub(crate) struct TestHost {
    pub(crate) now: VirtualInstant,
    pub(crate) files: BTreeMap<String, Arc<[u8]>>,
    pub(crate) folders: BTreeSet<String>,
    pub(crate) open: BTreeSet<String>,
    /// Namespaces with the containers in them.
    pub(crate) namespaces: BTreeMap<Guid, Vec<String>>,
    pub(crate) volumes: BTreeMap<String, String>,
    pids: u32,
    guids: u128,
}

impl TestHost {
    fn key(&self, path: &str) -> String {
        let path = path.to_lowercase();
        for (volume, folder) in &self.volumes {
            if let Some(rest) = path.strip_prefix(volume.as_str()) {
                return format!("{folder}{}", rest.trim_end_matches('\\'));
            }
        }
        path.trim_end_matches('\\').to_owned()
    }

    pub(crate) fn folder(&mut self, path: &str) {
        let mut made = String::new();
        for part in self.key(path).split('\\') {
            made = if made.is_empty() { part.to_owned() } else { format!("{made}\\{part}") };
            self.folders.insert(made.clone());
        }
    }

    pub(crate) fn pass(&mut self, hcs: &mut Hcs, span: VirtualSpan) {
        let until = self.now + span;
        while let Some(at) = hcs.next_timer().filter(|at| *at <= until) {
            self.now = at;
            hcs.tick(self);
        }
        self.now = until;
    }
}

impl Host for TestHost {
    fn now(&self) -> VirtualInstant {
        self.now
    }

    fn date(&self) -> Timestamp {
        Timestamp::constant(1_767_225_600, 0)
    }

    fn pid(&mut self) -> u32 {
        self.pids += 4;
        self.pids
    }

    fn guid(&mut self) -> Guid {
        self.guids += 1;
        Guid::from_bits(self.guids)
    }

    fn read_file(&mut self, _scope: &Scope, path: &str) -> Option<Arc<[u8]>> {
        self.files.get(&self.key(path)).cloned()
    }

    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), Fault> {
        let key = self.key(path);
        self.files.insert(key, bytes.into());
        Ok(())
    }

    fn redirect(&mut self, _scope: &Scope, path: &str, bytes: &[u8], append: bool) {
        let key = self.key(path);
        let old = self.files.get(&key).filter(|_| append).cloned().unwrap_or_default();
        self.files.insert(key, old.iter().chain(bytes).copied().collect());
    }

    fn kind_of(&mut self, _scope: &Scope, path: &str) -> Option<FileKind> {
        let key = self.key(path);
        if self.folders.contains(&key) {
            return Some(FileKind::Directory);
        }
        self.files.contains_key(&key).then_some(FileKind::File)
    }

    fn create_folder(&mut self, path: &str) -> Result<(), Fault> {
        self.folder(path);
        Ok(())
    }

    fn copy_folder(&mut self, from: &str, to: &str) -> Result<(), Fault> {
        let (from, to) = (self.key(from), self.key(to));
        self.folder(&to);
        let moved = |name: &String| Some(format!("{to}{}", name.strip_prefix(&from)?));
        let folders: Vec<String> = self.folders.iter().filter_map(moved).collect();
        let files: Vec<_> =
            self.files.iter().filter_map(|(name, bytes)| Some((moved(name)?, bytes.clone()))).collect();
        self.folders.extend(folders);
        self.files.extend(files);
        Ok(())
    }

    fn remove_folder(&mut self, path: &str) -> Result<(), Fault> {
        let key = self.key(path);
        self.folders.retain(|name| !name.starts_with(&key));
        self.files.retain(|name, _| !name.starts_with(&key));
        Ok(())
    }

    fn mount_volume(&mut self, volume: Guid, folder: &str) {
        self.volumes.insert(format!(r"\\?\volume{{{volume}}}"), folder.to_lowercase());
    }

    fn unmount_volume(&mut self, volume: Guid) {
        self.volumes.remove(&format!(r"\\?\volume{{{volume}}}"));
    }

    fn open_container(&mut self, id: &str, _setup: &ContainerSetup) -> Result<(), Fault> {
        self.open.insert(id.to_owned());
        Ok(())
    }

    fn close_container(&mut self, id: &str) {
        self.open.remove(id);
    }

    fn open_job(&mut self, _name: &str, _setup: &ContainerSetup) -> Result<(), Fault> {
        self.folder(r"C:\hpc");
        Ok(())
    }

    fn close_job(&mut self, _name: &str) {}

    fn map_directory(&mut self, _id: &str, mapping: &Mapping, _add: bool) -> Result<(), Fault> {
        let found = self.kind_of(&Scope::Host, &mapping.host);
        found.map(drop).ok_or(Fault::new(HResult::ERROR_PATH_NOT_FOUND))
    }

    fn attach_namespace(&mut self, namespace: Guid, container: &str) -> Result<u32, Fault> {
        let members = self.namespaces.get_mut(&namespace).ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        members.push(container.to_owned());
        Ok(2)
    }

    fn detach_namespace(&mut self, namespace: Guid, container: &str) {
        if let Some(members) = self.namespaces.get_mut(&namespace) {
            members.retain(|member| member != container);
        }
    }

    fn attach_endpoint(&mut self, _endpoint: Guid, _container: &str) -> Result<u32, Fault> {
        Ok(3)
    }

    fn detach_endpoint(&mut self, _endpoint: Guid, _container: &str) -> Result<(), Fault> {
        Ok(())
    }

    fn run(&mut self, launch: &Launch<'_>) -> Option<Behaviour> {
        let rest = launch.arguments.get(1..)?.join(" ");
        Some(match launch.arguments[0].as_str() {
            "echo" if launch.in_shell => Behaviour::Finished(CommandOutput {
                stdout: format!("{rest}\r\n").into_bytes(),
                ..CommandOutput::default()
            }),
            "fail" => Behaviour::Finished(CommandOutput { exit_code: 3, ..CommandOutput::default() }),
            "upper" => Behaviour::Finished(CommandOutput {
                stdout: launch.input.to_ascii_uppercase(),
                ..CommandOutput::default()
            }),
            "ping" => Behaviour::Repeating {
                head: Vec::new(),
                line: b"reply\r\n".to_vec(),
                every: VirtualSpan::from_secs(1),
                times: (!rest.contains("-t")).then_some(4),
                tail: b"done\r\n".to_vec(),
            },
            "nslookup" => Behaviour::External(Invocation {
                container: String::new(),
                arguments: launch.arguments.to_vec(),
                environment: launch.environment.clone(),
            }),
            _ => return None,
        })
    }
}

/// A host of build 20348 with one image, its scratch and one namespace.
pub(crate) fn lab(program: &Program) -> (Hcs, TestHost) {
    let mut host = TestHost::default();
    host.folder(r"C:\layers\web\Files");
    host.folder(r"C:\scratch");
    let encoded = Document::encode(program).unwrap().to_string();
    host.write_file(r"C:\layers\web\Files\winlab-program.json", encoded.as_bytes()).unwrap();
    host.namespaces.insert(Guid::from_bits(9), Vec::new());
    let config = HcsConfig { build: (20348, 2113), hyper_v: true, processors: 4, memory: 8 << 30 };
    (Hcs::new(config), host)
}

/// The program of the lab's image.
pub(crate) fn web() -> Program {
    Program {
        os: "windows".into(),
        os_version: "10.0.20348.1".into(),
        command: vec![r"C:\web.exe".into()],
        listen: vec!["tcp/80".parse().unwrap()],
        logs: vec!["ready".into()],
        memory: 100 << 20,
        ..Program::default()
    }
}

/// A document of a container of that image.
pub(crate) fn container() -> Document {
    doc!({
        "Owner": "containerd-shim-runhcs-v1.exe",
        "SchemaVersion": {"Major": 2, "Minor": 1},
        "ShouldTerminateOnLastHandleClosed": true,
        "Container": {
            "GuestOs": {"HostName": "web-0"},
            "Storage": {"Layers": [{"Id": Guid::from_bits(1), "Path": "C:\\layers\\web"}], "Path": "C:\\scratch"},
            "Networking": {"Namespace": Guid::from_bits(9)},
        },
    })
}
