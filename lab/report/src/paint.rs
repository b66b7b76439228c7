//! How a renderer looks: colour, width, how much it says.

use std::fmt::Display;

use owo_colors::{OwoColorize, Style};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Failures and the summary.
    Quiet,
    /// A line per case, failures, the summary.
    #[default]
    Normal,
    /// The steps of each case as well, and evidence without clipping.
    Verbose,
}

/// How text is to look. Values, since only the command line knows the terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Whether colour may be used. Nothing is told by colour alone.
    pub colour: bool,
    /// The terminal's width in columns; `None` when there is no terminal: nothing is clipped then.
    pub width: Option<usize>,
    /// How much is said.
    pub verbosity: Verbosity,
}

/// The meaning of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Odd,
    Faint,
    Strong,
    Place,
}

impl Look {
    /// Without colour and clipping: for files.
    pub(crate) fn plain() -> Self {
        Self { colour: false, width: None, verbosity: Verbosity::Normal }
    }

    /// The width to clip at; verbose output is never clipped.
    pub(crate) fn clip_width(&self) -> Option<usize> {
        self.width.filter(|_| self.verbosity < Verbosity::Verbose)
    }

    /// `text` in the colour of its meaning.
    pub(crate) fn paint(&self, tone: Tone, text: impl Display) -> String {
        let text = text.to_string();
        if !self.colour {
            return text;
        }
        let style = match tone {
            Tone::Good => Style::new().green().bold(),
            Tone::Bad => Style::new().red().bold(),
            Tone::Odd => Style::new().yellow().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Strong => Style::new().bold(),
            Tone::Place => Style::new().cyan(),
        };
        text.style(style).to_string()
    }
}
