//! `backend-data` of the vxlan backend.

use winlab_document::Document;
use winlab_host::MacAddress;

/// A tunnel end: its VXLAN network identifier, and the MAC that frames for its node's pods are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vtep {
    pub(crate) vni: u32,
    /// None until the network is there.
    pub(crate) mac: Option<MacAddress>,
}

impl Vtep {
    /// As Go's encoder writes it: `{"VNI":4096,"VtepMAC":"00:15:5d:0a:00:01"}`.
    pub(crate) fn text(self) -> String {
        let mac = self.mac.map(|mac| mac.to_string()).unwrap_or_default();
        format!(r#"{{"VNI":{},"VtepMAC":"{mac}"}}"#, self.vni)
    }

    /// Reads it; an empty MAC is an error, as for Go's decoder.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let data = Document::parse(text).map_err(|error| error.to_string())?;
        let vni = data.get_ignore_case("VNI").and_then(Document::as_u64).unwrap_or_default();
        let mac = data.get_ignore_case("VtepMAC").and_then(Document::as_str);
        let mac = match mac {
            Some(text) => Some(text.parse().map_err(|_| format!("address {text}: invalid MAC address"))?),
            None => None,
        };
        Ok(Self { vni: u32::try_from(vni).map_err(|error| error.to_string())?, mac })
    }
}

#[cfg(test)]
mod tests {
    use super::Vtep;

    #[test]
    fn written_and_read() {
        let vtep = Vtep { vni: 4096, mac: Some("00-15-5D-0A-00-01".parse().unwrap()) };
        assert_eq!(vtep.text(), r#"{"VNI":4096,"VtepMAC":"00:15:5d:0a:00:01"}"#);
        assert_eq!(Vtep::parse(&vtep.text()), Ok(vtep));
        let early = Vtep { mac: None, ..vtep };
        assert_eq!(early.text(), r#"{"VNI":4096,"VtepMAC":""}"#);
        assert!(Vtep::parse(&early.text()).is_err() && Vtep::parse("null").is_ok_and(|vtep| vtep.vni == 0));
    }
}
