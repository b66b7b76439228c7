//! Port reservations of guest network services (`computenetwork.h`).

use std::mem::size_of;

use super::object::{opened, Kind};
use crate::fault::{Fault, HResult, E_OUTOFMEMORY, E_POINTER, S_OK};
use crate::guard::{code, guarded, or_else};
use crate::guid::Guid;
use crate::handle::Handles;
use crate::json::{Json, Object};
use crate::memory::{allocate, free, put};
use crate::wire::Service;

/// `HCN_PORT_RANGE_RESERVATION`: both ends are part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct PortRange {
    start: u16,
    end: u16,
}

/// `HCN_PORT_RANGE_ENTRY`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct PortRangeEntry {
    owner: Guid,
    target: Guid,
    protocol: u32,
    priority: u64,
    reservation_type: u32,
    sharing_flags: u32,
    delivery_mode: u32,
    start: u16,
    end: u16,
}

/// `HCN_PORT_PROTOCOL` by number, from 1.
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "BOTH"];
/// `HCN_PORT_ACCESS` by number, from 1.
const ACCESSES: [&str; 2] = ["EXCLUSIVE", "SHARED"];

static RESERVATIONS: Handles<u64> = Handles::new();

fn word<'a>(words: &[&'a str], number: u32) -> Result<&'a str, Fault> {
    let index = (number as usize).checked_sub(1);
    index.and_then(|index| words.get(index)).copied().ok_or_else(Fault::argument)
}

fn number(words: &[&str], json: Option<Json<'_>>) -> u32 {
    let word = json.and_then(Json::as_str).unwrap_or_default();
    words.iter().zip(1..).find(|(known, _)| **known == word).map_or(0, |(_, number)| number)
}

/// `HcnReserveGuestNetworkServicePort`
///
/// # Safety
/// As the export's.
pub unsafe fn reserve(service: usize, protocol: u32, access: u32, port: u16, handle: *mut usize) -> HResult {
    guarded(|| {
        code((|| {
            let arguments = Object::new()
                .string("id", &opened(Kind::GuestNetworkService, service)?.to_string())
                .string("protocol", word(&PROTOCOLS, protocol)?)
                .string("access", word(&ACCESSES, access)?)
                .number("port", port.into());
            let result = Service::Hns.call_holding("HcnReserveGuestNetworkServicePort", arguments)?;
            let reservation = Json::parse(&result).and_then(Json::as_u64).ok_or_else(Fault::protocol)?;
            // SAFETY: as this function's.
            unsafe { put(handle, RESERVATIONS.open(reservation)) };
            Ok(())
        })())
    })
}

/// `HcnReserveGuestNetworkServicePortRange`
///
/// # Safety
/// As the export's.
pub unsafe fn reserve_range(
    service: usize,
    count: u16,
    range: *mut PortRange,
    handle: *mut usize,
) -> HResult {
    guarded(|| {
        code((|| {
            let id = opened(Kind::GuestNetworkService, service)?.to_string();
            let arguments = Object::new().string("id", &id).number("count", count.into());
            let result = Service::Hns.call_holding("HcnReserveGuestNetworkServicePortRange", arguments)?;
            let json = Json::parse(&result).ok_or_else(Fault::protocol)?;
            let found = PortRange { start: port(json, "start")?, end: port(json, "end")? };
            let reservation = json.get("reservation").and_then(Json::as_u64).ok_or_else(Fault::protocol)?;
            // SAFETY: as this function's.
            unsafe {
                put(range, found);
                put(handle, RESERVATIONS.open(reservation));
            }
            Ok(())
        })())
    })
}

fn port(json: Json<'_>, name: &str) -> Result<u16, Fault> {
    let number = json.get(name).and_then(Json::as_u64);
    number.and_then(|number| u16::try_from(number).ok()).ok_or_else(Fault::protocol)
}

/// `HcnReleaseGuestNetworkServicePortReservationHandle`
pub fn release(handle: usize) -> HResult {
    guarded(|| match RESERVATIONS.close(handle) {
        None => Fault::no_handle().code,
        Some(reservation) => {
            let arguments = Object::new().number("reservation", reservation);
            code(Service::Hns.call_holding("HcnReleaseGuestNetworkServicePortReservationHandle", arguments))
        }
    })
}

/// `HcnEnumerateGuestNetworkPortReservations`
///
/// # Safety
/// As the export's.
pub unsafe fn enumerate(count: *mut u32, entries: *mut *mut PortRangeEntry) -> HResult {
    guarded(|| {
        if count.is_null() || entries.is_null() {
            return E_POINTER;
        }
        // SAFETY: as this function's; neither is null.
        unsafe {
            put(count, 0);
            put(entries, std::ptr::null_mut());
        }
        let found = match reservations() {
            Ok(found) => found,
            Err(fault) => return fault.code,
        };
        if found.is_empty() {
            return S_OK;
        }
        let memory = allocate(found.len() * size_of::<PortRangeEntry>()).cast::<PortRangeEntry>();
        if memory.is_null() {
            return E_OUTOFMEMORY;
        }
        for (index, entry) in found.iter().enumerate() {
            // SAFETY: there is room for so many, and the heap's blocks are aligned for any of C's types.
            unsafe { memory.add(index).write(*entry) };
        }
        // SAFETY: as above.
        unsafe {
            put(count, u32::try_from(found.len()).unwrap_or(u32::MAX));
            put(entries, memory);
        }
        S_OK
    })
}

fn reservations() -> Result<Vec<PortRangeEntry>, Fault> {
    let result = Service::Hns.call("HcnEnumerateGuestNetworkPortReservations", Object::new())?;
    let json = Json::parse(&result).ok_or_else(Fault::protocol)?;
    let entry = |item: Json<'_>| {
        let owner = item.get("owner").and_then(Json::as_str).and_then(|text| text.parse().ok());
        Ok(PortRangeEntry {
            owner: owner.ok_or_else(Fault::protocol)?,
            target: Guid::default(),
            protocol: number(&PROTOCOLS, item.get("protocol")),
            priority: 0,
            reservation_type: 0,
            sharing_flags: number(&ACCESSES, item.get("access")),
            delivery_mode: 0,
            start: port(item, "start")?,
            end: port(item, "end")?,
        })
    };
    json.items().map(entry).collect()
}

/// `HcnFreeGuestNetworkPortReservations`
///
/// # Safety
/// `entries` is null or came from [`enumerate`] and is not freed yet.
pub unsafe fn release_memory(entries: *mut PortRangeEntry) {
    // SAFETY: as this function's.
    or_else((), || unsafe { free(entries.cast()) });
}
