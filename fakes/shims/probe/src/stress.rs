//! Many threads calling at once, and whether memory or handles grow.

use std::thread;

use crate::library::{taken, wide, HResult, Library};

type Open = unsafe extern "system" fn(*const [u8; 16], *mut usize, *mut *mut u16) -> HResult;
type Create = unsafe extern "system" fn(*const [u8; 16], *const u16, *mut usize, *mut *mut u16) -> HResult;
type Close = unsafe extern "system" fn(usize) -> HResult;

const ID: [u8; 16] = [0x22; 16];

#[repr(C)]
#[derive(Default)]
struct Counters {
    size: u32,
    faults: u32,
    peak_working_set: usize,
    working_set: usize,
    quota: [usize; 4],
    pagefile: usize,
    peak_pagefile: usize,
}

#[link(name = "kernel32")]
extern "system" {
    fn GetCurrentProcess() -> usize;
    fn CreateEventW(security: *const u8, manual: i32, set: i32, name: *const u16) -> usize;
    fn CloseHandle(handle: usize) -> i32;
    fn K32GetProcessMemoryInfo(process: usize, counters: *mut Counters, size: u32) -> i32;
}

/// How many handles there are at least: Wine, which does not tell, gives out the smallest that is free.
fn handles() -> usize {
    // SAFETY: an event without a name, closed at once.
    unsafe {
        let handle = CreateEventW(std::ptr::null(), 0, 0, std::ptr::null());
        CloseHandle(handle);
        handle / 4
    }
}

fn memory() -> usize {
    let mut counters = Counters::default();
    let size = std::mem::size_of::<Counters>() as u32;
    // SAFETY: `counters` can be written and is that large.
    unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &mut counters, size) };
    counters.working_set
}

pub(crate) fn run(threads: usize, calls: usize) {
    let dll = Library::load("computenetwork.dll");
    // SAFETY: the types are those of Microsoft's reference.
    let (open, close): (Open, Close) = unsafe { (dll.get("HcnOpenNetwork"), dll.get("HcnCloseNetwork")) };
    // SAFETY: as above.
    let create: Create = unsafe { dll.get("HcnCreateNetwork") };
    let settings = wide(r#"{"Name":"stress","Type":"Private"}"#);
    // SAFETY: the pointers are of this frame.
    let created = unsafe { create(&ID, settings.as_ptr(), std::ptr::null_mut(), std::ptr::null_mut()) };
    println!("create {:#x}", created);
    let work = move |calls: usize| {
        for _ in 0..calls {
            let (mut handle, mut record) = (0, std::ptr::null_mut());
            // SAFETY: the pointers are of this frame.
            let code = unsafe { open(&ID, &mut handle, &mut record) };
            assert_eq!((code, taken(record).as_str()), (0, "NULL"));
            // SAFETY: the handle was just opened.
            assert_eq!(unsafe { close(handle) }, 0);
        }
    };
    let round = |calls: usize| {
        let running: Vec<_> = (0..threads).map(|_| thread::spawn(move || work(calls / threads))).collect();
        running.into_iter().for_each(|thread| thread.join().expect("a thread that does not panic"));
    };
    // What every thread and connection needs once is there after this.
    round(calls / 16);
    let before = (handles(), memory());
    round(calls);
    let after = (handles(), memory());
    eprintln!("handles {} to {}, memory {} to {} KiB", before.0, after.0, before.1 >> 10, after.1 >> 10);
    println!("grew {}", after.0 > before.0 + 8 || after.1 > before.1 + (4 << 20));
}
