//! What the Wine runner gives a program: arguments, folder, environment, time, network, and a way to be told to end.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{env, thread};

type Handler = extern "system" fn(u32) -> i32;

#[link(name = "kernel32")]
extern "system" {
    fn SetConsoleCtrlHandler(handler: Handler, add: i32) -> i32;
}

/// No event yet.
const NONE: u32 = u32::MAX;

static EVENT: AtomicU32 = AtomicU32::new(NONE);

extern "system" fn note(event: u32) -> i32 {
    EVENT.store(event, Ordering::SeqCst);
    1
}

/// Prints the arguments, each on a line between marks.
pub(crate) fn arguments(arguments: &[String]) {
    for argument in arguments {
        println!("<{}>", argument);
    }
}

/// Prints where it runs and what of its environment is named.
pub(crate) fn surroundings(names: &[String]) {
    println!("folder {}", env::current_dir().map_or_else(|e| e.to_string(), |at| at.display().to_string()));
    for name in names {
        println!("{} {}", name, env::var(name).unwrap_or_else(|_| "unset".to_owned()));
    }
    eprintln!("and this on standard error");
}

/// Runs until it is told to end, and then ends (`obeys`) or goes on.
pub(crate) fn wait(obeys: bool) {
    // SAFETY: the handler is a function that lives for ever.
    let added = unsafe { SetConsoleCtrlHandler(note, 1) };
    println!("waiting {}", added);
    let _ = io::stdout().flush();
    let mut told = NONE;
    loop {
        let event = EVENT.load(Ordering::SeqCst);
        if event != told {
            println!("event {}", event);
            let _ = io::stdout().flush();
            told = event;
            if obeys {
                return;
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Sleeps, and prints the date before it and how long it took by both clocks.
pub(crate) fn sleep(seconds: u64) {
    let since_1970 = || {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    };
    let (date, start) = (since_1970(), Instant::now());
    thread::sleep(Duration::from_secs(seconds));
    println!("{} {} {}", date, start.elapsed().as_secs(), since_1970() - date);
}

/// Connects, and says from which address.
pub(crate) fn connect(to: &str) {
    let connected = to
        .parse::<SocketAddr>()
        .map_err(|error| error.to_string())
        .and_then(|to| TcpStream::connect(to).map_err(|error| error.to_string()));
    match connected.and_then(|stream| stream.local_addr().map_err(|error| error.to_string())) {
        Ok(from) => println!("connected from {}", from.ip()),
        Err(error) => println!("{}", error),
    }
}
