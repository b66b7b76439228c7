//! What a service tells without being asked.

use crate::json::{quoted, Json, Object};

/// One event of HNS or HCS, as its line on the wire says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its kind, by the boundary's word: `NetworkCreate`, `ProcessExited`.
    pub kind: String,
    /// The object of HNS, or the compute system of HCS, that it is about.
    pub object: String,
    /// The process of HCS that it is about; 0 for the system itself.
    pub pid: u32,
    /// How something ended.
    pub status: u32,
    /// Its document, or `null`.
    pub data: String,
}

/// The word for what ends every registration.
pub const SERVICE_DISCONNECT: &str = "ServiceDisconnect";

impl Event {
    /// The event of a line; `None` where the line is none.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let json = Json::parse(line)?;
        let text = |name: &str| json.get(name).and_then(Json::as_str);
        let number = |name: &str| json.get(name).and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok());
        Some(Self {
            kind: text("kind")?,
            object: text("system").or_else(|| text("id")).unwrap_or_default(),
            pid: number("pid").unwrap_or_default(),
            status: number("status").unwrap_or_default(),
            data: json.get("data").map_or("null", Json::text).to_owned(),
        })
    }

    /// The service went away.
    #[must_use]
    pub fn disconnect(status: u32) -> Self {
        Self {
            kind: SERVICE_DISCONNECT.to_owned(),
            object: String::new(),
            pid: 0,
            status,
            data: "null".to_owned(),
        }
    }

    /// HNS's `NotificationBase` (`HNS_Schema.md`); its `Data` is text.
    #[must_use]
    pub fn notification(&self) -> String {
        let base = Object::new().string("ID", &self.object).number("Flags", 0);
        if self.data == "null" { base } else { base.json("Data", &quoted(&self.data)) }.build()
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn lines_of_both_services_are_read() {
        let hcs = r#"{"kind":"ProcessExited","system":"web","pid":4,"status":0,"data":{"ExitCode":7}}"#;
        let event = Event::read(hcs).unwrap();
        assert_eq!((event.object.as_str(), event.pid, event.data.as_str()), ("web", 4, r#"{"ExitCode":7}"#));
        let event = Event::read(r#"{"kind":"NetworkCreate","id":"a-b","data":null}"#).unwrap();
        assert_eq!(event.notification(), r#"{"ID":"a-b","Flags":0}"#);
        assert_eq!(Event::read("{}"), None);
        assert_eq!(Event::read(""), None);
    }
}
