//! The conformance cases against the fake, for every Windows build.

use winlab_clock::virtual_world;
use winlab_fake_hns::conformance::cases;
use winlab_profiles::{BUILDS, HnsVersion, WindowsVersion};

use crate::host;

#[test]
fn every_build_passes_what_fits_it() {
    let mut versions: Vec<WindowsVersion> = BUILDS.iter().map(WindowsVersion::of).collect();
    versions.push("ltsc2025".parse::<WindowsVersion>().unwrap().with_hns(HnsVersion::new(15, 4)));
    for windows in versions {
        let fake = host::fake(windows);
        for case in cases().into_iter().filter(|case| case.fits(windows.hns())) {
            let outcome = virtual_world(case.run(&fake));
            assert_eq!(outcome, Ok(()), "{} on {} (HNS {})", case.name, windows.name(), windows.hns());
            let left = fake.control(|hns| {
                let plane = hns.data_plane();
                (
                    plane.networks.len(),
                    plane.endpoints.len(),
                    plane.namespaces.len(),
                    plane.load_balancers.len(),
                )
            });
            assert_eq!(left, (0, 0, 1, 0), "{} left something behind", case.name);
        }
    }
}

#[test]
fn the_newest_build_runs_every_case_and_leaves_the_adapters_as_they_were() {
    let windows: WindowsVersion = "ltsc2025".parse().unwrap();
    assert!(cases().iter().all(|case| case.fits(windows.hns())));
    let fake = host::fake(windows);
    let before = fake.control(|hns| hns.adapters().to_vec());
    for case in cases() {
        virtual_world(case.run(&fake)).unwrap();
    }
    assert_eq!(fake.control(|hns| hns.adapters().to_vec()), before);
    assert!(fake.control(|hns| hns.unmodelled().is_empty()));
}
