//! Many threads calling at once, and whether memory or handles grow.

use std::thread;

use crate::library::{taken, HResult, Library};

type Open = unsafe extern "system" fn(*const [u8; 16], *mut usize, *mut *mut u16) -> HResult;
type Close = unsafe extern "system" fn(usize) -> HResult;

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
    fn GetProcessHandleCount(process: usize, count: *mut u32) -> i32;
    fn K32GetProcessMemoryInfo(process: usize, counters: *mut Counters, size: u32) -> i32;
}

fn handles() -> u32 {
    let mut count = 0;
    // SAFETY: `count` can be written.
    unsafe { GetProcessHandleCount(GetCurrentProcess(), &mut count) };
    count
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
    let work = move |calls: usize| {
        for _ in 0..calls {
            let (mut handle, mut record) = (0, std::ptr::null_mut());
            // SAFETY: the pointers are of this frame.
            let code = unsafe { open(&[0x22; 16], &mut handle, &mut record) };
            assert_eq!((code, taken(record).as_str()), (0, "NULL"));
            // SAFETY: the handle was just opened.
            assert_eq!(unsafe { close(handle) }, 0);
        }
    };
    let rounds = || {
        let running: Vec<_> = (0..threads).map(|_| thread::spawn(move || work(calls / threads))).collect();
        running.into_iter().for_each(|thread| thread.join().expect("a thread that does not panic"));
    };
    rounds();
    let before = (handles(), memory());
    rounds();
    let after = (handles(), memory());
    println!("handles {} to {}, memory {} to {} KiB", before.0, after.0, before.1 >> 10, after.1 >> 10);
    println!("grew {}", after.0 > before.0 + 8 || after.1 > before.1 + (4 << 20));
}
