//! Where output goes.

use std::io::Write;

/// The two streams of the process: data for other programs, talk for people.
pub struct Streams<'a> {
    /// Results and whatever was asked for: standard output.
    pub out: &'a mut (dyn Write + Send),
    /// Progress, hints, errors: standard error.
    pub talk: &'a mut (dyn Write + Send),
}
