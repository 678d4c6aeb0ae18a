//! Values that no secret could be, whatever their name says. Not its job: what secrets look like (`tokens`).

/// Whether a value is none that a secret could be, whatever its name says: empty, a boolean or a word for nothing, a
/// number of up to four digits, a file's path, a reference to another variable or to a secret store, or encrypted.
pub(crate) fn is_harmless(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || WORDS_WITHOUT_SECRET.contains(&lower.as_str())
        || (value.len() <= 4 && value.bytes().all(|b| b.is_ascii_digit()))
        || refers(value)
        || PLACEHOLDERS.iter().any(|(begin, end)| value.starts_with(begin) && value.ends_with(end))
        || STORES.iter().any(|prefix| value.starts_with(prefix))
        || is_path(value)
}

const WORDS_WITHOUT_SECRET: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "t",
    "f",
    "enabled",
    "disabled",
    "none",
    "null",
    "nil",
    "undefined",
];

/// Begin and end of what a tool or a person still has to fill in.
const PLACEHOLDERS: &[(&str, &str)] = &[("${", "}"), ("{{", "}}"), ("<", ">")];

/// How references to secret stores, and encrypted values, begin.
const STORES: &[&str] = &[
    "vault:",
    ">>vault:",
    "arn:aws",
    "op://",
    "ref+",
    "sm://",
    "projects/",
    "berglas://",
    "@Microsoft.KeyVault(",
    "ENC[",
    "{cipher}",
];

const FILE_ENDINGS: &[&str] = &[
    "json",
    "yaml",
    "yml",
    "toml",
    "xml",
    "ini",
    "cfg",
    "conf",
    "env",
    "properties",
    "txt",
    "token",
    "pem",
    "key",
    "crt",
    "cert",
    "p12",
    "pfx",
    "jks",
    "keystore",
];

/// Whether Kubernetes would put another variable into the value: `$(NAME)`, but not the escaped `$$(NAME)`.
pub(super) fn refers(value: &str) -> bool {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('$') {
        rest = match after.strip_prefix('$') {
            Some(escaped) => escaped,
            None => {
                let name = after.strip_prefix('(').and_then(|name| name.split_once(')'));
                if name.is_some_and(|(name, _)| !name.is_empty()) {
                    return true;
                }
                after
            }
        };
    }
    false
}

/// Whether a value is a file's path. Base64 has slashes as well, so that a relative one must look like nothing else.
fn is_path(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/\\:@~".contains(c);
    if !value.chars().all(plain) {
        return false;
    }
    let mut chars = value.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && matches!(chars.next(), Some('\\' | '/'));
    let rooted = ["/", "./", "../", "~/", "file:"].iter().any(|root| value.starts_with(root));
    let ending = value
        .rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && FILE_ENDINGS.contains(&ending));
    let small = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    drive || rooted || ending || (value.contains('/') && value.split('/').all(small))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_values_are_no_secrets() {
        for value in [
            "",
            "  ",
            "true",
            "False",
            "no",
            "disabled",
            "null",
            "0",
            "3600",
            "$(DB_PASSWORD)",
            "Bearer $(TOKEN)",
            "${DB_PASSWORD}",
            "{{ password }}",
            "<password>",
            "/run/secrets/db",
            "./secret",
            "~/.token",
            "C:\\secrets\\db",
            "credentials.json",
            "secrets/db",
            "secret/data/shop",
            "file:/etc/token",
            "vault:secret/data/db#password",
            "arn:aws:secretsmanager:eu-west-1:1:secret:db",
            "ENC[AES256,data:x]",
        ] {
            assert!(is_harmless(value), "{value}");
        }
        for value in [
            "hunter2",
            "changeme",
            "12345",
            "$$(NAME)",
            "$()",
            "$(",
            "a/B+c=",
            "/ab+c=",
            "Correct/Horse",
            "p@ss",
            "é",
        ] {
            assert!(!is_harmless(value), "{value}");
        }
    }
}
