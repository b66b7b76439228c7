//! Another DLL's export table, rewritten in memory: functions are replaced, and functions are added.
//!
//! A new table is put above the module, within the 4 GiB that its offsets reach: the directory, its three arrays, the
//! names of added functions, the texts of forwarded ones (the loader knows those by their lying inside the directory),
//! and last a jump for each of our functions. Then the module's header is made to point to it. (Microsoft's PE
//! reference, "The .edata Section".)

use core::ptr::{copy_nonoverlapping, null_mut};

use crate::win32::{VirtualAlloc, VirtualProtect};

/// A function of ours under the name it is exported by.
pub(crate) struct Export {
    /// The name, with its NUL.
    pub(crate) name: &'static [u8],
    /// The function.
    pub(crate) function: usize,
}

/// `IMAGE_EXPORT_DIRECTORY`
#[derive(Clone, Copy)]
#[repr(C)]
struct Directory {
    characteristics: u32,
    time: u32,
    version: u32,
    name: u32,
    base: u32,
    functions: u32,
    names: u32,
    function_offsets: u32,
    name_offsets: u32,
    ordinals: u32,
}

const DIRECTORY: usize = core::mem::size_of::<Directory>();
/// `mov rax, imm64; jmp rax`, rounded up.
const JUMP: usize = 16;
const READ_WRITE: u32 = 0x04;
const EXECUTE_READ_WRITE: u32 = 0x40;
const RESERVE_AND_COMMIT: u32 = 0x3000;
const GRANULARITY: usize = 0x1_0000;
const REACH: usize = 0x7fff_0000;

/// Gives a module the exports. Where its memory or its form does not allow that, it is left as it is.
///
/// # Safety
/// `module` is a mapped 64-bit PE image, and the loader's lock is held.
pub(crate) unsafe fn extend(module: *mut u8, exports: &[Export]) -> bool {
    // SAFETY: as this function's: a mapped image has its headers, and its directory where they say.
    unsafe {
        let entry = match directory_entry(module) {
            Some(entry) => entry,
            None => return false,
        };
        let old = Old { module, offset: entry.read(), size: entry.add(1).read() };
        let room = old.size as usize + DIRECTORY + exports.len() * (JUMP + 4 + 4 + 2 + 64) + 64;
        let memory = allocate_above(module, old.image_size(), old.table_size() + room);
        if memory.is_null() {
            return false;
        }
        let size = old.rewrite(memory, exports);
        let mut protection = 0;
        if VirtualProtect(entry.cast(), 8, READ_WRITE, &mut protection) == 0 {
            return false;
        }
        entry.write(offset(module, memory));
        entry.add(1).write(size);
        VirtualProtect(entry.cast(), 8, protection, &mut protection);
        true
    }
}

/// Where the header says where the export directory is.
///
/// # Safety
/// As [`extend`]'s.
unsafe fn directory_entry(module: *mut u8) -> Option<*mut u32> {
    const PE32_PLUS: u16 = 0x20b;
    // SAFETY: as this function's.
    unsafe {
        let headers = module.add(module.add(0x3c).cast::<u32>().read() as usize);
        let optional = headers.add(24);
        let entry = optional.add(112).cast::<u32>();
        (optional.cast::<u16>().read() == PE32_PLUS && entry.read() != 0).then(|| entry)
    }
}

/// # Safety
/// Nothing: the addresses are asked for, not touched.
unsafe fn allocate_above(module: *mut u8, image: usize, size: usize) -> *mut u8 {
    let start = (module as usize + image + GRANULARITY - 1) & !(GRANULARITY - 1);
    let mut at = start;
    while at - start < REACH {
        // SAFETY: asking for memory at an address that is taken fails.
        let memory = unsafe { VirtualAlloc(at as *mut u8, size, RESERVE_AND_COMMIT, EXECUTE_READ_WRITE) };
        if !memory.is_null() {
            return memory;
        }
        at += GRANULARITY;
    }
    null_mut()
}

fn offset(module: *mut u8, address: *const u8) -> u32 {
    (address as usize - module as usize) as u32
}

/// The table as it is.
struct Old {
    module: *mut u8,
    offset: u32,
    size: u32,
}

impl Old {
    unsafe fn image_size(&self) -> usize {
        // SAFETY: as `extend`'s.
        unsafe {
            let headers = self.module.add(self.module.add(0x3c).cast::<u32>().read() as usize);
            headers.add(24 + 56).cast::<u32>().read() as usize
        }
    }

    unsafe fn directory(&self) -> Directory {
        // SAFETY: as `extend`'s.
        unsafe { self.module.add(self.offset as usize).cast::<Directory>().read_unaligned() }
    }

    unsafe fn table_size(&self) -> usize {
        // SAFETY: as `extend`'s.
        let directory = unsafe { self.directory() };
        directory.functions as usize * 4 + directory.names as usize * 6
    }

    unsafe fn at<T>(&self, offset: u32) -> *mut T {
        // SAFETY: as `extend`'s: offsets of the table are in the image.
        unsafe { self.module.add(offset as usize).cast() }
    }

    /// Writes the new table to `memory` and gives back the directory's size, in which the jumps are not.
    unsafe fn rewrite(&self, memory: *mut u8, exports: &[Export]) -> u32 {
        // SAFETY: `extend` has made room for the old arrays, the new entries, every text and every jump.
        unsafe {
            let old = self.directory();
            let functions = memory.add(DIRECTORY).cast::<u32>();
            let names = functions.add(old.functions as usize + exports.len());
            let ordinals = names.add(old.names as usize + exports.len()).cast::<u16>();
            let mut text = ordinals.add(old.names as usize + exports.len()).cast::<u8>();
            copy_nonoverlapping(self.at::<u32>(old.function_offsets), functions, old.functions as usize);
            copy_nonoverlapping(self.at::<u32>(old.name_offsets), names, old.names as usize);
            copy_nonoverlapping(self.at::<u16>(old.ordinals), ordinals, old.names as usize);
            for index in 0..old.functions as usize {
                let forward = functions.add(index).read();
                if forward >= self.offset && forward < self.offset + self.size {
                    functions.add(index).write(offset(self.module, text));
                    text = copy_text(self.at(forward), text);
                }
            }
            let mut table = Table { module: self.module, names, ordinals, count: old };
            let slots = table.place(exports, &mut text);
            let size = (text as usize - memory as usize) as u32;
            let mut jump = ((text as usize + JUMP - 1) & !(JUMP - 1)) as *mut u8;
            for (export, slot) in exports.iter().zip(slots) {
                copy_nonoverlapping([0x48, 0xb8].as_ptr(), jump, 2);
                jump.add(2).cast::<usize>().write_unaligned(export.function);
                copy_nonoverlapping([0xff, 0xe0].as_ptr(), jump.add(10), 2);
                functions.add(slot).write(offset(self.module, jump));
                jump = jump.add(JUMP);
            }
            let mut new = table.count;
            new.function_offsets = offset(self.module, functions.cast());
            new.name_offsets = offset(self.module, names.cast());
            new.ordinals = offset(self.module, ordinals.cast());
            memory.cast::<Directory>().write(new);
            size
        }
    }
}

/// The most functions of ours in one table.
const MOST: usize = 16;

/// The table that is being made.
struct Table {
    module: *mut u8,
    names: *mut u32,
    ordinals: *mut u16,
    count: Directory,
}

impl Table {
    /// The slot of each export's function: the one its name has, or a new one under its name.
    unsafe fn place(&mut self, exports: &[Export], text: &mut *mut u8) -> [usize; MOST] {
        let mut slots = [0; MOST];
        for (export, slot) in exports.iter().zip(&mut slots) {
            // SAFETY: names end in NUL; there is room for every export.
            unsafe {
                let at = self.find(export.name);
                let known = (at < self.count.names as usize).then(|| self.names.add(at).read());
                if known.map_or(false, |name| self.compare(name, export.name) == 0) {
                    *slot = self.ordinals.add(at).read().into();
                    continue;
                }
                let after = self.count.names as usize - at;
                core::ptr::copy(self.names.add(at), self.names.add(at + 1), after);
                core::ptr::copy(self.ordinals.add(at), self.ordinals.add(at + 1), after);
                self.names.add(at).write(offset(self.module, *text));
                self.ordinals.add(at).write(self.count.functions as u16);
                *slot = self.count.functions as usize;
                *text = copy_text(export.name.as_ptr(), *text);
                self.count.names += 1;
                self.count.functions += 1;
            }
        }
        slots
    }

    /// Where the name is, or would be: names are in the order of their bytes.
    unsafe fn find(&self, name: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.count.names as usize);
        while low < high {
            let middle = (low + high) / 2;
            // SAFETY: `middle` is below the count.
            if unsafe { self.compare(self.names.add(middle).read(), name) } < 0 {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// As C's `strcmp`.
    unsafe fn compare(&self, offset: u32, name: &[u8]) -> i32 {
        // SAFETY: both end in NUL.
        let known = unsafe { self.module.add(offset as usize) };
        for (index, byte) in name.iter().enumerate() {
            // SAFETY: not past the NUL: a difference ends the loop there at the latest.
            let other = unsafe { known.add(index).read() };
            if other != *byte {
                return i32::from(other) - i32::from(*byte);
            }
        }
        0
    }
}

/// Copies a text with its NUL and gives back the place after it.
unsafe fn copy_text(from: *const u8, to: *mut u8) -> *mut u8 {
    let mut length = 0;
    // SAFETY: the text ends in NUL, and there is room for it.
    unsafe {
        loop {
            let byte = from.add(length).read();
            to.add(length).write(byte);
            length += 1;
            if byte == 0 {
                return to.add(length);
            }
        }
    }
}
