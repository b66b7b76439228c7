//! The protocol of `docs/wire.md` (version 1): paths, bodies, refusals. Nothing else here knows it.

use crate::fault::{Fault, HResult, E_INVALIDARG, RPC_S_PROTOCOL_ERROR, RPC_S_SERVER_UNAVAILABLE};
use crate::http::Connection;
use crate::json::{Json, Object};
use crate::server::{lost, Place};
use crate::session;

/// `ERROR_GRACEFUL_DISCONNECT`, which no service answers: the session is not open any more.
const UNKNOWN_SESSION: HResult = 0x8007_04ca;

/// The services of a host that the DLLs call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// HNS: computenetwork.dll, `HNSCall`.
    Hns,
    /// HCS: vmcompute.dll, computecore.dll, computestorage.dll.
    Hcs,
    /// The rest of Windows: pdh.dll.
    System,
}

impl Service {
    fn segment(self) -> &'static str {
        match self {
            Self::Hns => "hns",
            Self::Hcs => "hcs",
            Self::System => "system",
        }
    }

    /// Carries one call out and gives back the result's JSON text.
    ///
    /// # Errors
    /// The service's own fault, or one of the RPC runtime's where the call did not get through.
    pub fn call(self, function: &str, arguments: Object) -> Result<String, Fault> {
        let place = Place::of_this_process()?;
        self.send(&place, function, &arguments.build(), None)
    }

    /// The same for a call that opens or gives back what this process holds: the server takes it back from a process
    /// that ends without having done so.
    ///
    /// # Errors
    /// As [`Service::call`].
    pub fn call_holding(self, function: &str, arguments: Object) -> Result<String, Fault> {
        let (place, arguments) = (Place::of_this_process()?, arguments.build());
        let name = session::open(&place)?;
        match self.send(&place, function, &arguments, Some(&name)) {
            // The server was started anew. What it refuses it has not done, so it can be asked again.
            Err(fault) if fault.code == UNKNOWN_SESSION => {
                session::forget(&name);
                self.send(&place, function, &arguments, Some(&session::open(&place)?))
            }
            outcome => outcome,
        }
    }

    fn send(
        self,
        place: &Place,
        function: &str,
        arguments: &str,
        session: Option<&str>,
    ) -> Result<String, Fault> {
        let body = Object::new().string("function", function).json("arguments", arguments).build();
        let path = format!("{}/{}", host(place), self.segment());
        let mut headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        if let Some(name) = session {
            headers.push_str(&format!("Winlab-Session: {}\r\n", name));
        }
        let response = place.exchange(&request(place, "POST", &path, &headers, &body))?;
        let text = String::from_utf8(response.body).map_err(|_| Fault::protocol())?;
        outcome(response.status, &text)
    }

    /// A connection on which the service's events come, one JSON object a line, from now on.
    pub(crate) fn events(self) -> Result<Connection, Fault> {
        let place = Place::of_this_process()?;
        let path = format!("{}/{}/events", host(&place), self.segment());
        stream(&place, &request(&place, "GET", &path, "", ""))
    }
}

/// A connection on which a process's output comes, byte by byte. `name` is `stdout` or `stderr`.
pub(crate) fn process_output(system: &str, pid: u32, name: &str) -> Result<Connection, Fault> {
    let place = Place::of_this_process()?;
    let path = process_path(&place, system, pid, name);
    stream(&place, &request(&place, "GET", &path, "", ""))
}

/// A connection that takes a process's input in chunks, until the empty one.
pub(crate) fn process_input(system: &str, pid: u32) -> Result<Connection, Fault> {
    let place = Place::of_this_process()?;
    let path = process_path(&place, system, pid, "stdin");
    let headers = "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n";
    let mut connection = place.connect()?;
    connection.send(&request(&place, "POST", &path, headers, "")).map_err(|error| lost(&error))?;
    Ok(connection)
}

/// A connection that keeps a session of that name open.
pub(crate) fn session(place: &Place, name: &str) -> Result<Connection, Fault> {
    let path = format!("/v1/sessions/{}", segment(name));
    stream(place, &request(place, "POST", &path, "Content-Length: 0\r\n", ""))
}

fn stream(place: &Place, request: &[u8]) -> Result<Connection, Fault> {
    let mut connection = place.connect()?;
    match connection.stream(request).map_err(|error| lost(&error))? {
        None => Ok(connection),
        Some(response) => {
            let text = String::from_utf8(response.body).map_err(|_| Fault::protocol())?;
            Err(outcome(response.status, &text).err().unwrap_or_else(Fault::protocol))
        }
    }
}

fn host(place: &Place) -> String {
    format!("/v1/hosts/{}", segment(&place.host))
}

fn process_path(place: &Place, system: &str, pid: u32, end: &str) -> String {
    format!("{}/hcs/systems/{}/processes/{}/{}", host(place), segment(system), pid, end)
}

/// A request's head and body in one, so that it is one write.
fn request(place: &Place, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let mut request = format!("{} {} HTTP/1.1\r\nHost: {}\r\n{}", method, path, place.server, headers);
    if let Some(token) = &place.token {
        request.push_str(&format!("Authorization: Bearer {}\r\n", token));
    }
    request.push_str("\r\n");
    request.push_str(body);
    request.into_bytes()
}

/// `{"result":…}`, `{"fault":{"code":"0x…","message":"…","record":"…"}}` or a refusal, `{"error":"…","message":"…"}`.
fn outcome(status: u16, body: &str) -> Result<String, Fault> {
    let json = Json::parse(body).ok_or_else(Fault::protocol)?;
    if let Some(result) = json.get("result") {
        return Ok(result.text().to_owned());
    }
    let text = |json: Json<'_>, name: &str| json.get(name).and_then(Json::as_str);
    if let Some(fault) = json.get("fault") {
        let code = text(fault, "code").unwrap_or_default();
        let code = code.strip_prefix("0x").and_then(|digits| HResult::from_str_radix(digits, 16).ok());
        return Err(Fault {
            code: code.ok_or_else(Fault::protocol)?,
            message: text(fault, "message").unwrap_or_default(),
            record: text(fault, "record"),
        });
    }
    let word = text(json, "error").unwrap_or_default();
    let message = text(json, "message").unwrap_or_default();
    Err(Fault::new(refusal(&word), format!("The lab's server answers {} {}: {}.", status, word, message)))
}

/// The RPC runtime's code for a refusal (`winerror.h`).
fn refusal(word: &str) -> HResult {
    match word {
        "bad-request" => E_INVALIDARG,
        "unknown-host" => RPC_S_SERVER_UNAVAILABLE,
        "unknown-service" => 0x8007_06b5,
        "unknown-function" => 0x8007_06d1,
        "unauthorized" => 0x8007_0005,
        "too-busy" => 0x8007_06bb,
        "too-large" => 0x8007_06cf,
        "unknown-session" => UNKNOWN_SESSION,
        _ => RPC_S_PROTOCOL_ERROR,
    }
}

/// A name as a segment of a path.
fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{:02X}", byte)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{outcome, segment};

    #[test]
    fn results_keep_their_text() {
        assert_eq!(outcome(200, r#"{"result":{"Name": "a"}}"#).unwrap(), r#"{"Name": "a"}"#);
        assert_eq!(outcome(200, r#"{"result":null}"#).unwrap(), "null");
    }

    #[test]
    fn faults_and_refusals_have_codes() {
        let body =
            r#"{"fault":{"code":"0x803b0013","message":"The specified port already exists.","record":"{}"}}"#;
        let fault = outcome(200, body).unwrap_err();
        assert_eq!((fault.code, fault.error_record().as_str()), (0x803b_0013, "{}"));
        let fault = outcome(404, r#"{"error":"unknown-host","message":"no host `x`"}"#).unwrap_err();
        assert_eq!(fault.code, 0x8007_06ba);
        assert_eq!(outcome(200, "<html>").unwrap_err().code, 0x8007_06c0);
        assert_eq!(outcome(200, r#"{"fault":{}}"#).unwrap_err().code, 0x8007_06c0);
    }

    #[test]
    fn names_become_segments() {
        assert_eq!(segment("win-1"), "win-1");
        assert_eq!(segment("a b/é"), "a%20b%2F%C3%A9");
    }
}
