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
    // One of each in turn, so that both meet the same weather.
    let (mut bares, mut ours) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
    for _ in 0..calls {
        bares.push(time(&mut bare));
        ours.push(time(&mut || call()));
    }
    let (bare, ours) = (median(bares), median(ours));
    println!(
        "bare {} us, call {} us, ratio {:.2}",
        bare.as_micros(),
        ours.as_micros(),
        ours.as_secs_f64() / bare.as_secs_f64()
    );
}

fn time(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
