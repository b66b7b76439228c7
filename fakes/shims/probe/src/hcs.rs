//! vmcompute.dll and computecore.dll: a system and a process with its streams, by both ways of telling.

use std::fs::File;
use std::io::{Read, Write};
use std::os::windows::io::FromRawHandle;
use std::ptr::null_mut;
use std::sync::mpsc::{channel, Sender};
use std::sync::Mutex;

use crate::library::{taken, wide, HResult, Library};

#[derive(Default)]
#[repr(C)]
struct Information {
    pid: u32,
    reserved: u32,
    stdin: usize,
    stdout: usize,
    stderr: usize,
}

type Out = *mut *mut u16;
type Create = unsafe extern "system" fn(*const u16, *const u16, usize, *mut usize, Out) -> HResult;
type CreateProcess =
    unsafe extern "system" fn(usize, *const u16, *mut Information, *mut usize, Out) -> HResult;
type OnSystem = unsafe extern "system" fn(usize, *const u16, Out) -> HResult;
type Register = unsafe extern "system" fn(usize, Callback, usize, *mut usize) -> HResult;
type Callback = unsafe extern "system" fn(u32, usize, HResult, *const u16);
type Close = unsafe extern "system" fn(usize) -> HResult;
type NewOperation = unsafe extern "system" fn(usize, usize) -> usize;
type Query = unsafe extern "system" fn(*const u16, usize) -> HResult;
type Wait = unsafe extern "system" fn(usize, u32, Out) -> HResult;

static TOLD: Mutex<Option<Sender<(u32, usize, HResult)>>> = Mutex::new(None);

unsafe extern "system" fn told(kind: u32, context: usize, status: HResult, _data: *const u16) {
    let told = TOLD.lock().expect("nobody panicked");
    told.as_ref().expect("somebody waits").send((kind, context, status)).expect("somebody waits");
}

pub(crate) fn run() {
    let (sender, events) = channel();
    *TOLD.lock().expect("nobody panicked") = Some(sender);
    let dll = Library::load("vmcompute.dll");
    // SAFETY: the types are those of hcsshim's `internal/vmcompute`, the pointers are of this frame.
    unsafe {
        let (mut system, mut result) = (0, null_mut());
        let create: Create = dll.get("HcsCreateComputeSystem");
        let code = create(wide("web").as_ptr(), wide("{}").as_ptr(), 0, &mut system, &mut result);
        println!("create {:#x} handle {} result {}", code, system != 0, taken(result));
        let mut registered = 0;
        let register: Register = dll.get("HcsRegisterComputeSystemCallback");
        println!("register {:#x}", register(system, told, 1, &mut registered));
        let start: OnSystem = dll.get("HcsStartComputeSystem");
        println!("start {:#x}", start(system, wide("").as_ptr(), null_mut()));
        process(&dll, system);
        let event = events.recv().expect("an event");
        println!("process told {:#x} {} {:#x}", event.0, event.1, event.2);
        let terminate: OnSystem = dll.get("HcsTerminateComputeSystem");
        println!("terminate {:#x}", terminate(system, wide("").as_ptr(), null_mut()));
        let event = events.recv().expect("an event");
        println!("system told {:#x} {} {:#x}", event.0, event.1, event.2);
        let unregister: Close = dll.get("HcsUnregisterComputeSystemCallback");
        let close: Close = dll.get("HcsCloseComputeSystem");
        println!(
            "unregister {:#x} close {:#x} twice {:#x}",
            unregister(registered),
            close(system),
            close(system)
        );
        operations();
    }
}

unsafe fn process(dll: &Library, system: usize) {
    // SAFETY: as `run` says; the pipes are ours.
    unsafe {
        let (mut information, mut process) = (Information::default(), 0);
        let create: CreateProcess = dll.get("HcsCreateProcess");
        let parameters = wide(r#"{"CommandLine":"more","CreateStdInPipe":true,"CreateStdOutPipe":true}"#);
        let code = create(system, parameters.as_ptr(), &mut information, &mut process, null_mut());
        println!("process {:#x} pid {} stderr {}", code, information.pid, information.stderr);
        let mut registered = 0;
        let register: Register = dll.get("HcsRegisterProcessCallback");
        println!("register {:#x}", register(process, told, 2, &mut registered));
        let mut stdin = File::from_raw_handle(information.stdin as _);
        let written = stdin.write_all(b"hello\n");
        drop(stdin);
        let mut out = String::new();
        let read = File::from_raw_handle(information.stdout as _).read_to_string(&mut out);
        println!("wrote {:?} read {:?} {:?}", written.is_ok(), read.is_ok(), out);
    }
}

unsafe fn operations() {
    let dll = Library::load("computecore.dll");
    // SAFETY: the types are those of `computecore.h`.
    unsafe {
        let new: NewOperation = dll.get("HcsCreateOperation");
        let enumerate: Query = dll.get("HcsEnumerateComputeSystems");
        let wait: Wait = dll.get("HcsWaitForOperationResult");
        let (operation, mut document) = (new(0, 0), null_mut());
        println!("before {:#x}", wait(operation, 0, null_mut()));
        println!("enumerate {:#x}", enumerate(wide("").as_ptr(), operation));
        let code = wait(operation, u32::MAX, &mut document);
        println!("result {:#x} {}", code, taken(document));
    }
}
