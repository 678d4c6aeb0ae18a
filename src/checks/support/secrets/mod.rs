//! What gives a secret away: the name of a variable or key, and the shape of a value.
//!
//! Nothing here returns any part of a value, so that no caller can put one into a report.
//! Not its job: verdicts.

mod names;
mod tokens;
mod values;

pub(crate) use names::names_secret;
pub(crate) use tokens::token_shape;
pub(crate) use values::is_harmless;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_can_be_asked_about() {
        for text in ["é://é:é@é", "$", "$$", "://", "@", "-----BEGIN ", "ghp_é", "AKIA", "…"] {
            let _ = (names_secret(text), is_harmless(text), token_shape(text, text));
        }
    }
}
