//! MAC addresses.

use std::fmt;
use std::str::FromStr;

/// A MAC address. HNS writes it with dashes and upper case; Linux with colons and lower case; both are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(
    /// Its six bytes.
    pub [u8; 6],
);

/// Text that is not a MAC address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a MAC address")]
pub struct MacError;

impl MacAddress {
    /// The address as a number of 48 bits.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }

    /// The address of the low 48 bits of a number.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        let [_, _, bytes @ ..] = bits.to_be_bytes();
        Self(bytes)
    }

    /// As HNS writes it: `00-15-5D-1A-00-01`.
    #[must_use]
    pub fn dashed(self) -> String {
        self.0.map(|byte| format!("{byte:02X}")).join("-")
    }
}

impl fmt::Display for MacAddress {
    /// As Linux and Go write it: `00:15:5d:1a:00:01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl FromStr for MacAddress {
    type Err = MacError;

    fn from_str(text: &str) -> Result<Self, MacError> {
        let mut bytes = [0; 6];
        let mut parts = text.split(['-', ':']);
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2).ok_or(MacError)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| MacError)?;
        }
        if parts.next().is_some() { Err(MacError) } else { Ok(Self(bytes)) }
    }
}

text_field!(MacAddress = "a MAC address");

#[cfg(test)]
mod tests {
    use super::{MacAddress, MacError};

    #[test]
    fn both_spellings() {
        let mac: MacAddress = "00-15-5D-1A-00-01".parse().unwrap();
        assert_eq!(mac.to_string(), "00:15:5d:1a:00:01");
        assert_eq!(mac.to_string().parse(), Ok(mac));
        assert_eq!(mac.dashed(), "00-15-5D-1A-00-01");
        assert_eq!(MacAddress::from_bits(mac.bits()), mac);
        assert_eq!("00-15-5D".parse::<MacAddress>(), Err(MacError));
        assert_eq!("00-15-5D-1A-00-01-02".parse::<MacAddress>(), Err(MacError));
    }
}
