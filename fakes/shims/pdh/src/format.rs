//! Values in the forms a client can ask for (`pdh.h`).

use crate::{Status, INVALID_ARGUMENT};

const LONG: u32 = 0x100;
const DOUBLE: u32 = 0x200;
const LARGE: u32 = 0x400;

/// `PDH_FMT_COUNTERVALUE`: a status, and eight bytes that are a double, a 64-bit or a 32-bit number.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct CounterValue {
    status: u32,
    bits: u64,
}

/// `PDH_FMT_COUNTERVALUE_ITEM_W`
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct CounterItem {
    /// The instance's name, in the same buffer.
    pub(crate) name: *mut u16,
    /// Its value.
    pub(crate) value: CounterValue,
}

impl CounterValue {
    /// A number in the wanted form.
    pub(crate) fn new(format: u32, number: f64) -> Result<Self, Status> {
        let bits = match format & (LONG | DOUBLE | LARGE) {
            DOUBLE => number.to_bits(),
            // What does not fit becomes the nearest that does.
            LARGE => u64::from_ne_bytes((number as i64).to_ne_bytes()),
            LONG => u32::from_ne_bytes((number as i32).to_ne_bytes()).into(),
            _ => return Err(INVALID_ARGUMENT),
        };
        Ok(Self { status: 0, bits })
    }
}
