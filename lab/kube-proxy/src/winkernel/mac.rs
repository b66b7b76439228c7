//! MACs of remote endpoints.

use std::net::IpAddr;

/// `conjureMac`: a MAC made from the address. It is never on the wire; HNS wants one that differs per endpoint.
pub(super) fn conjure_mac(prefix: &str, address: IpAddr) -> String {
    let [a, b, c, d] = match address {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(address) => {
            let octets = address.octets();
            [octets[15], octets[14], octets[13], octets[12]]
        }
    };
    format!("{prefix}-{a:02x}-{b:02x}-{c:02x}-{d:02x}")
}

#[cfg(test)]
mod tests {
    use super::conjure_mac;

    #[test]
    fn made_from_the_address() {
        assert_eq!(conjure_mac("02-11", [10, 244, 1, 5].into()), "02-11-0a-f4-01-05");
        let v6 = "fd00::1:203".parse().unwrap();
        assert_eq!(conjure_mac("02-11", v6), "02-11-03-02-01-00");
    }
}
