//! Cases that any implementation of the compute and system boundaries should pass: written over the traits alone.

use winlab_clock::{Clock, Seed, virtual_world};
use winlab_document::{Document, doc};
use winlab_fake_windows::WindowsHost;
use winlab_host::compute::{
    Compute, EnumerateComputeSystems, GetServiceProperties, LayerExists, NameToGuid, OpenComputeSystem,
};
use winlab_host::system::{
    ControlService, CreateDirectory, CreateKey, CreateService, DeleteFile, DeleteKey, DeleteService,
    EnumerateServices, FileKind, GetAdapters, ListDirectory, MoveFile, QueryServiceStatus, QueryValue,
    ReadFile, RegistryValue, RemoveDirectory, Scope, ServiceConfig, ServiceControl, ServiceState, SetValue,
    StartType, StatFile, System, WriteFile,
};
use winlab_host::{Ask as _, Boundary, Fault, HResult};

use crate::lab::config;

fn code<T>(answer: Result<T, Fault>) -> HResult {
    answer.map_or_else(|fault| fault.code, |_| HResult::S_OK)
}

/// HCS before anything runs.
async fn compute(host: &dyn Boundary<Compute>) {
    let listed = host.ask(EnumerateComputeSystems { query: doc!({"Owners": ["winlab-conformance"]}) }).await;
    assert_eq!(listed, Ok(Document::empty_array()), "an empty enumeration is an empty array");
    let open = host.ask(OpenComputeSystem { id: "winlab-conformance".into() }).await;
    assert_eq!(code(open), HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND);
    let properties =
        host.ask(GetServiceProperties { query: doc!({"PropertyTypes": ["Basic"]}) }).await.unwrap();
    let versions = properties.pointer("/Properties/0/SupportedSchemaVersions").unwrap();
    assert!(versions.items().contains(&doc!({"Major": 2, "Minor": 1})), "{versions}");
    let guid = |name: &str| host.ask(NameToGuid { name: name.into() });
    assert_eq!(guid("a").await, guid("a").await);
    assert_ne!(guid("a").await, guid("b").await);
    assert_eq!(host.ask(LayerExists { path: r"C:\winlab-conformance".into() }).await, Ok(false));
}

/// Files, below a folder of their own.
async fn files(host: &dyn Boundary<System>) {
    let scope = Scope::Host;
    let at = |name: &str| format!(r"C:\winlab-conformance\{name}");
    host.ask(CreateDirectory { scope: scope.clone(), path: at("A") }).await.unwrap();
    let write = |name: &str| WriteFile { scope: Scope::Host, path: at(name), bytes: b"text"[..].into() };
    host.ask(write(r"A\File.txt")).await.unwrap();
    assert_eq!(code(host.ask(write(r"nope\x")).await), HResult::ERROR_PATH_NOT_FOUND);
    let read = host.ask(ReadFile { scope: scope.clone(), path: at(r"a\FILE.TXT") }).await.unwrap();
    assert_eq!(&*read, b"text", "names are found in any case");
    let names = host.ask(ListDirectory { scope: scope.clone(), path: at("a") }).await.unwrap();
    assert_eq!(names, ["File.txt"], "and keep the one they were made with");
    let remove = |recursive| RemoveDirectory { scope: Scope::Host, path: at("A"), recursive };
    assert_eq!(code(host.ask(remove(false)).await), HResult::ERROR_DIR_NOT_EMPTY);
    host.ask(MoveFile { scope: scope.clone(), from: at(r"A\File.txt"), to: at(r"A\b") }).await.unwrap();
    let status = host.ask(StatFile { scope: scope.clone(), path: at(r"A\b") }).await.unwrap();
    assert_eq!((status.kind, status.size), (FileKind::File, 4));
    host.ask(DeleteFile { scope: scope.clone(), path: at(r"A\b") }).await.unwrap();
    let gone = host.ask(StatFile { scope: scope.clone(), path: at(r"A\b") }).await;
    assert_eq!(code(gone), HResult::ERROR_FILE_NOT_FOUND);
    let folder = String::from(r"C:\winlab-conformance");
    host.ask(RemoveDirectory { scope, path: folder, recursive: true }).await.unwrap();
}

/// The registry, below a key of its own, and what it always holds.
async fn registry(host: &dyn Boundary<System>) {
    let scope = Scope::Host;
    let key = String::from(r"HKLM\SOFTWARE\WinlabConformance");
    host.ask(CreateKey { scope: scope.clone(), key: format!(r"{key}\Sub") }).await.unwrap();
    let value = RegistryValue::MultiSz(vec!["a".into(), "b".into()]);
    let set = SetValue { scope: scope.clone(), key: key.clone(), name: "V".into(), value: value.clone() };
    host.ask(set).await.unwrap();
    let query = |name: &str| QueryValue { scope: Scope::Host, key: key.to_lowercase(), name: name.into() };
    assert_eq!(host.ask(query("v")).await, Ok(value));
    assert_eq!(code(host.ask(query("w")).await), HResult::ERROR_FILE_NOT_FOUND);
    let delete = |key: String| DeleteKey { scope: Scope::Host, key };
    assert_eq!(code(host.ask(delete(key.clone())).await), HResult::E_ACCESSDENIED);
    host.ask(delete(format!(r"{key}\Sub"))).await.unwrap();
    host.ask(delete(key.clone())).await.unwrap();
    let version = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    for name in ["CurrentBuildNumber", "ProductName", "UBR", "CurrentMajorVersionNumber"] {
        let query = QueryValue { scope: scope.clone(), key: version.into(), name: name.into() };
        assert!(host.ask(query).await.is_ok(), "{name}");
    }
}

/// Services, with one of its own.
async fn services(host: &dyn Boundary<System>) {
    let name = || String::from("winlab-conformance");
    let config = ServiceConfig {
        binary_path: r"C:\winlab\none.exe".into(),
        display_name: String::new(),
        start: StartType::Disabled,
        depends_on: vec![],
        account: "LocalSystem".into(),
        restart_after_secs: None,
    };
    host.ask(CreateService { name: name(), config: config.clone() }).await.unwrap();
    assert_eq!(code(host.ask(CreateService { name: name(), config }).await), HResult::ERROR_SERVICE_EXISTS);
    let start = winlab_host::system::StartService { name: name(), arguments: vec![] };
    assert_eq!(code(host.ask(start).await), HResult::ERROR_SERVICE_DISABLED);
    let stop = ControlService { name: name(), control: ServiceControl::Stop };
    assert_eq!(code(host.ask(stop).await), HResult::ERROR_SERVICE_NOT_ACTIVE);
    let status = host.ask(QueryServiceStatus { name: name() }).await.unwrap();
    assert_eq!((status.state, status.pid), (ServiceState::Stopped, 0));
    host.ask(DeleteService { name: name() }).await.unwrap();
    let gone = host.ask(QueryServiceStatus { name: name() }).await;
    assert_eq!(code(gone), HResult::ERROR_SERVICE_DOES_NOT_EXIST);
    let services = host.ask(EnumerateServices {}).await.unwrap();
    assert!(services.iter().any(|service| service.name.eq_ignore_ascii_case("hns")));
    assert!(!host.ask(GetAdapters {}).await.unwrap().is_empty());
}

#[test]
fn the_fake_conforms() {
    virtual_world(async {
        let host = WindowsHost::new(&config(), Clock::start_virtual(), Seed::new(7));
        compute(&*host.compute()).await;
        files(&*host.system()).await;
        registry(&*host.system()).await;
        services(&*host.system()).await;
    });
}
