//! GUIDs as Windows passes them.

use std::fmt;
use std::str::FromStr;

/// A GUID in memory: three little-endian numbers and eight bytes (`guiddef.h`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(C)]
pub struct Guid {
    data1: u32,
    data2: u16,
    data3: u16,
    data4: [u8; 8],
}

impl fmt::Display for Guid {
    /// 36 characters, lower case, without braces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{:04x}-{:04x}-", self.data1, self.data2, self.data3)?;
        for (index, byte) in self.data4.iter().enumerate() {
            write!(f, "{}{:02x}", if index == 2 { "-" } else { "" }, byte)?;
        }
        Ok(())
    }
}

impl FromStr for Guid {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let dashes = [8, 13, 18, 23].iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        if text.len() != 36 || digits.len() != 32 || !dashes {
            return Err(());
        }
        let bits = u128::from_str_radix(&digits, 16).map_err(drop)?;
        let bytes = bits.to_be_bytes();
        let mut data4 = [0; 8];
        data4.copy_from_slice(&bytes[8..]);
        Ok(Self {
            data1: u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            data2: u16::from_be_bytes([bytes[4], bytes[5]]),
            data3: u16::from_be_bytes([bytes[6], bytes[7]]),
            data4,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Guid;

    #[test]
    fn text_and_memory_agree() {
        let text = "f74f241b-440f-4433-bb28-00f89ead20d8";
        let guid: Guid = text.to_uppercase().parse().unwrap();
        assert_eq!(guid.to_string(), text);
        // SAFETY: a `Guid` is 16 bytes without padding.
        let bytes: [u8; 16] = unsafe { std::mem::transmute(guid) };
        assert_eq!(bytes[..8], [0x1b, 0x24, 0x4f, 0xf7, 0x0f, 0x44, 0x33, 0x44]);
        assert!("{f74f241b-440f-4433-bb28-00f89ead20d8}".parse::<Guid>().is_err());
        assert!("".parse::<Guid>().is_err());
    }
}
