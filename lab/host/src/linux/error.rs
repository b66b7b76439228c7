//! errno values.

use std::fmt;

/// An errno value; open: any number is kept, the known ones have names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(
    /// The number.
    pub i32,
);

macro_rules! known {
    ($($name:ident = $value:literal, $text:literal;)*) => {
        impl Errno {
            $( #[doc = $text] pub const $name: Self = Self($value); )*

            /// Its name in `errno.h`, if it is a known one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self.0 { $( $value => Some(stringify!($name)), )* _ => None }
            }

            /// The C library's text for it.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self.0 { $( $value => $text, )* _ => "Unknown error" }
            }
        }
    };
}

known! {
    EPERM = 1, "Operation not permitted";
    ENOENT = 2, "No such file or directory";
    ESRCH = 3, "No such process";
    EIO = 5, "Input/output error";
    EEXIST = 17, "File exists";
    ENODEV = 19, "No such device";
    ENOTDIR = 20, "Not a directory";
    EISDIR = 21, "Is a directory";
    EINVAL = 22, "Invalid argument";
    ENOEXEC = 8, "Exec format error";
    EROFS = 30, "Read-only file system";
    ESHUTDOWN = 108, "Cannot send after transport endpoint shutdown";
    ENOSPC = 28, "No space left on device";
    EOPNOTSUPP = 95, "Operation not supported";
    EADDRNOTAVAIL = 99, "Cannot assign requested address";
    ENETDOWN = 100, "Network is down";
    ENETUNREACH = 101, "Network is unreachable";
    EBUSY = 16, "Device or resource busy";
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

/// A failed call on a Linux host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinuxFault {
    /// The errno value.
    pub errno: Errno,
    /// What the tool prints.
    pub message: String,
}

impl LinuxFault {
    /// A failure with the C library's text.
    #[must_use]
    pub fn new(errno: Errno) -> Self {
        Self { errno, message: errno.text().to_owned() }
    }

    /// A failure whose text says more.
    #[must_use]
    pub fn because(errno: Errno, message: impl Into<String>) -> Self {
        Self { errno, message: message.into() }
    }
}

impl fmt::Display for LinuxFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.message, self.errno)
    }
}

impl std::error::Error for LinuxFault {}
