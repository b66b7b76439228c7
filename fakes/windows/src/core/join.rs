//! The rest of the host as HCS sees it: storage and registry in the system, namespaces in HNS, commands.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use winlab_clock::VirtualInstant;
use winlab_document::Document;
use winlab_fake_hcs::{Behaviour, ContainerSetup, Host, Launch, Mapping, RegistryChange};
use winlab_fake_hns::{Hns, Interface};
use winlab_fake_system::{ContainerView, FilePath, MappedDirectory, Registry, System, container_registry};
use winlab_host::system::{Call, FileKind, RegistryValue, Scope};
use winlab_host::{Fault, Guid, HResult, UnmodelledCounts};

use super::context::Ids;
use crate::commands::{self, NetworkCommands};

/// What the host remembers of a running container, or of a job object with a root file system.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContainerRecord {
    /// Its interfaces, as HNS says.
    pub(crate) interfaces: Vec<Interface>,
    /// `DnsSearchList` of its document.
    pub(crate) dns_search: Vec<String>,
    /// Its host name.
    pub(crate) host_name: String,
    /// A job object: the host's registry and files, with the paths that lead into files of its own.
    pub(crate) job_paths: Option<Vec<(FilePath, FilePath)>>,
}

/// The parts beside HCS.
pub(crate) struct Joined<'a> {
    pub(crate) hns: &'a mut Hns,
    pub(crate) system: &'a mut System,
    pub(crate) ids: &'a mut Ids,
    pub(crate) containers: &'a mut BTreeMap<String, ContainerRecord>,
    pub(crate) to_detach: &'a mut Vec<(Guid, String)>,
    pub(crate) unmodelled: &'a mut UnmodelledCounts,
    pub(crate) network_commands: Option<&'a dyn NetworkCommands>,
}

impl Joined<'_> {
    /// Where a path of a scope is looked up: a job object's own files below its mount point, all else of it on the host.
    pub(crate) fn locate(&self, scope: &Scope, path: &str) -> (Scope, String) {
        let Scope::Container(name) = scope else { return (Scope::Host, path.to_owned()) };
        let Some(paths) = self.containers.get(name).and_then(|record| record.job_paths.as_ref()) else {
            return (scope.clone(), path.to_owned());
        };
        let Ok(parsed) = FilePath::parse(path) else { return (Scope::Host, path.to_owned()) };
        for (seen_at, inside) in paths {
            if let Some(rest) = parsed.below(seen_at) {
                return (scope.clone(), inside.join(rest).to_string());
            }
        }
        (Scope::Host, path.to_owned())
    }

    /// A call on files as a process of a job object means it; any other call as it is.
    pub(crate) fn located(&self, call: Call) -> Call {
        let mut call = call;
        let place = match &mut call {
            Call::ReadFile(c) => Some((&mut c.scope, &mut c.path)),
            Call::WriteFile(c) => Some((&mut c.scope, &mut c.path)),
            Call::AppendFile(c) => Some((&mut c.scope, &mut c.path)),
            Call::DeleteFile(c) => Some((&mut c.scope, &mut c.path)),
            Call::CreateDirectory(c) => Some((&mut c.scope, &mut c.path)),
            Call::RemoveDirectory(c) => Some((&mut c.scope, &mut c.path)),
            Call::ListDirectory(c) => Some((&mut c.scope, &mut c.path)),
            Call::StatFile(c) => Some((&mut c.scope, &mut c.path)),
            _ => None,
        };
        if let Some((scope, path)) = place {
            (*scope, *path) = self.locate(scope, path);
        }
        call
    }

    /// Whose registry a scope's processes see: a job object's are the host's.
    pub(crate) fn registry_scope(&self, scope: &Scope) -> Scope {
        match scope {
            Scope::Container(name) if self.containers.get(name).is_none_or(|r| r.job_paths.is_some()) => {
                Scope::Host
            }
            _ => scope.clone(),
        }
    }

    fn view(&self, setup: &ContainerSetup) -> Result<ContainerView, Fault> {
        let files = self.system.files();
        let folder = |path: &String| {
            let status = files.stat(&Scope::Host, path)?;
            match status.kind {
                FileKind::Directory => files.resolve(path),
                FileKind::File => Err(Fault::new(HResult::ERROR_DIRECTORY)),
            }
        };
        let mapped = setup.mapped.iter().map(|mapping| self.mapped(mapping)).collect::<Result<_, _>>()?;
        let layers = setup.layers.iter().map(folder).collect::<Result<_, _>>()?;
        Ok(ContainerView::new(folder(&setup.scratch)?, layers, mapped))
    }

    fn mapped(&self, mapping: &Mapping) -> Result<MappedDirectory, Fault> {
        let files = self.system.files();
        files.stat(&Scope::Host, &mapping.host)?;
        Ok(MappedDirectory {
            host: files.resolve(&mapping.host)?,
            container: FilePath::parse(&mapping.container)?,
            read_only: mapping.read_only,
        })
    }
}

impl Host for Joined<'_> {
    fn now(&self) -> VirtualInstant {
        self.ids.moment.now
    }

    fn date(&self) -> Timestamp {
        self.ids.moment.date
    }

    fn pid(&mut self) -> u32 {
        self.ids.next_pid()
    }

    fn guid(&mut self) -> Guid {
        self.ids.next_guid()
    }

    fn read_file(&mut self, scope: &Scope, path: &str) -> Option<Arc<[u8]>> {
        let (scope, path) = self.locate(scope, path);
        self.system.files_mut().read(&scope, &path).ok()
    }

    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), Fault> {
        let files = self.system.files_mut();
        if let Some(folder) = files.resolve(path)?.parent() {
            files.create_directory(&Scope::Host, &folder.to_string())?;
        }
        files.write(&Scope::Host, path, bytes.into())
    }

    fn redirect(&mut self, scope: &Scope, path: &str, bytes: &[u8], append: bool) {
        let (scope, path) = self.locate(scope, path);
        let files = self.system.files_mut();
        // `cmd` says "The system cannot find the path specified." and goes on; the output is lost either way.
        let _lost = if append {
            files.append(&scope, &path, bytes)
        } else {
            files.write(&scope, &path, bytes.into())
        };
    }

    fn kind_of(&mut self, scope: &Scope, path: &str) -> Option<FileKind> {
        let (scope, path) = self.locate(scope, path);
        self.system.files().stat(&scope, &path).ok().map(|status| status.kind)
    }

    fn create_folder(&mut self, path: &str) -> Result<(), Fault> {
        self.system.files_mut().create_directory(&Scope::Host, path)
    }

    fn copy_folder(&mut self, from: &str, to: &str) -> Result<(), Fault> {
        self.system.files_mut().copy(from, to)
    }

    fn remove_folder(&mut self, path: &str) -> Result<(), Fault> {
        self.system.files_mut().remove_directory(&Scope::Host, path, true)
    }

    fn mount_volume(&mut self, volume: Guid, folder: &str) {
        if let Ok(folder) = self.system.files().resolve(folder) {
            self.system.files_mut().mount_volume(&volume.to_string(), &folder);
        }
    }

    fn unmount_volume(&mut self, volume: Guid) {
        self.system.files_mut().unmount_volume(&volume.to_string());
    }

    fn open_container(&mut self, id: &str, setup: &ContainerSetup) -> Result<(), Fault> {
        let view = self.view(setup)?;
        let host_name = if setup.host_name.is_empty() { id } else { &setup.host_name };
        let mut registry = container_registry(setup.build, host_name);
        for change in &setup.registry {
            change_registry(&mut registry, change);
        }
        self.system.add_container(id, registry, view);
        let record = ContainerRecord {
            dns_search: setup.dns_search.clone(),
            host_name: host_name.to_owned(),
            ..ContainerRecord::default()
        };
        self.containers.insert(id.to_owned(), record);
        Ok(())
    }

    fn close_container(&mut self, id: &str) {
        self.system.remove_container(id);
        self.containers.remove(id);
    }

    /// The root file system shows at `C:\hpc`, and on builds without the bind filter at `C:\hpc\<container>`; mapped
    /// directories show in their places and below it (hcsshim `internal/jobcontainers/storage.go`, `mounts.go`).
    fn open_job(&mut self, name: &str, setup: &ContainerSetup) -> Result<(), Fault> {
        let view = self.view(setup)?;
        let mount = FilePath::root().child("hpc");
        let container = name.strip_prefix("JobContainer_").unwrap_or(name);
        let mut paths: Vec<(FilePath, FilePath)> = Vec::new();
        for mapped in &setup.mapped {
            let at = FilePath::parse(&mapped.container)?;
            paths.push((at.clone(), at));
        }
        paths.push((mount.child(container), FilePath::root()));
        paths.push((mount, FilePath::root()));
        self.system.files_mut().add_view(name, view);
        let record = ContainerRecord { job_paths: Some(paths), ..ContainerRecord::default() };
        self.containers.insert(name.to_owned(), record);
        Ok(())
    }

    fn close_job(&mut self, name: &str) {
        self.system.files_mut().remove_view(name);
        self.containers.remove(name);
    }

    fn map_directory(&mut self, id: &str, mapping: &Mapping, add: bool) -> Result<(), Fault> {
        let at = FilePath::parse(&mapping.container)?;
        let mapped = if add { Some(self.mapped(mapping)?) } else { None };
        let view = self.system.files_mut().view_mut(id);
        let view = view.ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND))?;
        view.mapped.retain(|known| known.container != at);
        view.mapped.extend(mapped);
        Ok(())
    }

    fn attach_namespace(&mut self, namespace: Guid, container: &str) -> Result<u32, Fault> {
        self.hns.attach_container(namespace, container)
    }

    fn detach_namespace(&mut self, namespace: Guid, container: &str) {
        if !self.hns.is_running() {
            self.to_detach.push((namespace, container.to_owned()));
            return;
        }
        // CRI may have deleted the namespace first: there is nothing to detach from then.
        let _gone = self.hns.detach_container(namespace, container);
    }

    fn attach_endpoint(&mut self, endpoint: Guid, container: &str) -> Result<u32, Fault> {
        self.hns.attach_endpoint(endpoint, container)
    }

    fn detach_endpoint(&mut self, endpoint: Guid, container: &str) -> Result<(), Fault> {
        self.hns.detach_endpoint(endpoint, container)
    }

    fn run(&mut self, launch: &Launch<'_>) -> Option<Behaviour> {
        commands::run(self, launch)
    }
}

/// `RegistryChanges`: hive, key and value as schema 2 spells them; what does not fit is left out, as HCS does with
/// hives it does not know.
fn change_registry(registry: &mut Registry, change: &RegistryChange) {
    match change {
        RegistryChange::DeleteKey(key) => {
            if let Some((path, _)) = registry_key(key) {
                registry.delete_tree(&path);
            }
        }
        RegistryChange::Add(value) => {
            let Some((path, volatile)) = value.get("Key").and_then(registry_key) else { return };
            let Some(data) = registry_value(value) else { return };
            if registry.create_key(&path, volatile).is_ok() {
                let set = registry.set_value(&path, value.text(&["Name"]), data);
                debug_assert!(set.is_ok(), "the key was just made");
            }
        }
    }
}

fn registry_key(key: &Document) -> Option<(String, bool)> {
    let hive = match key.text(&["Hive"]) {
        "System" => "SYSTEM",
        "Software" => "SOFTWARE",
        "Security" => "SECURITY",
        "Sam" => "SAM",
        _ => return None,
    };
    let volatile = key.get("Volatile").and_then(Document::as_bool).unwrap_or_default();
    Some((format!(r"HKLM\{hive}\{}", key.text(&["Name"])), volatile))
}

fn registry_value(value: &Document) -> Option<RegistryValue> {
    let text = || value.text(&["StringValue"]).to_owned();
    let number = |name| value.get(name).and_then(Document::as_u64).unwrap_or_default();
    Some(match value.text(&["Type"]) {
        "String" => RegistryValue::Sz(text()),
        "ExpandedString" => RegistryValue::ExpandSz(text()),
        "MultiString" => RegistryValue::MultiSz(text().split('\0').map(str::to_owned).collect()),
        "DWord" => RegistryValue::Dword(u32::try_from(number("DWordValue")).unwrap_or_default()),
        "QWord" => RegistryValue::Qword(number("QWordValue")),
        _ => return None,
    })
}
