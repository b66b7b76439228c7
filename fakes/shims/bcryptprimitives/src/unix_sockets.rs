//! AF_UNIX stream sockets for a Wine that has none, which stops kubelet at its device-plugin socket.
//!
//! A socket that ws2_32.dll refuses becomes a loopback TCP one, and the file at its path says which port it listens on.
//! Where ws2_32.dll knows AF_UNIX nothing changes: it is asked first, every time.
//!
//! As in Windows the file stays when its socket is closed or its process ends, and no other socket is bound to its path until
//! somebody deletes it. What tells programs that it was a socket's is in [`reparse_points`](crate::reparse_points).

use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::export_table::{extend, Export};
use crate::socket_table::{self as table, Path, LONGEST, NONE};
use crate::win32::{
    CloseHandle, CreateFileW, GetLastError, GetProcAddress, MultiByteToWideChar, ReadFile, SetLastError,
    WriteFile,
};

const AF_UNIX: i32 = 1;
const AF_INET: i32 = 2;
const STREAM: i32 = 1;
const TCP: i32 = 6;
const FAILED: i32 = -1;

const FAULT: u32 = 10014;
const INVALID: u32 = 10022;
const FAMILY_NOT_SUPPORTED: u32 = 10047;
const ADDRESS_IN_USE: u32 = 10048;
const NETWORK_DOWN: u32 = 10050;
const NO_BUFFERS: u32 = 10055;
const REFUSED: u32 = 10061;

/// What our files start with.
pub(crate) const MARK: [u8; 8] = *b"AF_UNIX ";
/// The mark, then the port in decimal.
pub(crate) const FILE: usize = MARK.len() + 5;

/// `sockaddr_in`
#[repr(C)]
struct InetAddress {
    family: u16,
    port: [u8; 2],
    address: [u8; 4],
    zero: [u8; 8],
}

type SocketFn = unsafe extern "system" fn(i32, i32, i32, *const u8, u32, u32) -> usize;
type AddressFn = unsafe extern "system" fn(usize, *const u8, i32) -> i32;
type NameFn = unsafe extern "system" fn(usize, *mut u8, *mut i32) -> i32;
type CloseFn = unsafe extern "system" fn(usize) -> i32;

/// The originals, in this order.
static ORIGINALS: [AtomicUsize; 6] = [ZERO; 6];
#[allow(clippy::declare_interior_mutable_const)]
const ZERO: AtomicUsize = AtomicUsize::new(0);
const NAMES: [&[u8]; 6] =
    [b"WSASocketW\0", b"bind\0", b"closesocket\0", b"connect\0", b"getpeername\0", b"getsockname\0"];

const SOCKET: usize = 0;
const BIND: usize = 1;
const CLOSE: usize = 2;
const CONNECT: usize = 3;
const PEER_NAME: usize = 4;
const OWN_NAME: usize = 5;

fn original(index: usize) -> usize {
    ORIGINALS[index].load(Ordering::SeqCst)
}

fn original_socket() -> SocketFn {
    // SAFETY: set before any replacement can be called, from the function of that name.
    unsafe { core::mem::transmute(original(SOCKET)) }
}

/// `bind` or `connect`.
fn original_address(index: usize) -> AddressFn {
    // SAFETY: as above.
    unsafe { core::mem::transmute(original(index)) }
}

/// `getsockname` or `getpeername`.
fn original_name(index: usize) -> NameFn {
    // SAFETY: as above.
    unsafe { core::mem::transmute(original(index)) }
}

fn original_close() -> CloseFn {
    // SAFETY: as above.
    unsafe { core::mem::transmute(original(CLOSE)) }
}

/// Puts the replacements into ws2_32.dll.
///
/// # Safety
/// `module` is that DLL, and the loader's lock is held.
pub(crate) unsafe fn mend(module: *mut u8) {
    let ours = [
        socket as *const () as usize,
        bind as *const () as usize,
        close as *const () as usize,
        connect as *const () as usize,
        peer_name as *const () as usize,
        own_name as *const () as usize,
    ];
    for (name, original) in NAMES.iter().zip(&ORIGINALS) {
        // SAFETY: the name ends in NUL.
        let function = unsafe { GetProcAddress(module, name.as_ptr()) };
        if function == 0 || ours.contains(&function) {
            return;
        }
        original.store(function, Ordering::SeqCst);
    }
    let export = |index: usize| Export { name: NAMES[index], function: ours[index] };
    let exports =
        [export(SOCKET), export(BIND), export(CLOSE), export(CONNECT), export(PEER_NAME), export(OWN_NAME)];
    // SAFETY: as this function's.
    unsafe { extend(module, &exports) };
}

fn fail(code: u32) -> i32 {
    // SAFETY: sets a number of this thread's.
    unsafe { SetLastError(code) };
    FAILED
}

/// `WSASocketW`
unsafe extern "system" fn socket(
    family: i32,
    kind: i32,
    protocol: i32,
    info: *const u8,
    group: u32,
    flags: u32,
) -> usize {
    let original = original_socket();
    // SAFETY: as the caller's.
    let socket = unsafe { original(family, kind, protocol, info, group, flags) };
    // SAFETY: reads a number of this thread's.
    let is_refused = socket == NONE && unsafe { GetLastError() } == FAMILY_NOT_SUPPORTED;
    if family != AF_UNIX || kind != STREAM || !is_refused {
        return socket;
    }
    // SAFETY: a TCP socket without protocol info.
    let socket = unsafe { original(AF_INET, STREAM, TCP, null(), group, flags) };
    if socket != NONE && !table::add(socket) {
        // SAFETY: the socket was just made.
        unsafe { original_close()(socket) };
        fail(NO_BUFFERS);
        return NONE;
    }
    socket
}

/// The path of an AF_UNIX address.
///
/// # Safety
/// `address` points to `length` bytes.
unsafe fn path_of(address: *const u8, length: i32) -> Result<Path, u32> {
    let length = usize::try_from(length).unwrap_or_default();
    if address.is_null() || length < 2 {
        return Err(FAULT);
    }
    // SAFETY: as this function's.
    let bytes = unsafe { core::slice::from_raw_parts(address, length) };
    if i32::from(u16::from_ne_bytes([bytes[0], bytes[1]])) != AF_UNIX {
        return Err(FAMILY_NOT_SUPPORTED);
    }
    let mut path = [0; LONGEST];
    for (to, from) in path[..LONGEST - 1].iter_mut().zip(&bytes[2..]) {
        if *from == 0 {
            break;
        }
        *to = *from;
    }
    Ok(path)
}

fn open(path: &Path, access: u32, disposition: u32, flags: u32) -> Result<usize, u32> {
    const UTF_8: u32 = 65001;
    const SHARE_ALL: u32 = 7;
    let mut wide = [0_u16; LONGEST];
    // SAFETY: the path ends in NUL, and has no more characters than bytes.
    let file = unsafe {
        if MultiByteToWideChar(UTF_8, 0, path.as_ptr(), -1, wide.as_mut_ptr(), LONGEST as i32) == 0 {
            return Err(INVALID);
        }
        CreateFileW(wide.as_ptr(), access, SHARE_ALL, null(), disposition, flags, 0)
    };
    // SAFETY: reads a number of this thread's.
    if file == NONE {
        Err(unsafe { GetLastError() })
    } else {
        Ok(file)
    }
}

/// `bind`
unsafe extern "system" fn bind(socket: usize, address: *const u8, length: i32) -> i32 {
    let original = original_address(BIND);
    let mut entry = match table::get(socket) {
        Some(entry) => entry,
        // SAFETY: as the caller's.
        None => return unsafe { original(socket, address, length) },
    };
    // SAFETY: as the caller's.
    let path = match unsafe { path_of(address, length) } {
        Ok(path) => path,
        Err(code) => return fail(code),
    };
    let mut bound = loopback(0);
    // SAFETY: the address is a whole one.
    unsafe {
        let bytes: *mut InetAddress = &mut bound;
        let mut length = core::mem::size_of::<InetAddress>() as i32;
        if original(socket, bytes.cast(), length) == FAILED
            || original_name(OWN_NAME)(socket, bytes.cast(), &mut length) == FAILED
        {
            return FAILED;
        }
    }
    if path[0] != 0 {
        if let Err(code) = write_port(&path, u16::from_be_bytes(bound.port)) {
            return fail(code);
        }
    }
    entry.local = path;
    table::set(entry);
    0
}

fn loopback(port: u16) -> InetAddress {
    InetAddress { family: AF_INET as u16, port: port.to_be_bytes(), address: [127, 0, 0, 1], zero: [0; 8] }
}

/// Makes the file that stands for a bound socket.
fn write_port(path: &Path, port: u16) -> Result<(), u32> {
    const GENERIC_WRITE: u32 = 0x4000_0000;
    const CREATE_NEW: u32 = 1;
    const FILE_EXISTS: u32 = 80;
    let file = open(path, GENERIC_WRITE, CREATE_NEW, 0);
    let file = file.map_err(|code| if code == FILE_EXISTS { ADDRESS_IN_USE } else { NETWORK_DOWN })?;
    let mut text = [b'0'; FILE];
    text[..MARK.len()].copy_from_slice(&MARK);
    let mut rest = port;
    for digit in text[MARK.len()..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let mut written = 0;
    // SAFETY: the file is open, the text is that long.
    let done = unsafe {
        let done = WriteFile(file, text.as_ptr(), FILE as u32, &mut written, null_mut());
        CloseHandle(file);
        done
    };
    if done == 0 {
        Err(NETWORK_DOWN)
    } else {
        Ok(())
    }
}

/// The port that a file of ours says.
fn read_port(path: &Path) -> Option<u16> {
    const GENERIC_READ: u32 = 0x8000_0000;
    const OPEN_EXISTING: u32 = 3;
    let file = open(path, GENERIC_READ, OPEN_EXISTING, 0).ok()?;
    let (mut text, mut read) = ([0; FILE], 0);
    // SAFETY: the file is open, there is room for so many bytes.
    unsafe {
        ReadFile(file, text.as_mut_ptr(), FILE as u32, &mut read, null_mut());
        CloseHandle(file);
    }
    let digits = text.strip_prefix(&MARK)?;
    core::str::from_utf8(digits).ok()?.parse().ok().filter(|_| read as usize == FILE)
}

/// `connect`
unsafe extern "system" fn connect(socket: usize, address: *const u8, length: i32) -> i32 {
    let original = original_address(CONNECT);
    let mut entry = match table::get(socket) {
        Some(entry) => entry,
        // SAFETY: as the caller's.
        None => return unsafe { original(socket, address, length) },
    };
    // SAFETY: as the caller's.
    let path = match unsafe { path_of(address, length) } {
        Ok(path) => path,
        Err(code) => return fail(code),
    };
    let port = match read_port(&path) {
        Some(port) => port,
        None => return fail(REFUSED),
    };
    entry.remote = path;
    table::set(entry);
    let address: *const InetAddress = &loopback(port);
    // SAFETY: the address is a whole one.
    unsafe { original(socket, address.cast(), core::mem::size_of::<InetAddress>() as i32) }
}

/// `getsockname`
unsafe extern "system" fn own_name(socket: usize, address: *mut u8, length: *mut i32) -> i32 {
    match table::get(socket) {
        // SAFETY: as the caller's.
        None => unsafe { original_name(OWN_NAME)(socket, address, length) },
        // SAFETY: as the caller's.
        Some(entry) => unsafe { name(&entry.local, address, length) },
    }
}

/// `getpeername`
unsafe extern "system" fn peer_name(socket: usize, address: *mut u8, length: *mut i32) -> i32 {
    match table::get(socket) {
        // SAFETY: as the caller's.
        None => unsafe { original_name(PEER_NAME)(socket, address, length) },
        // SAFETY: as the caller's.
        Some(entry) => unsafe { name(&entry.remote, address, length) },
    }
}

/// # Safety
/// As `getsockname`'s.
unsafe fn name(path: &Path, address: *mut u8, length: *mut i32) -> i32 {
    if address.is_null() || length.is_null() {
        return fail(FAULT);
    }
    let used = path.iter().position(|byte| *byte == 0).unwrap_or(LONGEST - 1) + 1;
    // SAFETY: as this function's.
    unsafe {
        if length.read() < 2 + used as i32 {
            return fail(FAULT);
        }
        address.cast::<u16>().write_unaligned(AF_UNIX as u16);
        core::ptr::copy_nonoverlapping(path.as_ptr(), address.add(2), used);
        length.write(2 + used as i32);
    }
    0
}

/// `closesocket`
unsafe extern "system" fn close(socket: usize) -> i32 {
    table::remove(socket);
    // SAFETY: as the caller's.
    unsafe { original_close()(socket) }
}
