//! The system of one host: every call of the boundary, and what the joined host does to it.

use std::collections::BTreeMap;

use winlab_clock::VirtualInstant;
use winlab_document::Document;
use winlab_host::system::{
    Answer, AppendFile, Call, ChangeServiceConfig, ControlService, CreateDirectory, CreateKey, CreateKeyEx,
    CreateRoute, CreateService, DeleteFile, DeleteKey, DeleteRoute, DeleteService, DeleteValue, EnumerateKey,
    EnumerateValues, ListDirectory, MoveFile, QueryCounters, QueryServiceConfig, QueryServiceStatus,
    QueryValue, ReadFile, RemoveDirectory, Scope, SetForwarding, SetServiceStatus, SetValue, StartService,
    StartType, StatFile, SystemEvent, WriteFile,
};
use winlab_host::{Adapter, Fault, HResult, UnmodelledCounts};

use crate::config::SystemConfig;
use crate::context::Context;
use crate::counters::Sources;
use crate::effect::Effect;
use crate::files::{ContainerView, FileSystem};
use crate::registry::{Registry, host_registry, write_adapters};
use crate::routes::Routes;
use crate::scm::{Outbox, ServiceManager};
use crate::{adapters, information, registry, unmodelled};

/// The services, registries, files, adapters and counters of one host.
#[derive(Debug, Clone)]
pub struct System {
    config: SystemConfig,
    services: ServiceManager,
    registry: Registry,
    containers: BTreeMap<String, Registry>,
    files: FileSystem,
    adapters: Vec<Adapter>,
    routes: Routes,
    boot: u32,
    booted: VirtualInstant,
    events: Vec<SystemEvent>,
    effects: Vec<Effect>,
    unmodelled: UnmodelledCounts,
}

impl System {
    /// A freshly installed host, running; automatic services are started by [`System::boot`].
    #[must_use]
    pub fn new(config: SystemConfig) -> Self {
        let mut services = ServiceManager::default();
        services.add_built_in("RpcSs", "Remote Procedure Call (RPC)", StartType::Automatic, &[]);
        services.add_built_in("EventLog", "Windows Event Log", StartType::Automatic, &[]);
        services.add_built_in("Dnscache", "DNS Client", StartType::Automatic, &[]);
        services.add_built_in("mpssvc", "Windows Defender Firewall", StartType::Automatic, &[]);
        services.add_built_in("LanmanServer", "Server", StartType::Automatic, &[]);
        if config.containers_feature {
            services.add_built_in("hns", "Host Network Service", StartType::Automatic, &["RpcSs"]);
            services.add_built_in(
                "vmcompute",
                "Hyper-V Host Compute Service",
                StartType::Automatic,
                &["RpcSs"],
            );
        }
        Self {
            registry: host_registry(&config),
            files: FileSystem::new(config.disk),
            adapters: config.adapters.clone(),
            routes: Routes::default(),
            services,
            containers: BTreeMap::new(),
            boot: 0,
            booted: VirtualInstant::START,
            events: Vec::new(),
            effects: Vec::new(),
            unmodelled: UnmodelledCounts::default(),
            config,
        }
    }

    /// Carries out one call.
    ///
    /// # Errors
    /// What Windows answers; the parts say what.
    pub fn handle(&mut self, call: Call, context: &mut dyn Context) -> Result<Answer, Fault> {
        let answer = match call {
            Call::CreateService(_)
            | Call::DeleteService(_)
            | Call::StartService(_)
            | Call::ControlService(_)
            | Call::QueryServiceStatus(_)
            | Call::QueryServiceConfig(_)
            | Call::ChangeServiceConfig(_)
            | Call::EnumerateServices(_)
            | Call::SetServiceStatus(_) => self.handle_service(call, context),
            Call::CreateKey(_)
            | Call::CreateKeyEx(_)
            | Call::DeleteKey(_)
            | Call::SetValue(_)
            | Call::QueryValue(_)
            | Call::DeleteValue(_)
            | Call::EnumerateKey(_)
            | Call::EnumerateValues(_) => self.handle_registry(call),
            Call::ReadFile(_)
            | Call::WriteFile(_)
            | Call::AppendFile(_)
            | Call::DeleteFile(_)
            | Call::MoveFile(_)
            | Call::CreateDirectory(_)
            | Call::RemoveDirectory(_)
            | Call::ListDirectory(_)
            | Call::StatFile(_) => self.handle_file(call),
            Call::GetAdapters(_) => Ok(Answer::GetAdapters(self.adapters.clone())),
            Call::ListRoutes(_) => Ok(Answer::ListRoutes(self.routes.list(&self.adapters))),
            Call::CreateRoute(CreateRoute { route }) => {
                self.routes.create(route, &self.adapters).map(Answer::CreateRoute)
            }
            Call::DeleteRoute(DeleteRoute { route }) => self.routes.delete(&route).map(Answer::DeleteRoute),
            Call::SetForwarding(SetForwarding { adapter, forwarding }) => {
                self.routes.set_forwarding(adapter, forwarding, &self.adapters).map(Answer::SetForwarding)
            }
            Call::ListForwarding(_) => Ok(Answer::ListForwarding(self.routes.forwarding())),
            Call::GetSystemInformation(_) => Ok(Answer::GetSystemInformation(information::information(
                &self.config,
                context.load(),
                self.boot,
            ))),
            Call::QueryCounters(QueryCounters { paths }) => {
                Ok(Answer::QueryCounters(self.counters(&paths, context)))
            }
            Call::CreateJobObject(_)
            | Call::CreateJobProcess(_)
            | Call::SignalJobProcess(_)
            | Call::TerminateJobProcess(_)
            | Call::GetJobProcessStatus(_)
            | Call::ReadJobProcessOutput(_)
            | Call::WriteJobProcessInput(_)
            | Call::CloseJobProcessInput(_)
            | Call::TerminateJobObject(_)
            | Call::QueryJobObject(_)
            | Call::CloseJobObject(_) => {
                self.unmodelled.count(&unmodelled::JOBS);
                Err(Fault::new(HResult::E_NOTIMPL))
            }
        };
        for path in self.files.take_changed() {
            self.events.push(SystemEvent::FileChanged { path: path.to_string() });
        }
        answer
    }

    fn handle_service(&mut self, call: Call, context: &mut dyn Context) -> Result<Answer, Fault> {
        let (services, mut out) = (&mut self.services, outbox(&mut self.events, &mut self.effects, context));
        match call {
            Call::CreateService(CreateService { name, config }) => {
                services.create(&name, config).map(Answer::CreateService)
            }
            Call::DeleteService(DeleteService { name }) => services.delete(&name).map(Answer::DeleteService),
            Call::StartService(StartService { name, arguments }) => {
                services.start(&name, arguments, &mut out).map(Answer::StartService)
            }
            Call::ControlService(ControlService { name, control }) => {
                services.control(&name, control, &mut out).map(Answer::ControlService)
            }
            Call::QueryServiceStatus(QueryServiceStatus { name }) => {
                services.status(&name).map(Answer::QueryServiceStatus)
            }
            Call::QueryServiceConfig(QueryServiceConfig { name }) => {
                services.config(&name).map(Answer::QueryServiceConfig)
            }
            Call::ChangeServiceConfig(ChangeServiceConfig { name, config }) => {
                services.change(&name, config).map(Answer::ChangeServiceConfig)
            }
            Call::EnumerateServices(_) => Ok(Answer::EnumerateServices(services.enumerate())),
            Call::SetServiceStatus(SetServiceStatus { name, status }) => {
                services.report(&name, &status, &mut out).map(Answer::SetServiceStatus)
            }
            _ => unreachable!("`handle` gives this group its own calls"),
        }
    }

    fn handle_registry(&mut self, call: Call) -> Result<Answer, Fault> {
        match call {
            Call::CreateKey(CreateKey { scope, key }) => {
                self.registry_mut(&scope)?.create_key(&key, false).map(Answer::CreateKey)
            }
            Call::CreateKeyEx(CreateKeyEx { scope, key, volatile }) => {
                self.registry_mut(&scope)?.create_key(&key, volatile).map(Answer::CreateKeyEx)
            }
            Call::DeleteKey(DeleteKey { scope, key }) => {
                self.registry_mut(&scope)?.delete_key(&key).map(Answer::DeleteKey)
            }
            Call::SetValue(SetValue { scope, key, name, value }) => {
                self.registry_mut(&scope)?.set_value(&key, &name, value).map(Answer::SetValue)
            }
            Call::QueryValue(QueryValue { scope, key, name }) => {
                self.registry_of(&scope)?.query_value(&key, &name).map(Answer::QueryValue)
            }
            Call::DeleteValue(DeleteValue { scope, key, name }) => {
                self.registry_mut(&scope)?.delete_value(&key, &name).map(Answer::DeleteValue)
            }
            Call::EnumerateKey(EnumerateKey { scope, key }) => {
                self.registry_of(&scope)?.subkeys(&key).map(Answer::EnumerateKey)
            }
            Call::EnumerateValues(EnumerateValues { scope, key }) => {
                self.registry_of(&scope)?.values_document(&key).map(Answer::EnumerateValues)
            }
            _ => unreachable!("`handle` gives this group its own calls"),
        }
    }

    fn handle_file(&mut self, call: Call) -> Result<Answer, Fault> {
        let files = &mut self.files;
        match call {
            Call::ReadFile(ReadFile { scope, path }) => files.read(&scope, &path).map(Answer::ReadFile),
            Call::WriteFile(WriteFile { scope, path, bytes }) => {
                files.write(&scope, &path, bytes).map(Answer::WriteFile)
            }
            Call::AppendFile(AppendFile { scope, path, bytes }) => {
                files.append(&scope, &path, &bytes).map(Answer::AppendFile)
            }
            Call::DeleteFile(DeleteFile { scope, path }) => {
                files.delete(&scope, &path).map(Answer::DeleteFile)
            }
            Call::MoveFile(MoveFile { scope, from, to }) => {
                files.rename(&scope, &from, &to).map(Answer::MoveFile)
            }
            Call::CreateDirectory(CreateDirectory { scope, path }) => {
                files.create_directory(&scope, &path).map(Answer::CreateDirectory)
            }
            Call::RemoveDirectory(RemoveDirectory { scope, path, recursive }) => {
                files.remove_directory(&scope, &path, recursive).map(Answer::RemoveDirectory)
            }
            Call::ListDirectory(ListDirectory { scope, path }) => {
                files.list(&scope, &path).map(Answer::ListDirectory)
            }
            Call::StatFile(StatFile { scope, path }) => files.stat(&scope, &path).map(Answer::StatFile),
            _ => unreachable!("`handle` gives this group its own calls"),
        }
    }

    fn counters(&mut self, paths: &[String], context: &dyn Context) -> Document {
        let sources = Sources {
            config: &self.config,
            load: context.load(),
            disk_free: self.files.capacity().saturating_sub(self.files.used()),
            booted: self.booted,
            now: context.now(),
        };
        let mut found = Vec::with_capacity(paths.len());
        for path in paths {
            match sources.counter(path) {
                Some(value) => found.push((path.as_str(), value)),
                None => self.unmodelled.count(&unmodelled::COUNTER),
            }
        }
        found.into_iter().collect()
    }

    fn registry_of(&self, scope: &Scope) -> Result<&Registry, Fault> {
        match scope {
            Scope::Host => Ok(&self.registry),
            Scope::Container(id) => {
                self.containers.get(id).ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND))
            }
        }
    }

    /// The registry of a scope, for writing past the boundary.
    ///
    /// # Errors
    /// `ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND` of a container that does not run.
    pub fn registry_mut(&mut self, scope: &Scope) -> Result<&mut Registry, Fault> {
        match scope {
            Scope::Host => Ok(&mut self.registry),
            Scope::Container(id) => {
                self.containers.get_mut(id).ok_or(Fault::new(HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND))
            }
        }
    }
}

/// What the joined host does to the system: never calls of the boundary.
impl System {
    /// What the host was made with.
    #[must_use]
    pub fn config(&self) -> &SystemConfig {
        &self.config
    }

    /// The files.
    #[must_use]
    pub fn files(&self) -> &FileSystem {
        &self.files
    }

    /// The files, for changing them past the boundary.
    pub fn files_mut(&mut self) -> &mut FileSystem {
        &mut self.files
    }

    /// The services.
    #[must_use]
    pub fn services(&self) -> &ServiceManager {
        &self.services
    }

    /// Gives a container its own registry and file system.
    pub fn add_container(&mut self, id: &str, registry: Registry, view: ContainerView) {
        self.containers.insert(id.to_owned(), registry);
        self.files.add_view(id, view);
    }

    /// A container's registry and its view of files are gone.
    pub fn remove_container(&mut self, id: &str) {
        self.containers.remove(id);
        self.files.remove_view(id);
    }

    /// The host's adapters.
    #[must_use]
    pub fn adapters(&self) -> &[Adapter] {
        &self.adapters
    }

    /// Adds an adapter or replaces the one with its index.
    pub fn put_adapter(&mut self, adapter: Adapter) {
        adapters::put(&mut self.adapters, adapter);
        self.adapters_changed();
    }

    /// Removes the adapter with an index.
    pub fn remove_adapter(&mut self, index: u32) {
        let Some(at) = self.adapters.iter().position(|adapter| adapter.index == index) else { return };
        let adapter = self.adapters.remove(at);
        self.routes.adapter_removed(&adapter.name);
        self.adapters_changed();
    }

    fn adapters_changed(&mut self) {
        write_adapters(&mut self.registry, &self.adapters);
        self.events.push(SystemEvent::AdaptersChanged);
    }

    /// Routes that were added, beside those that follow from the adapters.
    #[must_use]
    pub fn added_routes(&self) -> &[winlab_host::linux::Route] {
        self.routes.added()
    }

    /// Names of the adapters that forward.
    #[must_use]
    pub fn forwarding(&self) -> Vec<String> {
        self.routes.forwarding()
    }

    /// When the system wants to be told the time next.
    #[must_use]
    pub fn next_timer(&self) -> Option<VirtualInstant> {
        self.services.next_timer()
    }

    /// Does what is due.
    pub fn tick(&mut self, context: &mut dyn Context) {
        let mut out = outbox(&mut self.events, &mut self.effects, context);
        self.services.tick(&mut out);
    }

    /// The process of a service has ended; whether a service ran in it.
    pub fn process_ended(&mut self, pid: u32, context: &mut dyn Context) -> bool {
        let mut out = outbox(&mut self.events, &mut self.effects, context);
        self.services.process_ended(pid, &mut out)
    }

    /// A service that is part of Windows has crashed.
    pub fn crash_built_in(&mut self, name: &str, context: &mut dyn Context) {
        if let Some(pid) = self.services.status(name).ok().map(|status| status.pid).filter(|pid| *pid != 0) {
            self.process_ended(pid, context);
        }
    }

    /// Begins an orderly shutdown; [`Effect::ServicesEnded`] says when every service has had its time.
    pub fn begin_shutdown(&mut self, context: &mut dyn Context) {
        let mut out = outbox(&mut self.events, &mut self.effects, context);
        self.services.begin_shutdown(&mut out);
    }

    /// The machine is off: services and containers are gone, files and stable keys stay.
    pub fn power_off(&mut self) {
        self.services.stop_all_at_once();
        self.containers.clear();
        self.files.forget_containers();
        self.registry.drop_volatile();
        self.routes = Routes::default();
        self.events.clear();
        self.effects.clear();
    }

    /// The machine starts: another boot id, then automatic services.
    pub fn boot(&mut self, context: &mut dyn Context) {
        self.boot += 1;
        self.booted = context.now();
        registry::write_boot_id(&mut self.registry, self.boot);
        let mut out = outbox(&mut self.events, &mut self.effects, context);
        self.services.start_automatic(&mut out);
    }

    /// What listeners have to hear, in order.
    pub fn take_events(&mut self) -> Vec<SystemEvent> {
        std::mem::take(&mut self.events)
    }

    /// What the host has to carry out, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// What was asked for and is not modelled.
    #[must_use]
    pub fn unmodelled(&self) -> &UnmodelledCounts {
        &self.unmodelled
    }
}

/// An outbox over the system's own queues.
fn outbox<'a>(
    events: &'a mut Vec<SystemEvent>,
    effects: &'a mut Vec<Effect>,
    context: &'a mut dyn Context,
) -> Outbox<'a> {
    let now = context.now();
    Outbox { now, events, effects, context }
}
