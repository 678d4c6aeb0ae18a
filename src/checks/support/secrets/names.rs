//! Names that are meant to hold a secret. Not its job: values.

/// Whether a variable or key of this name is meant to hold a secret.
///
/// Its last words decide, as in English: `DB_PASSWORD` is a password, `PASSWORD_FILE` a file and `TOKEN_TTL` a time.
pub(crate) fn names_secret(name: &str) -> bool {
    let words = words(name);
    if words.iter().any(|word| MEASURES.contains(&word.as_str()) || PUBLIC.contains(&word.as_str())) {
        return false;
    }
    let mut words = words.as_slice();
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && is_qualifier(last)
    {
        words = rest;
    }
    let [before @ .., last] = words else { return false };
    let before = before.last().map_or("", String::as_str);
    match last.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "password" | "passwords" | "passwd" | "passphrase" | "pwd" => true,
        "credential" | "credentials" | "creds" => true,
        "pass" => !PASSES.contains(&before),
        "secret" => !NAMES_OF_SECRETS.contains(&before),
        "token" => !MARKS.contains(&before),
        "tokens" => TOKENS.contains(&before),
        "key" | "keys" => KEYS.contains(&before),
        "base" => words.ends_with(&["secret", "key", "base"].map(str::to_owned)),
        "oldpwd" | "nopassword" => false,
        last => JOINED.iter().any(|joined| last.ends_with(joined)),
    }
}

/// Words that make a name one of a quantity, such as the `MAX_TOKEN` of a language model.
const MEASURES: &[&str] = &["max", "min", "num"];

/// Words for keys that are given to everybody.
pub(super) const PUBLIC: &[&str] = &["public", "publishable", "anon"];

/// Before `pass`: no password but a proxy's target, or a round.
const PASSES: &[&str] = &["proxy", "first", "second", "single", "one", "two", "multi"];

/// Before `secret`: the value is the name of a Kubernetes Secret.
const NAMES_OF_SECRETS: &[&str] =
    &["pull", "tls", "existing", "kubernetes", "k8s", "kube", "cert", "certificate", "ca", "helm"];

/// Before `token`: a mark in a text or a list, and no credential.
const MARKS: &[&str] = &[
    "bos",
    "eos",
    "pad",
    "unk",
    "mask",
    "sep",
    "cls",
    "start",
    "stop",
    "end",
    "page",
    "next",
    "continuation",
    "cancellation",
];

/// Before `tokens`, which else are counted.
const TOKENS: &[&str] = &["api", "access", "auth", "bearer", "secret", "service"];

/// Before `key`, which else is one of a cache, a partition or a map.
const KEYS: &[&str] = &[
    "access",
    "account",
    "admin",
    "aes",
    "api",
    "auth",
    "authentication",
    "crypt",
    "crypto",
    "decryption",
    "deploy",
    "encrypt",
    "encryption",
    "fernet",
    "hmac",
    "jwt",
    "license",
    "licence",
    "master",
    "private",
    "secret",
    "shared",
    "signing",
    "ssh",
    "subscription",
];

/// Endings of words that are written without a separator, such as `PGPASSWORD`.
const JOINED: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "apikeys",
    "secretkey",
    "accesskey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "credentials",
];

/// Last words that say which one, and not what it is: `API_KEY_PROD`.
const QUALIFIERS: &[&str] = &[
    "prod",
    "production",
    "prd",
    "stage",
    "staging",
    "stg",
    "dev",
    "development",
    "test",
    "qa",
    "uat",
    "live",
    "old",
    "new",
    "current",
    "previous",
    "primary",
    "secondary",
    "default",
    "value",
    "plain",
    "plaintext",
    "base64",
    "b64",
    "encoded",
];

fn is_qualifier(word: &str) -> bool {
    let number = word.strip_prefix('v').unwrap_or(word);
    QUALIFIERS.contains(&word) || (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The words of `DB_PASSWORD`, `spring.datasource.password`, `dbPassword` and `APIKey`, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let humps = chars.peek().is_some_and(char::is_ascii_lowercase);
        let begins = c.is_ascii_uppercase() && (before.is_ascii_lowercase() || humps);
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_name_decide() {
        for name in [
            "PASSWORD",
            "DB_PASSWORD",
            "db-password",
            "spring.datasource.password",
            "dbPassword",
            "PGPASSWORD",
            "MYSQL_PWD",
            "SMTP_PASS",
            "KEY_PASSPHRASE",
            "DB_PASSWORD_2",
            "DB_PASSWORD2",
            "API_KEY_PROD",
            "API_KEY_V2",
            "API_KEY",
            "APIKEY",
            "APIKey",
            "ApiKey",
            "API_KEYS",
            "STRIPE_SECRET_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY_BASE",
            "CLIENT_SECRET",
            "Auth__ClientSecret",
            "GITHUB_TOKEN",
            "GH_TOKEN",
            "authToken",
            "SSH_PRIVATE_KEY",
            "ENCRYPTION_KEY",
            "GOOGLE_CREDENTIALS",
            "SECRET_BASE64",
            "KAFKA_CREDS",
            "SINGLE_USE_TOKEN",
            "WEBHOOK_SECRET",
            "ACCESS_TOKENS",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "",
            "_",
            "TOKENIZER_PATH",
            "SECRET_NAME",
            "PASSWORD_FILE",
            "TOKEN_TTL",
            "KEY_ID",
            "AWS_ACCESS_KEY_ID",
            "KEY",
            "CACHE_KEY",
            "PARTITION_KEY",
            "PUBLIC_KEY",
            "JWT_PUBLIC_KEY",
            "NEXT_PUBLIC_API_KEY",
            "STRIPE_PUBLISHABLE_KEY",
            "MAX_TOKENS",
            "MAX_NEW_TOKENS",
            "OUTPUT_TOKENS",
            "EOS_TOKEN",
            "NEXT_PAGE_TOKEN",
            "TOKEN_URL",
            "OAUTH_TOKEN_ENDPOINT",
            "PASSWORD_MIN_LENGTH",
            "PASSWORD_POLICY",
            "IMAGE_PULL_SECRET",
            "IMAGE_PULL_SECRETS",
            "TLS_SECRET",
            "SECRETS_DIR",
            "SECRETARY",
            "COMPASS",
            "BYPASS",
            "PROXY_PASS",
            "OLDPWD",
            "TOKENS",
            "KEYSTORE",
            "MONKEY",
            "API_KEY_HEADER",
            "USERNAME",
            "GOOGLE_APPLICATION_CREDENTIALS_FILE",
            "CREDENTIALS_PROVIDER",
            "PASSWORDLESS",
            "V2",
            "PROD",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }
}
