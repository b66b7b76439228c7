//! Flows: single ones, and tables of them.

mod ask;
mod reach;
mod resolve;
mod walk;

pub(crate) use reach::is_not_asked;
