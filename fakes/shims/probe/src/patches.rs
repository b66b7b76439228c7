//! What bcryptprimitives.dll gives, and what it does to other DLLs.

use crate::library::Library;

type Prng = unsafe extern "system" fn(*mut u8, usize) -> i32;
type SetThread = unsafe extern "system" fn(u32) -> u32;
type GetThread = unsafe extern "system" fn() -> u32;
type SetJob = unsafe extern "system" fn(usize, u32) -> u32;
type Startup = unsafe extern "system" fn(u16, *mut u8) -> i32;
type NewSocket = unsafe extern "system" fn(i32, i32, i32, *const u8, u32, u32) -> usize;
type WithAddress = unsafe extern "system" fn(usize, *const u8, i32) -> i32;
type Listen = unsafe extern "system" fn(usize, i32) -> i32;
type Accept = unsafe extern "system" fn(usize, *mut u8, *mut i32) -> usize;
type Transfer = unsafe extern "system" fn(usize, *mut u8, i32, i32) -> i32;
type Close = unsafe extern "system" fn(usize) -> i32;
type LastError = unsafe extern "system" fn() -> i32;

pub(crate) fn run() {
    let dll = Library::load("bcryptprimitives.dll");
    let mut bytes = [0_u8; 64];
    // SAFETY: the types are Windows's.
    unsafe {
        let prng: Prng = dll.get("ProcessPrng");
        println!("prng {} {}", prng(bytes.as_mut_ptr(), bytes.len()), bytes.iter().any(|byte| *byte != 0));
        compartments();
        sockets();
        backup();
        pipes();
        removal();
    }
}

/// `UNICODE_STRING`
#[repr(C)]
struct Name {
    bytes: u16,
    room: u16,
    text: *const u16,
}

/// `OBJECT_ATTRIBUTES`
#[repr(C)]
struct Attributes {
    length: u32,
    root: usize,
    name: *const Name,
    flags: u32,
    security: [usize; 2],
}

/// A pipe as go-winio v0.6.0 makes it: without `OBJ_CASE_INSENSITIVE`, under a folder in small letters.
unsafe fn pipes() {
    type Create = unsafe extern "system" fn(
        *mut usize,
        u32,
        *const Attributes,
        *mut [usize; 2],
        u32,
        u32,
        u32,
        u32,
        u32,
        u32,
        u32,
        u32,
        u32,
        *const i64,
    ) -> i32;
    const GENERIC_READ_WRITE: u32 = 0xc000_0000;
    const SYNCHRONIZE: u32 = 0x10_0000;
    let text: Vec<u16> = r"\??\pipe\winlab-probe".encode_utf16().collect();
    let bytes = text.len() as u16 * 2;
    let name = Name { bytes, room: bytes, text: text.as_ptr() };
    let attributes = Attributes {
        length: std::mem::size_of::<Attributes>() as u32,
        root: 0,
        name: &name,
        flags: 0,
        security: [0; 2],
    };
    let (mut pipe, mut status, timeout) = (0, [0; 2], -500_000_i64);
    let access = GENERIC_READ_WRITE | SYNCHRONIZE;
    // SAFETY: as `run` says; name and attributes live until the call is over.
    let answer = unsafe {
        let create: Create = Library::load("ntdll.dll").get("NtCreateNamedPipeFile");
        create(&mut pipe, access, &attributes, &mut status, 3, 2, 0, 0, 0, 0, 1, 4096, 4096, &timeout)
    };
    let opened = std::fs::OpenOptions::new().read(true).write(true).open(r"\\.\PIPE\Winlab-Probe");
    println!("pipe {:#x} opened {}", answer, opened.is_ok());
}

/// A file is removed as Go's `os.RemoveAll` does it: by `FileDispositionInformationEx`, and in the older way where the
/// system says that it has no such class.
unsafe fn removal() {
    use std::os::windows::fs::OpenOptionsExt;
    use std::os::windows::io::AsRawHandle;
    type Set = unsafe extern "system" fn(usize, *mut [usize; 2], *const u8, u32, u32) -> i32;
    const DELETE: u32 = 0x1_0000;
    const INVALID_INFO_CLASS: i32 = 0xc000_0003_u32 as i32;
    let path = r"C:\windows\temp\probe.removed";
    std::fs::write(path, "text").expect("a file can be written");
    let file = std::fs::OpenOptions::new().access_mode(DELETE).open(path).expect("it is there");
    let (handle, mut status) = (file.as_raw_handle() as usize, [0; 2]);
    let with_posix_semantics = 3_u32.to_le_bytes();
    // SAFETY: as `run` says; the file is open, and the buffers have the sizes that are said.
    let answers = unsafe {
        let set: Set = Library::load("ntdll.dll").get("NtSetInformationFile");
        let newer = set(handle, &mut status, with_posix_semantics.as_ptr(), 4, 64);
        (newer, set(handle, &mut status, [1].as_ptr(), 1, 13))
    };
    drop(file);
    let is_said = answers.0 == 0 || answers.0 == INVALID_INFO_CLASS;
    println!("removal {} {:#x} {}", is_said, answers.1, std::path::Path::new(path).exists());
}

unsafe fn compartments() {
    let dll = Library::load("iphlpapi.dll");
    // SAFETY: as `run` says.
    unsafe {
        let set: SetThread = dll.get("SetCurrentThreadCompartmentId");
        let get: GetThread = dll.get("GetCurrentThreadCompartmentId");
        let job: SetJob = dll.get("SetJobCompartmentId");
        println!("compartment {} set {} {} none {} no job {}", get(), set(3), get(), set(0), job(0, 3));
        let others = [
            "GetAdaptersAddresses",
            "NotifyAddrChange",
            "if_nametoindex",
            "AllocateAndGetTcpExTableFromStack",
        ];
        println!("others {}", others.iter().all(|name| dll.find(name).is_some()));
    }
}

unsafe fn sockets() {
    let dll = Library::load("ws2_32.dll");
    // SAFETY: as `run` says.
    unsafe {
        let startup: Startup = dll.get("WSAStartup");
        let mut data = [0_u8; 512];
        println!(
            "startup {} forwarded {}",
            startup(0x202, data.as_mut_ptr()),
            dll.find("WSASetEvent").is_some()
        );
        let socket: NewSocket = dll.get("WSASocketW");
        let bind: WithAddress = dll.get("bind");
        let error: LastError = dll.get("WSAGetLastError");
        let listen: Listen = dll.get("listen");
        let connect: WithAddress = dll.get("connect");
        let accept: Accept = dll.get("accept");
        let name: unsafe extern "system" fn(usize, *mut u8, *mut i32) -> i32 = dll.get("getsockname");
        let send: Transfer = dll.get("send");
        let receive: Transfer = dll.get("recv");
        let close: Close = dll.get("closesocket");
        let path = r"C:\windows\temp\probe.sock";
        let mut address = vec![1_u8, 0];
        address.extend_from_slice(path.as_bytes());
        address.resize(110, 0);
        let length = address.len() as i32;
        let server = socket(1, 1, 0, std::ptr::null(), 0, 1);
        println!("unix {} bind {}", server != usize::MAX, bind(server, address.as_ptr(), length));
        println!("listen {} file {}", listen(server, 1), std::path::Path::new(path).exists());
        let second = socket(1, 1, 0, std::ptr::null(), 0, 1);
        println!("in use {} {}", bind(second, address.as_ptr(), length), error());
        let client = socket(1, 1, 0, std::ptr::null(), 0, 1);
        println!("connect {}", connect(client, address.as_ptr(), length));
        let mut other = [0_u8; 110];
        let mut other_length = 110;
        let accepted = accept(server, std::ptr::null_mut(), std::ptr::null_mut());
        println!(
            "name {} {}",
            name(server, other.as_mut_ptr(), &mut other_length),
            other[0] == 1 && other[2] == b'C'
        );
        let mut text = *b"ping";
        println!("send {}", send(client, text.as_mut_ptr(), 4, 0));
        text = *b"    ";
        println!("receive {} {}", receive(accepted, text.as_mut_ptr(), 4, 0), String::from_utf8_lossy(&text));
        for one in [client, accepted, second, server] {
            close(one);
        }
        let late: Vec<usize> = (0..3).map(|_| socket(1, 1, 0, std::ptr::null(), 0, 1)).collect();
        println!("left {}", reparse_point(path));
        println!("refused {} {}", connect(late[0], address.as_ptr(), length), error());
        println!("bound again {} {}", bind(late[1], address.as_ptr(), length), error());
        std::fs::remove_file(path).expect("the socket's file can be deleted");
        println!("deleted, bound {}", bind(late[2], address.as_ptr(), length));
        late.into_iter().for_each(|one| drop(close(one)));
        std::fs::write(path, b"no socket: 13").expect("a file can be made");
        println!("other {}", reparse_point(path));
        links();
    }
}

/// A link is made, seen, read by what reads it everywhere, and removed as a file is.
unsafe fn links() {
    use std::path::Path;
    type Create = unsafe extern "system" fn(*const u16, *const u16, u32) -> u8;
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (path, target) = (r"C:\windows\temp\probe.link", "..data\\k\u{fc}hl");
    let (name, to) = (wide(path), wide(target));
    // SAFETY: as `run` says; the names end in NUL.
    unsafe {
        let create: Create = Library::load("kernel32.dll").get("CreateSymbolicLinkW");
        let error = || std::io::Error::last_os_error().raw_os_error().unwrap_or_default();
        println!("link {} {}", create(name.as_ptr(), to.as_ptr(), 0), reparse_point(path));
        println!("again {} {}", create(name.as_ptr(), to.as_ptr(), 0), error());
        println!("leads {}", read_link(path) == target.encode_utf16().collect::<Vec<u16>>());
        let long = wide(&"x".repeat(300));
        std::fs::remove_file(path).expect("the link can be removed");
        println!("long {} {} {}", create(name.as_ptr(), long.as_ptr(), 0), error(), Path::new(path).exists());
    }
}

/// As Go's `os.Readlink`: by `FSCTL_GET_REPARSE_POINT`.
unsafe fn read_link(path: &str) -> Vec<u16> {
    use std::os::windows::io::AsRawHandle;
    type Control = unsafe extern "system" fn(usize, u32, usize, u32, *mut u8, u32, *mut u32, usize) -> i32;
    let file = std::fs::File::open(path).expect("the link is there");
    let (mut buffer, mut length) = ([0_u8; 1024], 0);
    // SAFETY: as `run` says; the buffer has the size that is said.
    unsafe {
        let control: Control = Library::load("kernel32.dll").get("DeviceIoControl");
        let handle = file.as_raw_handle() as usize;
        control(handle, 0x0009_00a8, 0, 0, buffer.as_mut_ptr(), 1024, &mut length, 0);
    }
    let names = usize::from(u16::from_le_bytes([buffer[14], buffer[15]]));
    buffer[20..20 + names].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// What Windows says of a file: whether it is a reparse point by its path, and by a handle with which tag.
unsafe fn reparse_point(path: &str) -> String {
    use std::os::windows::io::AsRawHandle;
    type AttributesEx = unsafe extern "system" fn(*const u16, u32, *mut u32) -> i32;
    type ByHandle = unsafe extern "system" fn(usize, *mut u32) -> i32;
    type ByHandleEx = unsafe extern "system" fn(usize, u32, *mut u32, u32) -> i32;
    const REPARSE_POINT: u32 = 0x400;
    let kernel = Library::load("kernel32.dll");
    let name: Vec<u16> = path.encode_utf16().chain([0]).collect();
    let file = std::fs::File::open(path).expect("the file is there");
    let handle = file.as_raw_handle() as usize;
    let (mut by_name, mut by_handle, mut tag) = ([0_u32; 9], [0_u32; 13], [0_u32; 2]);
    // SAFETY: as `run` says; the buffers have the sizes of what is written.
    unsafe {
        let attributes: AttributesEx = kernel.get("GetFileAttributesExW");
        let information: ByHandle = kernel.get("GetFileInformationByHandle");
        let information_ex: ByHandleEx = kernel.get("GetFileInformationByHandleEx");
        let done = [
            attributes(name.as_ptr(), 0, by_name.as_mut_ptr()),
            information(handle, by_handle.as_mut_ptr()),
            information_ex(handle, 9, tag.as_mut_ptr(), 8),
        ];
        format!(
            "{done:?} {} {} {:#x}",
            by_name[0] & REPARSE_POINT != 0,
            by_handle[0] & REPARSE_POINT != 0,
            tag[1]
        )
    }
}

type BackupWrite = unsafe extern "system" fn(usize, *const u8, u32, *mut u32, i32, i32, *mut usize) -> i32;

/// A stream: header and bytes.
fn stream(id: u32, bytes: &[u8]) -> Vec<u8> {
    let mut all = id.to_le_bytes().to_vec();
    all.extend_from_slice(&0_u32.to_le_bytes());
    all.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    all.extend_from_slice(&0_u32.to_le_bytes());
    all.extend_from_slice(bytes);
    all
}

/// Security, data and a sparse block, cut into pieces of seven bytes; then a stream that is not supported.
unsafe fn backup() {
    use std::os::windows::io::AsRawHandle;
    let path = r"C:\windows\temp\probe.bak";
    let file = std::fs::File::create(path).expect("a file can be made");
    let handle = file.as_raw_handle() as usize;
    let mut sparse = 8_u64.to_le_bytes().to_vec();
    sparse.extend_from_slice(b"later");
    let mut all = stream(3, b"descriptor");
    all.extend_from_slice(&stream(1, b"first"));
    all.extend_from_slice(&stream(9, &sparse));
    // SAFETY: as `run` says.
    unsafe {
        let write: BackupWrite = Library::load("kernel32.dll").get("BackupWrite");
        let (mut context, mut written) = (0, 0);
        let done = all.chunks(7).all(|part| {
            write(handle, part.as_ptr(), part.len() as u32, &mut written, 0, 0, &mut context) == 1
                && written == part.len() as u32
        });
        let ended = write(handle, std::ptr::null(), 0, &mut written, 1, 0, &mut context);
        println!("backup {} ended {} {}", done, ended, context);
        let bytes = std::fs::read(path).unwrap_or_default();
        println!("holds {}", String::from_utf8_lossy(&bytes).replace('\0', "."));
        let other = stream(2, b"attribute");
        let refused = write(handle, other.as_ptr(), other.len() as u32, &mut written, 0, 0, &mut context);
        println!("other {} {}", refused, std::io::Error::last_os_error().raw_os_error().unwrap_or_default());
        write(handle, std::ptr::null(), 0, &mut written, 1, 0, &mut context);
    }
}
