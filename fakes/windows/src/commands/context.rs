//! What a command can see.

use std::sync::Arc;

use winlab_fake_hcs::Launch;
use winlab_host::Fault;
use winlab_host::system::{
    Answer, Call, EnumerateKey, EnumerateValues, FileKind, ListDirectory, QueryValue, ReadFile,
    RegistryValue, Scope, StatFile,
};

use crate::core::Joined;

/// A command and the host it runs on.
pub(super) struct Context<'a, 'h> {
    pub(super) host: &'a mut Joined<'h>,
    pub(super) launch: &'a Launch<'a>,
}

impl Context<'_, '_> {
    /// Its arguments.
    pub(super) fn arguments(&self) -> &[String] {
        self.launch.arguments.get(1..).unwrap_or_default()
    }

    /// Its arguments as one line.
    pub(super) fn line(&self) -> String {
        self.arguments().join(" ")
    }

    /// A variable of its environment.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let found = self.launch.environment.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A path, made absolute from the working directory.
    pub(super) fn path(&self, path: &str) -> String {
        let path = path.trim_matches('"').replace('/', "\\");
        let absolute = path.starts_with('\\') || path.as_bytes().get(1) == Some(&b':');
        if absolute {
            return path;
        }
        format!(r"{}\{path}", self.launch.working_directory.trim_end_matches('\\'))
    }

    fn ask_files(&mut self, path: &str, call: impl FnOnce(Scope, String) -> Call) -> Result<Answer, Fault> {
        let (scope, path) = self.host.locate(self.launch.scope, path);
        self.host.system.handle(call(scope, path), self.host.ids)
    }

    /// A file's bytes.
    pub(super) fn read(&mut self, path: &str) -> Result<Arc<[u8]>, Fault> {
        match self.ask_files(path, |scope, path| Call::ReadFile(ReadFile { scope, path }))? {
            Answer::ReadFile(bytes) => Ok(bytes),
            _ => unreachable!("the system answers the call it was given"),
        }
    }

    /// What a path is, with its size.
    pub(super) fn stat(&mut self, path: &str) -> Result<(FileKind, u64), Fault> {
        match self.ask_files(path, |scope, path| Call::StatFile(StatFile { scope, path }))? {
            Answer::StatFile(status) => Ok((status.kind, status.size)),
            _ => unreachable!("the system answers the call it was given"),
        }
    }

    /// Names in a folder.
    pub(super) fn list(&mut self, path: &str) -> Result<Vec<String>, Fault> {
        match self.ask_files(path, |scope, path| Call::ListDirectory(ListDirectory { scope, path }))? {
            Answer::ListDirectory(names) => Ok(names),
            _ => unreachable!("the system answers the call it was given"),
        }
    }

    /// A registry value.
    pub(super) fn value(&mut self, key: &str, name: &str) -> Result<RegistryValue, Fault> {
        let scope = self.host.registry_scope(self.launch.scope);
        let call = Call::QueryValue(QueryValue { scope, key: key.to_owned(), name: name.to_owned() });
        match self.host.system.handle(call, self.host.ids)? {
            Answer::QueryValue(value) => Ok(value),
            _ => unreachable!("the system answers the call it was given"),
        }
    }

    /// Every value of a key.
    pub(super) fn values(&mut self, key: &str) -> Result<Vec<(String, RegistryValue)>, Fault> {
        let scope = self.host.registry_scope(self.launch.scope);
        let call = Call::EnumerateValues(EnumerateValues { scope, key: key.to_owned() });
        let Answer::EnumerateValues(document) = self.host.system.handle(call, self.host.ids)? else {
            unreachable!("the system answers the call it was given")
        };
        let names: Vec<String> = document.members().iter().map(|(name, _)| name.to_string()).collect();
        names.into_iter().map(|name| Ok((name.clone(), self.value(key, &name)?))).collect()
    }

    /// Names of a key's subkeys.
    pub(super) fn subkeys(&mut self, key: &str) -> Result<Vec<String>, Fault> {
        let scope = self.host.registry_scope(self.launch.scope);
        let call = Call::EnumerateKey(EnumerateKey { scope, key: key.to_owned() });
        match self.host.system.handle(call, self.host.ids)? {
            Answer::EnumerateKey(names) => Ok(names),
            _ => unreachable!("the system answers the call it was given"),
        }
    }

    /// The container it runs in; none of the host's own.
    pub(super) fn container(&self) -> Option<&str> {
        match self.launch.scope {
            Scope::Container(id)
                if self.host.containers.get(id).is_some_and(|record| record.job_paths.is_none()) =>
            {
                Some(id)
            }
            _ => None,
        }
    }
}
