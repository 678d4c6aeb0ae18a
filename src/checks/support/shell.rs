//! Commands that are handed to a shell: which words are the script, and where its commands begin.
//!
//! Not a shell: quotes, comments and separators are told apart, nothing is expanded.

const SHELLS: [&str; 8] = ["sh", "bash", "ash", "dash", "ksh", "mksh", "zsh", "busybox"];

/// The name of a program without its folder.
pub(crate) fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether a program is a shell. busybox is both a shell and what it is told to be.
pub(crate) fn is_shell(program: &str) -> bool {
    SHELLS.contains(&base(program))
}

/// The script of `sh -c 'script'`; `None` when no shell is called, or it is given a file.
pub(crate) fn script<'a>(words: &[&'a str]) -> Option<&'a str> {
    let (program, arguments) = words.split_first()?;
    if !is_shell(program) {
        return None;
    }
    let takes_command = |word: &&str| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    let mut rest = arguments.iter().skip_while(|word| !takes_command(word));
    rest.next()?;
    rest.next().copied()
}

/// The simple commands of a script, each with its words as they are without quotes; words of the language that
/// stand before a command (`then`, `do`, `{`) are left out.
pub(crate) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut reader = Reader::default();
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        match (reader.quote, c) {
            (Some(quote), _) if c == quote => reader.quote = None,
            (Some('"'), '\\') | (None, '\\') => match chars.next() {
                // A line that goes on in the next.
                Some('\n') | None => {}
                Some(escaped) => reader.push(escaped),
            },
            (Some(_), _) => reader.push(c),
            (None, '\'' | '"') => {
                reader.quote = Some(c);
                reader.word.get_or_insert_default();
            }
            (None, '#') if reader.word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            // `2>&1` and `&>file` are redirections and separate nothing.
            (None, '&') if reader.ends_in_redirection() || chars.peek() == Some(&'>') => reader.push(c),
            (None, ';' | '&' | '|' | '\n' | '(' | ')') => reader.end_command(),
            (None, _) if c.is_whitespace() => reader.end_word(),
            (None, _) => reader.push(c),
        }
    }
    reader.end_command();
    reader.commands
}

#[derive(Default)]
struct Reader {
    commands: Vec<Vec<String>>,
    words: Vec<String>,
    word: Option<String>,
    quote: Option<char>,
}

const LEADING: [&str; 10] = ["if", "then", "elif", "else", "while", "until", "do", "{", "!", "time"];

impl Reader {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn ends_in_redirection(&self) -> bool {
        self.word.as_ref().is_some_and(|word| word.ends_with(['>', '<']))
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if !(self.words.is_empty() && LEADING.contains(&word.as_str())) {
            self.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_script() {
        assert_eq!(script(&["sh", "-c", "a b"]), Some("a b"));
        assert_eq!(script(&["/bin/bash", "-o", "pipefail", "-exc", "a"]), Some("a"));
        assert_eq!(script(&["busybox", "sh", "-c", "a"]), Some("a"));
        assert_eq!(script(&["bash", "--rcfile", "-c", "a"]), Some("a"));
        for none in [&["sh", "/start.sh"][..], &["sh"], &["sh", "-c"], &["node", "-c", "x"], &[]] {
            assert_eq!(script(none), None, "{none:?}");
        }
    }

    #[test]
    fn tells_commands_apart() {
        for (text, expected) in [
            ("a b; c && d || e | f & g", "a b/c/d/e/f/g"),
            ("if test -f x; then exec y; fi", "test -f x/exec y/fi"),
            ("echo 'a; exec b' \"c; d\"", "echo a; exec b c; d"),
            ("a # exec b\nc#d", "a/c#d"),
            ("exec 2>&1; a &> /log", "exec 2>&1/a &> /log"),
            ("a \\\n  b\n\n( c )\n{ d; }", "a b/c/d/}"),
            ("echo \"un", "echo un"),
            ("", ""),
        ] {
            let found: Vec<String> = commands(text).iter().map(|words| words.join(" ")).collect();
            assert_eq!(found.join("/"), expected, "{text}");
        }
    }
}
