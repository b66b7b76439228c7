//! A server with its hosts on a thread, for as long as the value lives.
#![expect(
    clippy::disallowed_methods,
    reason = "the server has a thread of its own, as it has a process of its own"
)]

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use futures::channel::oneshot;
use jiff::Timestamp;
use winlab_clock::{Clock, Pace, Seed};
use winlab_fake_hns::{FakeHns, HnsConfig, SeededContext};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_fake_wire::{Address, Client, Host, Limits, Listener, Server, Timeouts};
use winlab_host::{Adapter, AdapterKind};
use winlab_profiles::WindowsVersion;

pub(crate) struct Lab {
    pub(crate) address: Address,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a lab's server is set up.
pub(crate) struct Setup {
    pub(crate) address: Address,
    pub(crate) limits: Limits,
    pub(crate) token: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { address: Address::Tcp(([127, 0, 0, 1], 0).into()), limits: Limits::default(), token: None }
    }
}

impl Lab {
    /// A server for these hosts; they are made inside its runtime.
    pub(crate) fn start(
        setup: Setup,
        hosts: impl FnOnce(Clock) -> Vec<(&'static str, Host)> + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, binding) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            run(async move {
                let clock = clock();
                let server = Server::new(clock, setup.limits, setup.token);
                for (name, host) in hosts(clock) {
                    server.host(name, host);
                }
                let listener = Listener::bind(&setup.address).await.unwrap();
                bound.send(listener.address()).unwrap();
                let serving = Box::pin(server.serve(listener));
                futures::future::select(serving, stopped).await;
            });
        });
        Self { address: binding.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    /// A server for `win1`, a joined Windows host.
    pub(crate) fn windows() -> Self {
        Self::start(Setup::default(), |clock| vec![("win1", windows(clock))])
    }

    /// A client; call it inside a runtime.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address.clone(), clock(), Timeouts::default(), None)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server's thread ends in order");
        }
    }
}

/// Wall time; call it inside a runtime.
pub(crate) fn clock() -> Clock {
    Clock::start(Pace::Real, Timestamp::UNIX_EPOCH)
}

/// A runtime with sockets and wall time on this thread.
pub(crate) fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub(crate) fn windows(clock: Clock) -> Host {
    let nic = HostNic {
        name: "Ethernet".into(),
        mac: "00-15-5D-00-00-01".parse().unwrap(),
        addresses: vec!["192.168.1.10/24".parse().unwrap()],
        gateway: Some("192.168.1.1".parse().unwrap()),
        dns: vec!["192.168.1.1".parse().unwrap()],
        mtu: 1500,
    };
    let config = WindowsConfig::new("win1", "ltsc2022".parse::<WindowsVersion>().unwrap(), nic);
    let host = WindowsHost::new(&config, clock, Seed::new(1));
    Host::windows(host.network(), host.compute(), host.system())
}

/// HNS alone, of a build.
pub(crate) fn hns(windows: WindowsVersion) -> Arc<FakeHns> {
    let adapter = Adapter {
        index: 4,
        name: "Ethernet".into(),
        kind: AdapterKind::Physical,
        mac: "00-15-5D-0A-00-04".parse().unwrap(),
        addresses: vec!["10.0.0.4/24".parse().unwrap()],
        gateway: Some("10.0.0.1".parse().unwrap()),
        dns: vec!["10.0.0.2".parse().unwrap()],
        mtu: 1500,
    };
    let config = HnsConfig {
        windows,
        host_name: "win1".into(),
        dns_suffix: "lab.example".into(),
        adapters: vec![adapter],
        epoch: HnsConfig::EPOCH,
    };
    Arc::new(FakeHns::new(config, SeededContext::timeless(Seed::new(1))))
}

/// Asks again and again until it is so; the state changes on the server's side.
pub(crate) async fn until<T: std::fmt::Debug>(mut ask: impl AsyncFnMut() -> T, holds: impl Fn(&T) -> bool) {
    let mut last = ask().await;
    for _ in 0..20_000 {
        if holds(&last) {
            return;
        }
        // What this side has let go of is closed by tasks of its own.
        tokio::task::yield_now().await;
        last = ask().await;
    }
    panic!("it stays at {last:?}");
}
