//! A text to its documents, each on its own: one that is broken takes no other with it.
//!
//! Documents are divided by lines that begin with `---`, as kubectl divides them, before anything is parsed.
//! Not its job: finding files (`input`), or what the documents mean (`load`).

/// One document of a text, not parsed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// The document's text.
    pub text: &'a str,
    /// The line on which it begins, from 1.
    pub first_line: u32,
}

/// Divides a text. Chunks that hold nothing but white space and comments are left out.
pub fn chunks(text: &str) -> Vec<Chunk<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut chunks = Vec::new();
    let mut begin = 0;
    let mut first_line = 1;
    let mut offset = 0;
    for (line_number, line) in (1..).zip(text.split_inclusive('\n')) {
        if let Some(rest) = line.strip_prefix("---")
            && (rest.trim_end().is_empty() || rest.starts_with([' ', '\t']))
        {
            push(&mut chunks, text.get(begin..offset), first_line);
            // What follows `---` on its line belongs to the document; the separator itself does not.
            begin = offset + 3;
            first_line = line_number;
        }
        offset += line.len();
    }
    push(&mut chunks, text.get(begin..), first_line);
    chunks
}

fn push<'a>(chunks: &mut Vec<Chunk<'a>>, text: Option<&'a str>, first_line: u32) {
    let Some(text) = text else { return };
    let empty = text.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line == "..."
    });
    if !empty {
        chunks.push(Chunk { text, first_line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divides_and_counts_lines() {
        let text = "# c\n---\na: 1\n--- # second\nb: 2\n---\n# Source: x.yaml\n---\n\n--- {c: 3}\n";
        let found: Vec<_> = chunks(text).iter().map(|c| (c.text.trim(), c.first_line)).collect();
        assert_eq!(found, [("a: 1", 2), ("# second\nb: 2", 4), ("{c: 3}", 10)]);
    }

    #[test]
    fn a_line_of_dashes_is_not_a_separator() {
        assert_eq!(chunks("a: |\n  x\n----\nb: 2\n").len(), 1);
    }
}
