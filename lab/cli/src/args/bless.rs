//! `winlab bless`.

use std::num::NonZeroUsize;

use clap::Args;

use super::Selection;

/// The arguments of `winlab bless`.
#[derive(Clone, Debug, Default, Args)]
pub struct Bless {
    /// Which cases.
    #[command(flatten)]
    pub selection: Selection,
    /// Where all randomness comes from [default: what the file says, or 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many cases run at the same time [default: one per processor]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Print what would be changed, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}
