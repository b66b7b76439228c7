//! A fake Windows host behind the wire, on a thread of its own.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the server has a thread of its own, as it has a process of its own"
)]

use std::io::Read as _;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use futures::channel::oneshot;
use jiff::Timestamp;
use winlab_clock::{Clock, Pace, Seed};
use winlab_document::Document;
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_fake_wire::{Address, Host, Limits, Listener, Server};
use winlab_host::system::{CreateDirectory, Scope, WriteFile};
use winlab_host::{Ask as _, Fault, Program};
use winlab_profiles::WindowsVersion;

/// The base layer that the host has.
pub const LAYER: &str = r"C:\layers\base";

/// The server, until it is dropped.
#[derive(Debug)]
pub struct Lab {
    /// Where it listens.
    pub address: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Lab {
    /// Starts a host of the named Windows build.
    ///
    /// # Panics
    ///
    /// No port of the loopback is free.
    #[must_use]
    pub fn start(build: &str) -> Self {
        let windows: WindowsVersion = build.parse().expect("a build");
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, binding) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let clock = Clock::start(Pace::Real, Timestamp::UNIX_EPOCH);
                let server = Server::new(clock, Limits::default(), None);
                let host = host(windows, clock);
                lay_base(&host, windows.build()).await.expect("the host takes files");
                server.host("win1", Host::windows(host.network(), host.compute(), host.system()));
                let listener =
                    Listener::bind(&Address::Tcp(([127, 0, 0, 1], 0).into())).await.expect("a free port");
                bound.send(listener.address()).expect("somebody waits");
                futures::future::select(Box::pin(server.serve(listener)), stopped).await;
            });
        });
        let address = binding.recv().expect("the server starts").to_string();
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

/// The address of a server that reads a part of one request and is gone.
///
/// # Panics
///
/// No port of the loopback is free.
#[must_use]
pub fn dying_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody calls");
        stream.read_exact(&mut [0; 4]).expect("somebody calls");
    });
    address
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || std::thread::panicking(), "the server's thread ends in order");
        }
    }
}

fn host(windows: WindowsVersion, clock: Clock) -> Arc<WindowsHost> {
    let nic = HostNic {
        name: "Ethernet".into(),
        mac: "00-15-5D-00-00-01".parse().expect("a MAC"),
        addresses: vec!["192.168.1.10/24".parse().expect("a prefix")],
        gateway: Some("192.168.1.1".parse().expect("an address")),
        dns: vec!["192.168.1.1".parse().expect("an address")],
        mtu: 1500,
    };
    WindowsHost::new(&WindowsConfig::new("win1", windows, nic), clock, Seed::new(1))
}

/// An image of the host's own build with nothing but the system's own programs.
async fn lay_base(host: &Arc<WindowsHost>, build: u32) -> Result<(), Fault> {
    let (scope, system) = (Scope::Host, host.system());
    let os_version = format!("10.0.{build}.1");
    let program = Program { os: "windows".into(), os_version, ..Program::default() };
    system.ask(CreateDirectory { scope: scope.clone(), path: format!(r"{LAYER}\Files") }).await?;
    let bytes = Document::encode(&program).expect("a program is a document").to_bytes().into();
    system.ask(WriteFile { scope, path: format!(r"{LAYER}\Files\{}", Program::FILE), bytes }).await
}
