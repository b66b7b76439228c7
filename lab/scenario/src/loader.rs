//! How a scenario's other files are read.

use std::fmt;

/// A file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// Whether it is simply not there.
    pub not_found: bool,
    /// The reason in words.
    pub reason: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for LoadError {}

/// Reads the files a scenario names. Paths are relative to the scenario's folder, with `/` between their parts.
pub trait Loader {
    /// The text of a file.
    ///
    /// # Errors
    /// [`LoadError`] if it is not there or is not text.
    fn load(&self, path: &str) -> Result<String, LoadError>;

    /// Names of the files in a folder, for "did you mean"; empty if it is not there.
    fn list(&self, folder: &str) -> Vec<String>;
}

/// A folder without files.
#[cfg(test)]
pub(crate) struct NoFiles;

#[cfg(test)]
impl Loader for NoFiles {
    fn load(&self, _: &str) -> Result<String, LoadError> {
        Err(LoadError { not_found: true, reason: "there are no files".to_owned() })
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}
