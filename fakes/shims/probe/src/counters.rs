//! pdh.dll as kubelet uses it (`pkg/kubelet/winstats/perfcounters.go`).

use std::ptr::null_mut;

use crate::library::{wide, Library};

type Open = unsafe extern "system" fn(usize, usize, *mut usize) -> u32;
type Add = unsafe extern "system" fn(usize, *const u16, usize, *mut usize) -> u32;
type Collect = unsafe extern "system" fn(usize) -> u32;
type Values = unsafe extern "system" fn(usize, u32, *mut u32, *mut u32, *mut u8) -> u32;

const DOUBLE: u32 = 0x200;

pub(crate) fn run() {
    let dll = Library::load("pdh.dll");
    let (mut query, mut counter, mut none, mut size, mut count) = (0, 0, 0, 0, 0);
    // SAFETY: the types are those of `pdh.h`, the pointers are of this frame.
    unsafe {
        let open: Open = dll.get("PdhOpenQuery");
        let add: Add = dll.get("PdhAddEnglishCounterW");
        let collect: Collect = dll.get("PdhCollectQueryData");
        let values: Values = dll.get("PdhGetFormattedCounterArrayW");
        let close: Collect = dll.get("PdhCloseQuery");
        println!("open {:#x} empty {:#x}", open(0, 0, &mut query), collect(query));
        println!("add {:#x}", add(query, wide(r"\Memory\Committed Bytes").as_ptr(), 0, &mut counter));
        println!("unknown {:#x}", add(query, wide(r"\Memory\Nothing").as_ptr(), 0, &mut none));
        println!("early {:#x}", values(counter, DOUBLE, &mut size, &mut count, null_mut()));
        println!("collect {:#x}", collect(query));
        let code = values(counter, DOUBLE, &mut size, &mut count, null_mut());
        println!("values {:#x} count {}", code, count);
        let mut items = vec![0_u64; size as usize / 8 + 1];
        let code = values(counter, DOUBLE, &mut size, &mut count, items.as_mut_ptr().cast());
        println!("values {:#x} above zero {}", code, f64::from_bits(items[2]) > 0.0);
        println!("close {:#x} twice {:#x}", close(query), close(query));
    }
}
