//! How long a boundary call takes, and a bare exchange of the same size over TCP with the same server.

use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::library::{taken, wide, HResult, Library};

type Enumerate = unsafe extern "system" fn(*const u16, *mut *mut u16, *mut *mut u16) -> HResult;

pub(crate) fn run(calls: usize) {
    let dll = Library::load("computenetwork.dll");
    // SAFETY: the type is that of Microsoft's reference.
    let enumerate: Enumerate = unsafe { dll.get("HcnEnumerateNetworks") };
    let query = wide("{}");
    let call = || {
        let (mut ids, mut record) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the pointers are of this frame.
        let code = unsafe { enumerate(query.as_ptr(), &mut ids, &mut record) };
        assert_eq!((code, taken(record).as_str()), (0, "NULL"), "{}", taken(ids));
    };
    let server = env::var("WINLAB_SERVER").expect("WINLAB_SERVER is set");
    let host = env::var("WINLAB_HOST").expect("WINLAB_HOST is set");
    let body = r#"{"function":"HcnEnumerateNetworks","arguments":{"query_text":"{}"}}"#;
    let request = format!(
        "POST /v1/hosts/{}/hns HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        host, server, body.len(), body
    );
    let mut stream = TcpStream::connect(&server).expect("the server is there");
    stream.set_nodelay(true).expect("a socket option");
    let mut buffer = [0; 4096];
    let mut bare = || {
        stream.write_all(request.as_bytes()).expect("the server is there");
        assert!(stream.read(&mut buffer).expect("the server is there") > 0);
    };
    println!("bare {} us", median(calls, &mut bare).as_micros());
    println!("call {} us", median(calls, &mut || call()).as_micros());
}

fn median(count: usize, work: &mut dyn FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
