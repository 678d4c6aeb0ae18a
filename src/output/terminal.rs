//! What goes to a terminal: colours, and texts that cannot command it.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};

use crate::api::Severity;

/// A text without characters that move the cursor, change colours, ring or reverse the direction of writing.
pub fn clean(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    // Nearly every text is plain: all of it is looked at without a branch for each byte.
    let odd = text.bytes().fold(false, |odd, byte| odd | !(b' '..=b'~').contains(&byte));
    if !odd || !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// How a part of the output looks on a terminal.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// A severity.
    Severity(Severity),
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// Neither.
    Unsure,
    /// What names the subject.
    Heading,
    /// What is there to be looked up.
    Dim,
}

impl Style {
    fn ansi(self) -> Ansi {
        let colour = |c: AnsiColor| Ansi::new().fg_color(Some(c.into()));
        match self {
            Self::Severity(Severity::Critical) => colour(AnsiColor::Red).bold(),
            Self::Severity(Severity::High) | Self::Bad => colour(AnsiColor::Red),
            Self::Severity(Severity::Medium) | Self::Unsure => colour(AnsiColor::Yellow),
            Self::Severity(Severity::Low | Severity::Info) => colour(AnsiColor::Cyan),
            Self::Good => colour(AnsiColor::Green),
            Self::Heading => Ansi::new().bold(),
            Self::Dim => Ansi::new().dimmed(),
        }
    }

    /// Writes a text in this style, or plainly where no colour is wanted.
    pub(super) fn write(self, out: &mut String, colour: bool, text: impl fmt::Display) {
        // Writing to a String cannot fail.
        let _ = match (colour, self.ansi()) {
            (true, ansi) => write!(out, "{ansi}{text}{ansi:#}"),
            (false, _) => write!(out, "{text}"),
        };
    }

    /// The text in this style. The stream that it is written to drops the colours where there is no terminal.
    pub fn paint(self, text: impl fmt::Display) -> String {
        let ansi = self.ansi();
        format!("{ansi}{text}{ansi:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\n"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
        assert_eq!(clean("größe 日本"), "größe 日本");
    }
}
