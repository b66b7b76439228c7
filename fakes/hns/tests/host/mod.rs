//! A host for the tests.

use winlab_clock::Seed;
use winlab_fake_hns::{FakeHns, HnsConfig, SeededContext};
use winlab_host::{Adapter, AdapterKind};
use winlab_profiles::WindowsVersion;

/// A host with one NIC and a management address.
pub(crate) fn config(windows: WindowsVersion) -> HnsConfig {
    HnsConfig {
        windows,
        host_name: "win1".into(),
        dns_suffix: "lab.example".into(),
        adapters: vec![Adapter {
            index: 4,
            name: "Ethernet".into(),
            kind: AdapterKind::Physical,
            mac: "00-15-5D-0A-00-04".parse().unwrap(),
            addresses: vec!["10.0.0.4/24".parse().unwrap()],
            gateway: Some("10.0.0.1".parse().unwrap()),
            dns: vec!["10.0.0.2".parse().unwrap()],
            mtu: 1500,
        }],
        epoch: HnsConfig::EPOCH,
    }
}

/// The fake of such a host.
pub(crate) fn fake(windows: WindowsVersion) -> FakeHns {
    FakeHns::new(config(windows), SeededContext::timeless(Seed::new(1)))
}
