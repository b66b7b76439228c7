//! Guest network services: what WSL and Hyper-V isolated guests use, kept with their state and port reservations.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::network::{NotificationKind, PortAccess, PortProtocol, PortRange, PortReservation};
use winlab_host::{Guid, HResult};

use crate::base::Base;
use crate::context::Context;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require, unknown_members};
use crate::modify::{ModifyRequest, RequestType};
use crate::query::Query;
use crate::store::Identified;
use crate::unmodelled;

/// A guest network service.
#[derive(Debug, Clone)]
pub(crate) struct GuestService {
    id: Guid,
    state: Document,
    settings: Document,
}

/// `State` of a service that is there.
const CREATED: u16 = 1;

/// `GuestNetworkServiceState` of Microsoft's HCN schema.
const STATES: &[&str] = &[
    "None",
    "Created",
    "Bootstrapping",
    "Synchronized",
    "Paused",
    "Desynchronized",
    "Rehydrating",
    "Degraded",
    "Destroyed",
];

impl Identified for GuestService {
    fn id(&self) -> Guid {
        self.id
    }
}

impl GuestService {
    fn v2(&self, base: Base) -> Document {
        let mut object = ObjectBuilder::with_capacity(6);
        object.set("ID", self.id);
        base.finish_v2(object, CREATED, &self.settings).with("State", self.state.clone())
    }
}

impl Hns {
    /// `HcnCreateGuestNetworkService`.
    pub(crate) fn create_guest(
        &mut self,
        id: Guid,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Guid> {
        require(settings.is_null() || settings.is_object(), HResult::HCN_E_INVALID_JSON)?;
        let id = Self::choose_id(id, settings, context)?;
        require(!self.guests.contains(id), HResult::ERROR_ALREADY_EXISTS)?;
        let settings = unknown_members(settings, &["ID", "SchemaVersion", "Version", "State"]);
        self.gaps.count(unmodelled::GUEST_SERVICE);
        self.guests.insert(GuestService { id, state: doc!("Created"), settings });
        self.notify(NotificationKind::GuestNetworkServiceCreate, id, Document::Null);
        Ok(id)
    }

    /// `HcnModifyGuestNetworkService`.
    pub(crate) fn modify_guest(&mut self, id: Guid, settings: &Document) -> Outcome<()> {
        require(self.guests.contains(id), HResult::ERROR_NOT_FOUND)?;
        let request = ModifyRequest::read(settings)?;
        let changes = matches!(request.kind, RequestType::Add | RequestType::Update);
        require(request.resource == "state" && changes, HResult::HCN_E_REQUEST_UNSUPPORTED)?;
        let state = request.settings.member("State").clone();
        let named = state.as_str().is_some_and(|name| STATES.contains(&name));
        let numbered = state.as_u64().is_some_and(|n| usize::try_from(n).is_ok_and(|n| n < STATES.len()));
        require(named || numbered, HResult::E_INVALIDARG)?;
        known(self.guests.get_mut(id))?.state = state.clone();
        self.notify(NotificationKind::GuestNetworkServiceStateChanged, id, doc!({"State": state}));
        Ok(())
    }

    /// `HcnDeleteGuestNetworkService`: its port reservations go with it.
    pub(crate) fn delete_guest(&mut self, id: Guid) -> Outcome<()> {
        let serial = known(self.guests.serial(id))?;
        self.guests.remove(serial);
        self.ports.release_all(id);
        self.notify(NotificationKind::GuestNetworkServiceDelete, id, Document::Null);
        Ok(())
    }

    /// `HcnEnumerateGuestNetworkServices`.
    pub(crate) fn enumerate_guests(&self, query: &Document) -> Outcome<Vec<Guid>> {
        let mut query = Query::read(query)?;
        let found: Vec<&GuestService> = match query.take_id(&["ID"]) {
            Some(id) => id.and_then(|id| self.guests.get(id)).into_iter().collect(),
            None => self.guests.iter().collect(),
        };
        let base = self.base();
        let fits = |guest: &&GuestService| query.matches(&guest.v2(base), || Document::Null);
        Ok(found.into_iter().filter(fits).map(|guest| guest.id).collect())
    }

    /// `HcnQueryGuestNetworkServiceProperties`.
    pub(crate) fn query_guest(&self, id: Guid, query: &Document) -> Outcome<Document> {
        Query::read(query)?;
        Ok(known(self.guests.get(id))?.v2(self.base()))
    }

    /// `HcnReserveGuestNetworkServicePort`.
    pub(crate) fn reserve_guest_port(
        &mut self,
        owner: Guid,
        protocol: PortProtocol,
        access: PortAccess,
        port: u16,
    ) -> Outcome<u64> {
        require(self.guests.contains(owner), HResult::ERROR_NOT_FOUND)?;
        require(port != 0, HResult::E_INVALIDARG)?;
        let entry = PortReservation { owner, protocol, access, start: port, end: port };
        Ok(self.ports.reserve(entry, false)?.0)
    }

    /// `HcnReserveGuestNetworkServicePortRange`.
    pub(crate) fn reserve_guest_ports(&mut self, owner: Guid, count: u16) -> Outcome<PortRange> {
        require(self.guests.contains(owner), HResult::ERROR_NOT_FOUND)?;
        require(count != 0, HResult::E_INVALIDARG)?;
        let (protocol, access) = (PortProtocol::Both, PortAccess::Exclusive);
        let wanted = PortReservation { owner, protocol, access, start: 0, end: count };
        let (reservation, entry) = self.ports.reserve(wanted, true)?;
        Ok(PortRange { reservation, start: entry.start, end: entry.end })
    }

    /// `HcnReleaseGuestNetworkServicePortReservationHandle`.
    pub(crate) fn release_guest_ports(&mut self, reservation: u64) -> Outcome<()> {
        if self.ports.release(reservation) { Ok(()) } else { refuse(HResult::E_HANDLE) }
    }
}
