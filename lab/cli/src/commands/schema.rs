//! `winlab schema`: the JSON Schema of scenario files, for editors.

use crate::{Exit, Streams};

pub(super) fn run(streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    writeln!(streams.out, "{}", winlab_scenario::json_schema().to_pretty().trim_end())?;
    Ok(Exit::Pass)
}
