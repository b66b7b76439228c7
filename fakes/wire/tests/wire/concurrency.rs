//! Many callers at once.
#![expect(clippy::disallowed_methods, reason = "callers in other processes are threads here")]

use winlab_document::{Document, doc};
use winlab_host::network::{CreateNetwork, DeleteNetwork, EnumerateNetworks, OpenNetwork};
use winlab_host::{Ask as _, Guid};

use crate::lab::{Lab, run};
use crate::raw::Raw;

const CALLERS: u128 = 64;

fn settings(caller: u128) -> Document {
    doc!({"Name": format!("net{caller}"), "Type": "Private"})
}

#[test]
fn sixty_four_tasks_share_a_client() {
    let lab = Lab::windows();
    run(async {
        let host = lab.client().host("win1");
        let tasks: Vec<_> = (1..=CALLERS)
            .map(|caller| {
                let host = host.clone();
                tokio::spawn(async move {
                    let id = Guid::from_bits(caller);
                    for _ in 0..5 {
                        let made = host.ask(CreateNetwork { id, settings: settings(caller) }).await;
                        assert_eq!(made, Ok(id));
                        assert_eq!(host.ask(OpenNetwork { id }).await, Ok(()));
                        assert_eq!(host.ask(DeleteNetwork { id }).await, Ok(()));
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(host.ask(EnumerateNetworks { query: Document::Null }).await, Ok(vec![]));
    });
}

#[test]
fn sixty_four_threads_keep_their_connections() {
    let lab = Lab::windows();
    let path = "/v1/hosts/win1/hns";
    std::thread::scope(|scope| {
        for caller in 1..=CALLERS {
            let address = &lab.address;
            scope.spawn(move || {
                let (mut raw, id) = (Raw::connect(address), Guid::from_bits(caller));
                let arguments = doc!({"id": id, "settings_text": settings(caller).to_string()});
                let create = doc!({"function": "HcnCreateNetwork", "arguments": arguments}).to_string();
                let delete = doc!({"function": "HcnDeleteNetwork", "arguments": {"id": id}}).to_string();
                for _ in 0..5 {
                    assert_eq!(raw.call(path, &create), doc!(id));
                    assert_eq!(raw.call(path, &delete), Document::Null);
                }
            });
        }
    });
    let left = Raw::connect(&lab.address).call(path, r#"{"function":"HcnEnumerateNetworks"}"#);
    assert_eq!(left, doc!([]));
}
