//! computenetwork.dll and `HNSCall`: a network and an endpoint, from create to delete, and what must fail.

use std::ptr::null_mut;

use crate::library::{taken, wide, HResult, Library};

type Enumerate = unsafe extern "system" fn(*const u16, *mut *mut u16, *mut *mut u16) -> HResult;
type Create = unsafe extern "system" fn(*const [u8; 16], *const u16, *mut usize, *mut *mut u16) -> HResult;
type CreateEndpoint =
    unsafe extern "system" fn(usize, *const [u8; 16], *const u16, *mut usize, *mut *mut u16) -> HResult;
type Open = unsafe extern "system" fn(*const [u8; 16], *mut usize, *mut *mut u16) -> HResult;
type Query = unsafe extern "system" fn(usize, *const u16, *mut *mut u16, *mut *mut u16) -> HResult;
type Modify = unsafe extern "system" fn(usize, *const u16, *mut *mut u16) -> HResult;
type Delete = unsafe extern "system" fn(*const [u8; 16], *mut *mut u16) -> HResult;
type Close = unsafe extern "system" fn(usize) -> HResult;
type Call = unsafe extern "system" fn(*const u16, *const u16, *const u16, *mut *mut u16) -> HResult;

const NIL: [u8; 16] = [0; 16];

pub(crate) fn run() {
    let network = Library::load("computenetwork.dll");
    // SAFETY: the types are those of Microsoft's reference, the pointers are of this frame.
    unsafe {
        networks(&network);
        failures(&network);
        v1();
    }
}

unsafe fn networks(dll: &Library) {
    let (mut handle, mut endpoint, mut other) = (7, 0, 0);
    // SAFETY: as `run` says.
    unsafe {
        let mut record = stale();
        let create: Create = dll.get("HcnCreateNetwork");
        let code =
            create(&NIL, wide(r#"{"Name":"cbr0","Type":"Private"}"#).as_ptr(), &mut handle, &mut record);
        println!("create network {:#x} handle {} record {}", code, handle != 0, taken(record));
        let (mut ids, mut record) = (stale(), stale());
        let enumerate: Enumerate = dll.get("HcnEnumerateNetworks");
        let code = enumerate(wide("").as_ptr(), &mut ids, &mut record);
        println!(
            "enumerate {:#x} ids {} record {}",
            code,
            taken(ids).matches('"').count() / 2,
            taken(record)
        );
        let (mut document, mut record) = (stale(), stale());
        let query: Query = dll.get("HcnQueryNetworkProperties");
        let code = query(handle, wide("{}").as_ptr(), &mut document, &mut record);
        println!("query {:#x} {} record {}", code, taken(document).contains("\"cbr0\""), taken(record));
        let mut record = stale();
        let endpoints: CreateEndpoint = dll.get("HcnCreateEndpoint");
        let code = endpoints(handle, &NIL, wide(r#"{"Name":"web"}"#).as_ptr(), &mut endpoint, &mut record);
        println!("create endpoint {:#x} handle {} record {}", code, endpoint != 0, taken(record));
        let code = endpoints(endpoint, &NIL, wide("{}").as_ptr(), &mut other, null_mut());
        println!("an endpoint is no network {:#x} {}", code, other);
        let close: Close = dll.get("HcnCloseEndpoint");
        println!("close {:#x} twice {:#x}", close(endpoint), close(endpoint));
    }
}

unsafe fn failures(dll: &Library) {
    // SAFETY: as `run` says.
    unsafe {
        let (mut handle, mut record) = (7, stale());
        let open: Open = dll.get("HcnOpenNetwork");
        let code = open(&[0x11; 16], &mut handle, &mut record);
        println!("open nothing {:#x} handle {} record {}", code, handle, taken(record));
        let modify: Modify = dll.get("HcnModifyNetwork");
        println!("modify nothing {:#x}", modify(handle, wide("{}").as_ptr(), null_mut()));
        let delete: Delete = dll.get("HcnDeleteNetwork");
        println!("delete nothing {:#x}", delete(&[0x11; 16], null_mut()));
        let mut record = stale();
        let create: Create = dll.get("HcnCreateNetwork");
        let code = create(&NIL, wide("{").as_ptr(), &mut handle, &mut record);
        println!("no JSON {:#x} record {}", code, taken(record));
    }
}

/// A document of so many bytes, there and back.
pub(crate) fn large(bytes: usize) {
    let dll = Library::load("computenetwork.dll");
    let (mut handle, mut document, mut record) = (0, stale(), stale());
    let settings =
        wide(&format!(r#"{{"Name":"large","Type":"Private","Unheard":"{}"}}"#, "é".repeat(bytes / 2)));
    // SAFETY: the types are those of Microsoft's reference, the pointers are of this frame.
    unsafe {
        let create: Create = dll.get("HcnCreateNetwork");
        let code = create(&NIL, settings.as_ptr(), &mut handle, &mut record);
        println!("create {:#x} {}", code, taken(record));
        let query: Query = dll.get("HcnQueryNetworkProperties");
        let code = query(handle, wide("").as_ptr(), &mut document, null_mut());
        println!("query {:#x} whole {}", code, taken(document).matches('é').count() == bytes / 2);
        let half = [0xd800, 0];
        let create = create(&NIL, half.as_ptr(), &mut handle, &mut record);
        println!("half a character {:#x} {}", create, taken(record));
    }
}

unsafe fn v1() {
    let dll = Library::load("vmcompute.dll");
    // SAFETY: as `run` says.
    unsafe {
        let call: Call = dll.get("HNSCall");
        let mut response = stale();
        let (method, path) = (wide("GET"), wide("/globals/version"));
        let code = call(method.as_ptr(), path.as_ptr(), wide("").as_ptr(), &mut response);
        println!("version {:#x} {}", code, taken(response));
    }
}

/// What a client's variable may hold from an earlier call: a pointer that must not be left there.
fn stale() -> *mut u16 {
    usize::MAX as *mut u16
}
