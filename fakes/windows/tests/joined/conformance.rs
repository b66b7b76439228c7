//! The fake against the cases that any implementation should pass.

use winlab_clock::{Clock, Seed, virtual_world};
use winlab_fake_windows::{WindowsHost, conformance};

use crate::lab::config;

#[test]
fn the_fake_conforms() {
    virtual_world(async {
        let host = WindowsHost::new(&config(), Clock::start_virtual(), Seed::new(7));
        let mut failed = Vec::new();
        for case in conformance::COMPUTE {
            failed.extend(
                case.run(&*host.compute()).await.err().map(|failure| format!("{}: {failure}", case.name)),
            );
        }
        for case in conformance::SYSTEM {
            failed.extend(
                case.run(&*host.system()).await.err().map(|failure| format!("{}: {failure}", case.name)),
            );
        }
        assert_eq!(failed, Vec::<String>::new());
    });
}
