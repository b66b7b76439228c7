//! A reader that goes away: `winlab lint | head` is nobody's mistake, and what was found is the exit code all the same.

use std::io::{self, Write};

/// A stream that writes nothing any more once nobody reads it.
pub(crate) struct Pipe<'a> {
    to: &'a mut (dyn Write + Send),
    closed: bool,
}

impl<'a> Pipe<'a> {
    pub(crate) fn new(to: &'a mut (dyn Write + Send)) -> Self {
        Self { to, closed: false }
    }

    /// `otherwise` where the reader has gone.
    fn unless_closed<T>(&mut self, result: io::Result<T>, otherwise: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(otherwise)
            }
            result => result,
        }
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let written = self.to.write(bytes);
        self.unless_closed(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.to.flush();
        self.unless_closed(flushed, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, Exit, Streams, files, run};

    /// Takes so many bytes and fails in this way then.
    struct Fails(usize, io::ErrorKind);

    impl Write for Fails {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(self.1.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_a_reader_that_went_is_no_error() {
        let mut gone = Fails(3, io::ErrorKind::BrokenPipe);
        assert!(Pipe::new(&mut gone).write_all(b"more than three").is_ok());
        let mut full = Fails(3, io::ErrorKind::StorageFull);
        assert!(Pipe::new(&mut full).write_all(b"more than three").is_err());
    }

    #[test]
    fn the_exit_code_is_that_of_the_findings_whoever_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        files::write(&folder.path().join("scenarios/bad.winlab.yaml"), "winlab: 1\nnmae: b\n").unwrap();
        let environment = Environment { directory: folder.path().to_owned(), ..Environment::default() };
        for command in ["lint", "test"] {
            for readers in [(0, 0), (0, 1 << 20), (1 << 20, 0)] {
                let mut out = Fails(readers.0, io::ErrorKind::BrokenPipe);
                let mut talk = Fails(readers.1, io::ErrorKind::BrokenPipe);
                let mut streams = Streams { out: &mut out, talk: &mut talk };
                let exit = run(["winlab".into(), command.into()], &environment, &mut streams);
                assert_eq!(exit, Exit::Usage, "{command} {readers:?}");
            }
        }
    }
}
