//! The registry, below a key of its own, and what it always holds.

use winlab_host::system::{
    CreateKey, CreateKeyEx, DeleteKey, DeleteValue, EnumerateKey, EnumerateValues, QueryValue, RegistryValue,
    Scope, SetValue, System,
};
use winlab_host::{Ask as _, Boundary, HResult};

use super::{Failure, holds, refused, same};

type Host<'a> = &'a dyn Boundary<System>;

const KEY: &str = r"HKLM\SOFTWARE\WinlabConformance";

pub(super) async fn life(host: Host<'_>) -> Result<(), Failure> {
    let scope = || Scope::Host;
    let sub = || format!(r"{KEY}\Sub");
    host.ask(CreateKey { scope: scope(), key: sub() }).await?;
    let value = RegistryValue::MultiSz(vec!["a".into(), "b".into()]);
    host.ask(SetValue { scope: scope(), key: KEY.into(), name: "V".into(), value: value.clone() }).await?;
    let query = |name: &str| QueryValue { scope: Scope::Host, key: KEY.to_lowercase(), name: name.into() };
    same("a value in any case", host.ask(query("v")).await?, value)?;
    refused("no such value", host.ask(query("w")).await, HResult::ERROR_FILE_NOT_FOUND)?;
    let keys = host.ask(EnumerateKey { scope: scope(), key: KEY.into() }).await?;
    same("subkeys", keys, vec!["Sub".to_owned()])?;
    let values = host.ask(EnumerateValues { scope: scope(), key: KEY.into() }).await?;
    same("values", values.to_string(), String::from(r#"{"V":["a","b"]}"#))?;
    host.ask(DeleteValue { scope: scope(), key: KEY.into(), name: "V".into() }).await?;
    let parent = DeleteKey { scope: scope(), key: KEY.into() };
    refused("a key with subkeys", host.ask(parent.clone()).await, HResult::E_ACCESSDENIED)?;
    host.ask(CreateKeyEx { scope: scope(), key: format!(r"{KEY}\Volatile"), volatile: true }).await?;
    let stable = CreateKey { scope: scope(), key: format!(r"{KEY}\Volatile\Stable") };
    refused("stable below volatile", host.ask(stable).await, HResult::ERROR_CHILD_MUST_BE_VOLATILE)?;
    host.ask(DeleteKey { scope: scope(), key: format!(r"{KEY}\Volatile") }).await?;
    host.ask(DeleteKey { scope: scope(), key: sub() }).await?;
    Ok(host.ask(parent).await?)
}

pub(super) async fn version(host: Host<'_>) -> Result<(), Failure> {
    let text = [
        (r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "CurrentBuildNumber"),
        (r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "ProductName"),
        (r"HKLM\SYSTEM\HardwareConfig", "LastConfig"),
        (r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName", "ComputerName"),
        (r"HKLM\SYSTEM\ControlSet001\Services\Tcpip\Parameters", "Hostname"),
    ];
    for (key, name) in text {
        let value = host.ask(QueryValue { scope: Scope::Host, key: key.into(), name: name.into() }).await?;
        holds(name, matches!(value, RegistryValue::Sz(text) if !text.is_empty()))?;
    }
    let numbers = [
        (r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "UBR"),
        (r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "CurrentMajorVersionNumber"),
        (
            r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters",
            "BootId",
        ),
    ];
    for (key, name) in numbers {
        let value = host.ask(QueryValue { scope: Scope::Host, key: key.into(), name: name.into() }).await?;
        holds(name, matches!(value, RegistryValue::Dword(_)))?;
    }
    Ok(())
}
