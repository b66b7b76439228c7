//! `winlab limitations`: what a lab does not model, and what happens instead.

use crate::{Exit, Streams};

pub(super) fn run(streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    write!(streams.out, "{}", winlab_engine::limitations())?;
    Ok(Exit::Pass)
}
