//! GUIDs as Windows writes them.

use std::fmt;
use std::str::FromStr;

/// A GUID. Its text form is 36 characters with dashes, lower case, without braces; reading takes either case and
/// braces, as HNS does.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(u128);

/// Text that is not a GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID")]
pub struct GuidError;

impl Guid {
    /// All zero: "no id given".
    pub const NIL: Self = Self(0);

    /// The GUID whose text, read as one hexadecimal number, is `bits`.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Its text, read as one hexadecimal number.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// A version 4 GUID from random bytes.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(bytes);
        Self(bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62)
    }

    /// Whether it is [`Guid::NIL`].
    #[must_use]
    pub const fn is_nil(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Guid {
    /// Lower case; `{:#}` is upper case, which V1 documents of HNS show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        let (a, b, c, d, e) =
            (n >> 96, n >> 80 & 0xffff, n >> 64 & 0xffff, n >> 48 & 0xffff, n & 0xffff_ffff_ffff);
        if f.alternate() {
            write!(f, "{a:08X}-{b:04X}-{c:04X}-{d:04X}-{e:012X}")
        } else {
            write!(f, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
        }
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Guid {
    type Err = GuidError;

    fn from_str(text: &str) -> Result<Self, GuidError> {
        let bare = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        let bytes = bare.as_bytes();
        if bytes.len() != 36 {
            return Err(GuidError);
        }
        let mut bits = 0_u128;
        for (at, byte) in bytes.iter().enumerate() {
            match (at, byte) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return Err(GuidError),
                (_, digit) => {
                    let digit = char::from(*digit).to_digit(16).ok_or(GuidError)?;
                    bits = bits << 4 | u128::from(digit);
                }
            }
        }
        Ok(Self(bits))
    }
}

text_field!(Guid = "a GUID");

impl From<Guid> for winlab_document::Document {
    fn from(guid: Guid) -> Self {
        Self::from(guid.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{Guid, GuidError};

    #[test]
    fn text_forms() {
        let guid: Guid = "F74F241B-440F-4433-BB28-00F89EAD20D8".parse().unwrap();
        assert_eq!(guid.to_string(), "f74f241b-440f-4433-bb28-00f89ead20d8");
        assert_eq!(format!("{guid:#}"), "F74F241B-440F-4433-BB28-00F89EAD20D8");
        assert_eq!("{f74f241b-440f-4433-bb28-00f89ead20d8}".parse(), Ok(guid));
        for bad in ["", "f74f241b440f4433bb2800f89ead20d8", "g74f241b-440f-4433-bb28-00f89ead20d8", "{f74f}"]
        {
            assert_eq!(bad.parse::<Guid>(), Err(GuidError), "{bad}");
        }
    }

    #[test]
    fn random_ones_are_version_4() {
        assert_eq!(Guid::from_random([0xff; 16]).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(Guid::from_random([0; 16]).to_string(), "00000000-0000-4000-8000-000000000000");
    }
}
