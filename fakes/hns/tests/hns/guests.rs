//! Guest network services and port reservations.

use winlab_document::{Document, doc};
use winlab_host::network::{
    CreateGuestNetworkService, DeleteGuestNetworkService, EnumerateGuestNetworkPortReservations,
    EnumerateGuestNetworkServices, ModifyGuestNetworkService, NotificationKind, PortAccess, PortProtocol,
    QueryGuestNetworkServiceProperties, ReleaseGuestNetworkServicePortReservation,
    ReserveGuestNetworkServicePort, ReserveGuestNetworkServicePortRange,
};
use winlab_host::{Guid, HResult};

use crate::host::{Host, code};

fn port(id: Guid, access: PortAccess, port: u16) -> ReserveGuestNetworkServicePort {
    ReserveGuestNetworkServicePort { id, protocol: PortProtocol::Tcp, access, port }
}

#[test]
fn reservations_are_the_guests_and_go_with_it() {
    let mut host = Host::new("ltsc2025");
    let settings = doc!({"MirrorHostNetworking": true});
    let create = CreateGuestNetworkService { id: Guid::NIL, settings };
    let (one, two) = (host.ask(create.clone()).unwrap(), host.ask(create).unwrap());
    let exclusive = host.ask(port(one, PortAccess::Exclusive, 8080)).unwrap();
    assert_eq!(code(host.ask(port(two, PortAccess::Shared, 8080))), HResult::HCN_E_PORT_ALREADY_EXISTS);
    host.ask(port(one, PortAccess::Shared, 8081)).unwrap();
    host.ask(port(two, PortAccess::Shared, 8081)).unwrap();
    let range = host.ask(ReserveGuestNetworkServicePortRange { id: two, count: 100 }).unwrap();
    assert_eq!((range.start, range.end), (49152, 49251));
    assert_eq!(host.ask(EnumerateGuestNetworkPortReservations {}).unwrap().len(), 4);
    host.ask(ReleaseGuestNetworkServicePortReservation { reservation: exclusive }).unwrap();
    let again = host.ask(ReleaseGuestNetworkServicePortReservation { reservation: exclusive });
    assert_eq!(code(again), HResult::E_HANDLE);
    host.ask(DeleteGuestNetworkService { id: two }).unwrap();
    assert_eq!(host.ask(EnumerateGuestNetworkPortReservations {}).unwrap().len(), 1);
    assert_eq!(code(host.ask(port(two, PortAccess::Shared, 1))), HResult::ERROR_NOT_FOUND);
    assert_eq!(host.hns.unmodelled().get("guest network service"), Some(&2));
}

#[test]
fn states() {
    let mut host = Host::new("ltsc2025");
    let create =
        CreateGuestNetworkService { id: Guid::NIL, settings: doc!({"VirtualMachineId": Guid::from_bits(3)}) };
    let id = host.ask(create).unwrap();
    let state =
        |state: &str| doc!({"ResourceType": "State", "RequestType": "Update", "Settings": {"State": state}});
    host.ask(ModifyGuestNetworkService { id, settings: state("Synchronized") }).unwrap();
    let document = host.ask(QueryGuestNetworkServiceProperties { id, query: Document::Null }).unwrap();
    assert_eq!(document.get("State"), Some(&doc!("Synchronized")));
    assert_eq!(document.get("VirtualMachineId"), Some(&doc!(Guid::from_bits(3))));
    assert_eq!(
        code(host.ask(ModifyGuestNetworkService { id, settings: state("Happy") })),
        HResult::E_INVALIDARG
    );
    assert_eq!(host.ask(EnumerateGuestNetworkServices { query: Document::Null }).unwrap(), [id]);
    let last = host.hns.take_notifications().pop().unwrap();
    assert_eq!((last.kind, last.id), (NotificationKind::GuestNetworkServiceStateChanged, id));
}
