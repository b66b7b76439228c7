//! Walks through small labs made by hand, and what one broken rule does to them.

mod damage;
mod host_gw;
mod lab;
mod names;
mod overlay;
mod troubles;
