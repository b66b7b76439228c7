//! What HCS asks of the rest of its host.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::Document;
use winlab_host::system::{FileKind, Scope};
use winlab_host::{Fault, Guid, Program};

/// The rest of the host: time and ids from outside, storage, network, and how commands behave.
pub trait Host {
    /// The moment of the call.
    fn now(&self) -> VirtualInstant;
    /// The date it is, for documents.
    fn date(&self) -> Timestamp;
    /// A process id that no process of the host has.
    fn pid(&mut self) -> u32;
    /// An id never given before.
    fn guid(&mut self) -> Guid;

    /// A file of the host, or of a running container; `None` where there is none.
    fn read_file(&mut self, scope: &Scope, path: &str) -> Option<Arc<[u8]>>;
    /// Writes a file of the host, making its folders.
    ///
    /// # Errors
    /// What the file system says: `ERROR_DISK_FULL`, say.
    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), Fault>;
    /// What a path of the host, or of a running container, leads to.
    fn kind_of(&mut self, scope: &Scope, path: &str) -> Option<FileKind>;
    /// Writes or appends output of a process to a file it sees; output that cannot be written is lost.
    fn redirect(&mut self, scope: &Scope, path: &str, bytes: &[u8], append: bool);
    /// Makes a folder of the host and those above it.
    ///
    /// # Errors
    /// What the file system says.
    fn create_folder(&mut self, path: &str) -> Result<(), Fault>;
    /// Copies a folder of the host with all that is in it.
    ///
    /// # Errors
    /// `ERROR_PATH_NOT_FOUND` without the source, `ERROR_DISK_FULL`.
    fn copy_folder(&mut self, from: &str, to: &str) -> Result<(), Fault>;
    /// Removes a folder of the host with all that is in it.
    ///
    /// # Errors
    /// What the file system says.
    fn remove_folder(&mut self, path: &str) -> Result<(), Fault>;
    /// Lets `\\?\Volume{GUID}\` lead to a folder of the host.
    fn mount_volume(&mut self, volume: Guid, folder: &str);
    /// Ends what [`Host::mount_volume`] did.
    fn unmount_volume(&mut self, volume: Guid);

    /// A container starts: it gets its own registry and its view of files.
    ///
    /// # Errors
    /// `ERROR_PATH_NOT_FOUND` where a layer, the scratch or a mapped directory is missing.
    fn open_container(&mut self, id: &str, setup: &ContainerSetup) -> Result<(), Fault>;
    /// A container has ended: its registry and view are gone; its scratch stays.
    fn close_container(&mut self, id: &str);
    /// A job object with a root file system of its own is made: its processes see it at `C:\hpc` beside the host's
    /// files, and mapped directories in their places.
    ///
    /// # Errors
    /// As [`Host::open_container`].
    fn open_job(&mut self, name: &str, setup: &ContainerSetup) -> Result<(), Fault>;
    /// A job object is gone.
    fn close_job(&mut self, name: &str);
    /// Maps one more directory into a running container, or takes it away again.
    ///
    /// # Errors
    /// `ERROR_PATH_NOT_FOUND` where the host's side is missing.
    fn map_directory(&mut self, id: &str, mapping: &Mapping, add: bool) -> Result<(), Fault>;

    /// A container starts in an HNS namespace: its endpoints are attached; the answer is its compartment.
    ///
    /// # Errors
    /// What HNS says.
    fn attach_namespace(&mut self, namespace: Guid, container: &str) -> Result<u32, Fault>;
    /// A container of a namespace has ended.
    fn detach_namespace(&mut self, namespace: Guid, container: &str);
    /// An endpoint is attached to a container the V1 way; the answer is its compartment.
    ///
    /// # Errors
    /// What HNS says.
    fn attach_endpoint(&mut self, endpoint: Guid, container: &str) -> Result<u32, Fault>;
    /// An endpoint leaves a container.
    ///
    /// # Errors
    /// What HNS says.
    fn detach_endpoint(&mut self, endpoint: Guid, container: &str) -> Result<(), Fault>;

    /// How a command that is not the image's own program behaves; `None`: there is no such executable.
    fn run(&mut self, launch: &Launch<'_>) -> Option<Behaviour>;
}

/// What a container needs from the host's storage and registry.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerSetup {
    /// Build and revision of its image.
    pub build: (u32, u32),
    /// Its host name.
    pub host_name: String,
    /// Its scratch: a folder or a volume of the host.
    pub scratch: String,
    /// Its layers, topmost first.
    pub layers: Vec<String>,
    /// Mapped directories.
    pub mapped: Vec<Mapping>,
    /// `AddValues` and `DeleteKeys` of its document.
    pub registry: Vec<RegistryChange>,
    /// `DnsSearchList` of its document; empty: as its endpoint says.
    pub dns_search: Vec<String>,
}

/// A mapped directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// On the host.
    pub host: String,
    /// In the container.
    pub container: String,
    /// Whether the container may only read it.
    pub read_only: bool,
}

/// One change of `RegistryChanges`, as the document has it.
#[derive(Debug, Clone, PartialEq)]
pub enum RegistryChange {
    /// A member of `AddValues`.
    Add(Document),
    /// A member of `DeleteKeys`.
    DeleteKey(Document),
}

/// A command to start: one executable with its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// Whose files and registry it sees.
    pub scope: &'a Scope,
    /// The account it runs as.
    pub user: &'a str,
    /// The folder it starts in.
    pub working_directory: &'a str,
    /// Its environment.
    pub environment: &'a BTreeMap<String, String>,
    /// The executable and its arguments.
    pub arguments: &'a [String],
    /// What it reads.
    pub input: &'a [u8],
    /// Whether `cmd` runs it, and with it the commands that are part of `cmd`.
    pub in_shell: bool,
    /// Exit code of the command before it: `%ERRORLEVEL%`.
    pub error_level: u32,
}

/// How a command behaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Behaviour {
    /// A program of the lab, read from a file.
    Program(Box<Program>),
    /// It does its work and ends.
    Finished(CommandOutput),
    /// It writes a line so often, then ends; without `times` it goes on until it is ended.
    Repeating {
        /// What it writes first.
        head: Vec<u8>,
        /// What it writes each time.
        line: Vec<u8>,
        /// How often.
        every: VirtualSpan,
        /// How many times.
        times: Option<u32>,
        /// What it writes last.
        tail: Vec<u8>,
    },
    /// Only the network can say: the host asks whoever walks packets and calls
    /// [`Hcs::complete`](crate::Hcs::complete).
    External(Invocation),
    /// The whole process ends with this code: `exit` of a shell.
    Exit(u32),
    /// The environment of what follows in the same shell is another: `set NAME=value`.
    SetVariable(String, String),
}

/// What a command wrote and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOutput {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Exit code.
    pub exit_code: u32,
    /// How long it took.
    pub took: VirtualSpan,
}

/// A command that asks the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The container; empty: the host itself.
    pub container: String,
    /// The executable and its arguments: `nslookup web.default.svc`.
    pub arguments: Vec<String>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
}

/// What the processes of HCS use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Bytes of all processes and virtual machines.
    pub memory: u64,
    /// Number of processes.
    pub processes: u32,
}
