//! Scenario files against the parser: bad ones with their messages, odd ones with their warnings, good ones with what is
//! read from them, damaged ones, and those this repository ships.

mod bad;
mod folder;
mod good;
mod mutations;
mod odd;
mod pages;
mod shipped;
mod summary;
