//! vmcompute.dll and computecore.dll: a container from its layers to its end, a process with its streams, and both ways
//! of telling. The host has a base layer whose path is the argument.

use std::fs::File;
use std::io::{Read, Write};
use std::os::windows::io::FromRawHandle;
use std::ptr::null_mut;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::Mutex;

use crate::layers;
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

#[repr(C)]
struct Event {
    kind: u32,
    data: *const u16,
    operation: usize,
}

type Out = *mut *mut u16;
type Create = unsafe extern "system" fn(*const u16, *const u16, usize, *mut usize, Out) -> HResult;
type CreateProcess =
    unsafe extern "system" fn(usize, *const u16, *mut Information, *mut usize, Out) -> HResult;
type OnSystem = unsafe extern "system" fn(usize, *const u16, Out) -> HResult;
type Properties = unsafe extern "system" fn(usize, *mut *mut u16, Out) -> HResult;
type Register = unsafe extern "system" fn(usize, Callback, usize, *mut usize) -> HResult;
type Callback = unsafe extern "system" fn(u32, usize, HResult, *const u16);
type EventCallback = unsafe extern "system" fn(*const Event, usize);
type SetCallback = unsafe extern "system" fn(usize, u32, usize, EventCallback) -> HResult;
type Close = unsafe extern "system" fn(usize) -> HResult;
type NewOperation = unsafe extern "system" fn(usize, usize) -> usize;
type Start = unsafe extern "system" fn(usize, usize, *const u16) -> HResult;
type Query = unsafe extern "system" fn(*const u16, usize) -> HResult;
type Wait = unsafe extern "system" fn(usize, u32, Out) -> HResult;
type WaitProcess = unsafe extern "system" fn(usize, u32, *mut Information, Out) -> HResult;
type OperationProcess = unsafe extern "system" fn(usize, *const u16, usize, usize, *mut usize) -> HResult;

static TOLD: Mutex<Option<Sender<(u32, usize, HResult)>>> = Mutex::new(None);

fn tell(kind: u32, context: usize, status: HResult) {
    let told = TOLD.lock().expect("nobody panicked");
    told.as_ref().expect("somebody waits").send((kind, context, status)).expect("somebody waits");
}

unsafe extern "system" fn told(kind: u32, context: usize, status: HResult, _data: *const u16) {
    tell(kind, context, status);
}

unsafe extern "system" fn told_event(event: *const Event, context: usize) {
    // SAFETY: the event lives until this returns.
    tell(unsafe { (*event).kind }, context, 0);
}

const INFINITE: u32 = u32::MAX;
const PARAMETERS: &str = r#"{"CommandLine":"cmd","CreateStdInPipe":true,"CreateStdOutPipe":true}"#;

/// `ServiceDisconnect` of vmcompute.dll's callbacks.
const DISCONNECT: u32 = 0x0100_0000;

pub(crate) fn run(base: &str) {
    let events = listen();
    first_generation(&configuration(base, "one"), &events);
    second_generation(&configuration(base, "two"), &events);
}

/// A container and its process whose host goes away: says `waiting` when that may happen.
pub(crate) fn gone(base: &str) {
    let (events, configuration) = (listen(), configuration(base, "one"));
    let dll = Library::load("vmcompute.dll");
    // SAFETY: the types are those of hcsshim's `internal/vmcompute`, the pointers are of this frame.
    unsafe {
        let (mut system, mut information, mut process) = (0, Information::default(), 0);
        let create: Create = dll.get("HcsCreateComputeSystem");
        println!(
            "create {:#x}",
            create(wide("one").as_ptr(), wide(&configuration).as_ptr(), 0, &mut system, null_mut())
        );
        let start: OnSystem = dll.get("HcsStartComputeSystem");
        println!("start {:#x}", start(system, wide("").as_ptr(), null_mut()));
        let launch: CreateProcess = dll.get("HcsCreateProcess");
        let code = launch(system, wide(PARAMETERS).as_ptr(), &mut information, &mut process, null_mut());
        println!("process {:#x}", code);
        let register: Register = dll.get("HcsRegisterComputeSystemCallback");
        println!("register {:#x}", register(system, told, 1, &mut 0));
        let register: Register = dll.get("HcsRegisterProcessCallback");
        println!("register {:#x}", register(process, told, 2, &mut 0));
        println!("waiting");
        let mut contexts = [wait_for(&events, DISCONNECT).1, wait_for(&events, DISCONNECT).1];
        contexts.sort_unstable();
        println!("told {:?}", contexts);
        let mut stdout = File::from_raw_handle(information.stdout as _);
        println!("output ends {}", stdout.read_to_end(&mut Vec::new()).is_ok());
        let terminate: OnSystem = dll.get("HcsTerminateComputeSystem");
        // The first call may still find the connection that has just broken.
        let first = terminate(system, wide("").as_ptr(), null_mut()) as u32;
        println!("fails {}", first == 0x8007_06be || first == 0x8007_06ba);
        println!("again {:#x}", terminate(system, wide("").as_ptr(), null_mut()));
        let close: Close = dll.get("HcsCloseComputeSystem");
        println!("close {:#x}", close(system));
    }
}

fn listen() -> Receiver<(u32, usize, HResult)> {
    let (sender, events) = channel();
    *TOLD.lock().expect("nobody panicked") = Some(sender);
    events
}

fn configuration(base: &str, id: &str) -> String {
    let volume = layers::prepare(base, &format!(r"C:\scratch\{}", id));
    let layer = r#"{"Id":"00000000-0000-0000-0000-000000000001","Path":"BASE"}"#;
    let layer = layer.replace("BASE", &base.replace('\\', r"\\"));
    format!(
        r#"{{"SchemaVersion":{{"Major":2,"Minor":1}},"ShouldTerminateOnLastHandleClosed":true,"Container":{{"Storage":{{"Layers":[{}],"Path":"{}\\"}}}}}}"#,
        layer,
        volume.replace('\\', r"\\")
    )
}

fn first_generation(configuration: &str, events: &Receiver<(u32, usize, HResult)>) {
    let dll = Library::load("vmcompute.dll");
    // SAFETY: the types are those of hcsshim's `internal/vmcompute`, the pointers are of this frame.
    unsafe {
        let (mut system, mut result) = (0, null_mut());
        let create: Create = dll.get("HcsCreateComputeSystem");
        let code = create(wide("one").as_ptr(), wide(configuration).as_ptr(), 0, &mut system, &mut result);
        println!("create {:#x} handle {} result {}", code, system != 0, taken(result));
        let code = create(wide("one").as_ptr(), wide(configuration).as_ptr(), 0, &mut 0, &mut result);
        println!("again {:#x} result {}", code, taken(result));
        let mut registered = 0;
        let register: Register = dll.get("HcsRegisterComputeSystemCallback");
        println!("register {:#x}", register(system, told, 1, &mut registered));
        let start: OnSystem = dll.get("HcsStartComputeSystem");
        println!("start {:#x}", start(system, wide("").as_ptr(), null_mut()));
        let (mut information, mut process) = (Information::default(), 0);
        let create: CreateProcess = dll.get("HcsCreateProcess");
        let code = create(system, wide(PARAMETERS).as_ptr(), &mut information, &mut process, null_mut());
        println!("process {:#x} pid {} stderr {}", code, information.pid != 0, information.stderr);
        talk(&information);
        // The process has ended by now, or ends soon: either way the callback hears of it.
        let register: Register = dll.get("HcsRegisterProcessCallback");
        println!("register {:#x}", register(process, told, 2, &mut 0));
        println!("process told {:x?}", wait_for(events, 0x1_0000));
        let properties: Properties = dll.get("HcsGetProcessProperties");
        let code = properties(process, &mut result, null_mut());
        println!("properties {:#x} {}", code, taken(result).contains(r#""ExitCode":3"#));
        let terminate: OnSystem = dll.get("HcsTerminateComputeSystem");
        println!("terminate {:#x}", terminate(system, wide("").as_ptr(), null_mut()));
        println!("system told {:x?}", wait_for(events, 1));
        let unregister: Close = dll.get("HcsUnregisterComputeSystemCallback");
        let close: Close = dll.get("HcsCloseComputeSystem");
        println!(
            "unregister {:#x} close {:#x} twice {:#x}",
            unregister(registered),
            close(system),
            close(system)
        );
    }
}

fn second_generation(configuration: &str, events: &Receiver<(u32, usize, HResult)>) {
    let dll = Library::load("computecore.dll");
    // SAFETY: the types are those of `computecore.h`, the pointers are of this frame.
    unsafe {
        let new: NewOperation = dll.get("HcsCreateOperation");
        let wait: Wait = dll.get("HcsWaitForOperationResult");
        let create: unsafe extern "system" fn(*const u16, *const u16, usize, usize, *mut usize) -> HResult =
            dll.get("HcsCreateComputeSystem");
        let (operation, mut document, mut system) = (new(0, 0), null_mut(), 0);
        println!("before {:#x}", wait(operation, 0, null_mut()));
        let code = create(wide("two").as_ptr(), wide(configuration).as_ptr(), operation, 0, &mut system);
        println!("create {:#x} result {:#x}", code, wait(operation, INFINITE, &mut document));
        println!("document {} process {:#x}", taken(document), process_result(&dll, operation).0);
        let set: SetCallback = dll.get("HcsSetComputeSystemCallback");
        println!("set {:#x} twice {:#x}", set(system, 0, 3, told_event), set(system, 0, 3, told_event));
        let start: Start = dll.get("HcsStartComputeSystem");
        println!(
            "start {:#x} result {:#x}",
            start(system, operation, null_mut()),
            wait(operation, INFINITE, null_mut())
        );
        let (mut process, launch): (usize, OperationProcess) = (0, dll.get("HcsCreateProcess"));
        let code = launch(system, wide(PARAMETERS).as_ptr(), operation, 0, &mut process);
        let (outcome, information) = process_result(&dll, operation);
        println!("process {:#x} result {:#x} pid {}", code, outcome, information.pid != 0);
        talk(&information);
        let ended: Wait = dll.get("HcsWaitForProcessExit");
        let code = ended(process, INFINITE, &mut document);
        println!("ended {:#x} {}", code, taken(document).contains(r#""ExitCode":3"#));
        let enumerate: Query = dll.get("HcsEnumerateComputeSystems");
        println!("enumerate {:#x}", enumerate(wide("").as_ptr(), operation));
        let code = wait(operation, INFINITE, &mut document);
        println!("result {:#x} {}", code, taken(document).contains("\"two\""));
        let shutdown: Start = dll.get("HcsShutDownComputeSystem");
        println!("shutdown {:#x}", shutdown(system, operation, null_mut()));
        println!("system told {:x?}", wait_for(events, 1));
        let close: unsafe extern "system" fn(usize) = dll.get("HcsCloseComputeSystem");
        close(system);
        close(system);
        let open: unsafe extern "system" fn(*const u16, u32, *mut usize) -> HResult =
            dll.get("HcsOpenComputeSystem");
        println!("open {:#x}", open(wide("two").as_ptr(), 0x1000_0000, &mut system));
    }
}

unsafe fn process_result(dll: &Library, operation: usize) -> (HResult, Information) {
    let mut information = Information::default();
    // SAFETY: as the caller's.
    let code = unsafe {
        let wait: WaitProcess = dll.get("HcsWaitForOperationResultAndProcessInfo");
        wait(operation, INFINITE, &mut information, null_mut())
    };
    (code, information)
}

/// The next event of that kind.
fn wait_for(events: &Receiver<(u32, usize, HResult)>, kind: u32) -> (u32, usize, HResult) {
    events.iter().find(|event| event.0 == kind).expect("an event of each kind")
}

/// Speaks to the process through its pipes until it ends.
fn talk(information: &Information) {
    // SAFETY: the pipes are ours.
    let (mut stdin, mut stdout) = unsafe {
        (File::from_raw_handle(information.stdin as _), File::from_raw_handle(information.stdout as _))
    };
    let written = stdin.write_all(b"echo hello\r\nexit 3\r\n");
    drop(stdin);
    let mut out = String::new();
    let read = stdout.read_to_string(&mut out);
    println!("wrote {} read {} {}", written.is_ok(), read.is_ok(), out.contains("hello\r\n"));
}
