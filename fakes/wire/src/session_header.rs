//! The header by which a call says whose it is.

/// Names the session that holds what the call opens.
pub(crate) const SESSION: &str = "winlab-session";
