//! A lab that is up: its folder, and how other terminals ask it.
//!
//! `winlab up` claims a folder below the user's runtime folder, [`Labs`], with the kubeconfig and a Unix socket in it.
//! On the socket it answers [`Question`]s over HTTP/1.1 with JSON (docs/up.md); `winlab hns` and
//! its like are clients of it. The folder goes when the lab ends; what a killed lab left is cleared away by the next one
//! of its name.

#![cfg(unix)]

mod ask;
mod labs;
mod question;
mod server;

pub use ask::{AskError, ask};
pub use labs::{Claim, ClaimError, FindError, Labs};
pub use question::Question;
pub use server::{Answers, Refusal, serve};
