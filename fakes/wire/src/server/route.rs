//! Paths.

use http::Method;
use percent_encoding::percent_decode_str;
use winlab_host::compute::OutputStream;

use crate::VERSION;
use crate::refusal::{Refusal, Refused};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// What the server is.
    Server,
    /// Which hosts it answers for.
    Hosts,
    /// Open a session.
    Session {
        /// Its name.
        name: String,
    },
    /// A call.
    Call {
        /// The host.
        host: String,
        /// Its service.
        service: String,
    },
    /// A service's events.
    Events {
        /// The host.
        host: String,
        /// Its service.
        service: String,
    },
    /// What a process writes.
    Output {
        /// The process.
        process: ProcessPath,
        /// Which of its outputs.
        stream: OutputStream,
    },
    /// What a process reads.
    Input {
        /// The process.
        process: ProcessPath,
    },
}

/// A process of a compute system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProcessPath {
    /// The host.
    pub(super) host: String,
    /// The compute system.
    pub(super) system: String,
    /// The process.
    pub(super) pid: u32,
}

/// Reads a request's method and path.
pub(super) fn read(method: &Method, path: &str) -> Result<Route, Refused> {
    let unknown = || Refused::new(Refusal::UnknownPath, format!("no path `{path}`"));
    let segments: Option<Vec<String>> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8().ok().map(Into::into))
        .collect();
    let segments = segments.ok_or_else(unknown)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let text = |text: &&str| (*text).to_owned();
    let (takes, route) = match segments.as_slice() {
        [] | [VERSION] => (Method::GET, Route::Server),
        [version, ..] if *version != VERSION => {
            let message = format!("no version `{version}`: this server speaks {VERSION}");
            return Err(Refused::new(Refusal::UnknownVersion, message));
        }
        [_, "hosts"] => (Method::GET, Route::Hosts),
        [_, "sessions", name] => (Method::POST, Route::Session { name: text(name) }),
        [_, "hosts", host, service] => {
            (Method::POST, Route::Call { host: text(host), service: text(service) })
        }
        [_, "hosts", host, service, "events"] => {
            (Method::GET, Route::Events { host: text(host), service: text(service) })
        }
        [_, "hosts", host, "hcs", "systems", system, "processes", pid, end] => {
            let pid = pid.parse().map_err(|_| unknown())?;
            let process = ProcessPath { host: text(host), system: text(system), pid };
            match *end {
                "stdin" => (Method::POST, Route::Input { process }),
                "stdout" => (Method::GET, Route::Output { process, stream: OutputStream::Stdout }),
                "stderr" => (Method::GET, Route::Output { process, stream: OutputStream::Stderr }),
                _ => return Err(unknown()),
            }
        }
        _ => return Err(unknown()),
    };
    if *method != takes {
        return Err(Refused::wrong_method(takes));
    }
    Ok(route)
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{ProcessPath, Route, read};
    use crate::refusal::Refusal;

    #[test]
    fn segments_are_decoded() {
        let process = ProcessPath { host: "win 1".into(), system: "pod@vm/x".into(), pid: 7 };
        let path = "/v1/hosts/win%201/hcs/systems/pod%40vm%2Fx/processes/7/stdin";
        assert_eq!(read(&Method::POST, path), Ok(Route::Input { process }));
    }

    #[test]
    fn what_is_not_there_is_refused() {
        for (method, path, expected) in [
            (Method::GET, "/v2/hosts", Refusal::UnknownVersion),
            (Method::GET, "/v1/host", Refusal::UnknownPath),
            (Method::GET, "/v1/hosts/%ff/hns/events", Refusal::UnknownPath),
            (Method::GET, "/v1/hosts/a/hcs/systems/s/processes/x/stdout", Refusal::UnknownPath),
            (Method::GET, "/v1/hosts/a/hcs/systems/s/processes/1/log", Refusal::UnknownPath),
            (Method::GET, "/v1/hosts/a/hns", Refusal::WrongMethod),
            (Method::POST, "/v1/hosts", Refusal::WrongMethod),
        ] {
            assert_eq!(read(&method, path).map_err(|refused| refused.refusal), Err(expected), "{path}");
        }
    }
}
