//! The fake host, with a journal on each of its services.

use std::sync::Arc;

use futures::channel::mpsc::UnboundedSender;
use winlab_clock::{Clock, Seed};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_fake_wire::Host;
use winlab_host::{Journal, JournalEntry, JournalSink};
use winlab_profiles::WindowsVersion;

/// Every run of a program sees the same ids.
const SEED: Seed = Seed::new(1);

/// A freshly installed host with one adapter, as the first Windows node of a lab has it.
pub(crate) fn make(name: &str, windows: WindowsVersion, clock: Clock) -> Arc<WindowsHost> {
    let nic = HostNic {
        name: "Ethernet".into(),
        mac: "02-00-5E-00-00-0A".parse().expect("a MAC"),
        addresses: vec!["192.168.0.11/16".parse().expect("a prefix")],
        gateway: Some("192.168.0.1".parse().expect("an address")),
        dns: vec!["192.168.0.1".parse().expect("an address")],
        mtu: 1500,
    };
    WindowsHost::new(&WindowsConfig::new(name, windows, nic), clock, SEED)
}

/// The host as the wire sees it: what is called is told to `entries`.
pub(crate) fn with_journal(
    host: &Arc<WindowsHost>,
    entries: UnboundedSender<JournalEntry>,
    clock: Clock,
) -> Host {
    let sink: Arc<dyn JournalSink> = Arc::new(Sink(entries));
    Host::windows(
        Arc::new(Journal::new(host.network(), sink.clone(), clock)),
        Arc::new(Journal::new(host.compute(), sink.clone(), clock)),
        Arc::new(Journal::new(host.system(), sink, clock)),
    )
}

struct Sink(UnboundedSender<JournalEntry>);

impl JournalSink for Sink {
    fn record(&self, entry: JournalEntry) {
        // Whoever listened has what was needed.
        let _ = self.0.unbounded_send(entry);
    }
}
