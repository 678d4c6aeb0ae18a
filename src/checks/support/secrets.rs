//! What gives a secret away: the name of a variable or key, and the shape of a value.
//!
//! Nothing here returns any part of a value, so that no caller can put one into a report.
//! Not its job: verdicts.

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

/// What a value looks like, in words such as "a GitHub token"; `name` is the variable's or key's own.
pub(crate) fn token_shape(name: &str, value: &str) -> Option<&'static str> {
    if holds_private_key(value) {
        return Some("a private key");
    }
    if let Some((_, _, what)) =
        TOKEN_PREFIXES.iter().find(|(prefix, least, _)| prefixed(value, prefix, *least))
    {
        return Some(what);
    }
    if holds_aws_key(value) {
        return Some("an AWS access key");
    }
    // What a browser needs is public by design, and says so in its name.
    let public = || words(name).iter().any(|word| PUBLIC.contains(&word.as_str()));
    if runs(value).any(is_google_key) && !public() {
        return Some("a Google API key");
    }
    if runs(value).any(is_json_web_token) && !public() {
        return Some("a JSON web token");
    }
    if holds_url_password(value) {
        return Some("a URL with a password");
    }
    holds_connection_password(value).then_some("a connection string with a password")
}

/// Words that make a name one of a quantity, such as the `MAX_TOKEN` of a language model.
const MEASURES: &[&str] = &["max", "min", "num"];

/// Words for keys that are given to everybody.
const PUBLIC: &[&str] = &["public", "publishable", "anon"];

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

/// How tokens begin, how many characters follow at least, and what they are.
const TOKEN_PREFIXES: &[(&str, usize, &str)] = &[
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghr_", 36, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxa-", 16, "a Slack token"),
    ("xoxb-", 16, "a Slack token"),
    ("xoxe-", 16, "a Slack token"),
    ("xoxp-", 16, "a Slack token"),
    ("xoxr-", 16, "a Slack token"),
    ("xoxs-", 16, "a Slack token"),
    ("xapp-", 16, "a Slack token"),
    ("sk_live_", 16, "a Stripe key"),
    ("rk_live_", 16, "a Stripe key"),
    ("npm_", 36, "an npm token"),
    ("pypi-AgEI", 32, "a PyPI token"),
    ("dckr_pat_", 20, "a Docker Hub token"),
    ("dop_v1_", 64, "a DigitalOcean token"),
    ("hvs.", 24, "a Vault token"),
    ("sk-ant-", 32, "an Anthropic key"),
    ("sk-proj-", 32, "an OpenAI key"),
    ("hf_", 34, "a Hugging Face token"),
    ("GOCSPX-", 24, "a Google client secret"),
    ("shpat_", 32, "a Shopify token"),
    ("AGE-SECRET-KEY-1", 32, "an age key"),
];

/// The words of `DB_PASSWORD`, `spring.datasource.password`, `dbPassword` and `APIKey`, in lower case.
fn words(name: &str) -> Vec<String> {
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

/// Whether Kubernetes would put another variable into the value: `$(NAME)`, but not the escaped `$$(NAME)`.
fn refers(value: &str) -> bool {
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

/// The stretches of a value that a token could be.
fn runs(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
}

/// Whether a text is random enough for a token: `xxxxxxxx` stands for one in an example.
fn is_varied(text: &str) -> bool {
    let mut seen = Vec::new();
    for c in text.chars() {
        if !seen.contains(&c) {
            seen.push(c);
        }
    }
    seen.len() >= 6
}

/// The text after each place where a word of the value begins with `prefix`.
fn after<'v>(value: &'v str, prefix: &'v str) -> impl Iterator<Item = &'v str> {
    value.match_indices(prefix).filter_map(move |(at, _)| {
        let before = value.get(..at)?.chars().next_back();
        let begins = !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if begins { value.get(at..)?.strip_prefix(prefix) } else { None }
    })
}

/// The token characters that a text begins with.
fn head(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

fn prefixed(value: &str, prefix: &str, least: usize) -> bool {
    after(value, prefix).map(head).any(|token| token.len() >= least && is_varied(token))
}

fn holds_aws_key(value: &str) -> bool {
    let is_id = |id: &str| {
        id.len() == 16 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) && is_varied(id)
    };
    ["AKIA", "ASIA"].iter().any(|prefix| after(value, prefix).map(head).any(is_id))
}

fn is_google_key(run: &str) -> bool {
    run.strip_prefix("AIza").is_some_and(|rest| rest.len() == 35 && !rest.contains('.') && is_varied(rest))
}

/// Three parts, of which the first two are JSON objects (`{"` is `eyJ` in base64).
fn is_json_web_token(run: &str) -> bool {
    let mut parts = run.split('.');
    let object = |part: Option<&str>| part.is_some_and(|part| part.starts_with("eyJ") && part.len() >= 12);
    object(parts.next())
        && object(parts.next())
        && parts.next().is_some_and(|signature| signature.len() >= 16 && is_varied(signature))
        && parts.next().is_none()
}

fn holds_private_key(value: &str) -> bool {
    let labels = value.split("-----BEGIN ").skip(1).filter_map(|rest| rest.split_once("-----"));
    labels.map(|(label, _)| label).any(|label| {
        label.len() <= 40 && (label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK"))
    })
}

/// Whether a password is written out: no reference, format, pattern or mask.
fn is_literal(password: &str) -> bool {
    let format = ["%s", "%v", "%d", "%("].iter().any(|format| password.contains(format));
    let mask = password.chars().all(|c| matches!(c, 'x' | 'X' | '.'));
    let pattern = password.contains(['[', ']', '{', '}', '<', '>', '*', '\\', '|', '^']);
    !(password.is_empty() || format || mask || pattern || refers(password))
}

/// `scheme://user:password@host`, `user:password@tcp(host)` and `scheme://host?password=...`.
fn holds_url_password(value: &str) -> bool {
    let written =
        |user_info: &str| user_info.split_once(':').is_some_and(|(_, password)| is_literal(password));
    let ends = |c: char| c.is_whitespace() || "/?#,;\"'`".contains(c);
    let in_authority = value.split("://").skip(1).any(|rest| {
        let authority = rest.split(ends).next().unwrap_or("");
        authority.rsplit_once('@').is_some_and(|(user_info, _)| written(user_info))
    });
    let in_address = value.split_once("@tcp(").is_some_and(|(user_info, _)| {
        !user_info.contains(char::is_whitespace) && !user_info.contains("://") && written(user_info)
    });
    let in_query =
        value.split_once("://").and_then(|(_, rest)| rest.split_once('?')).is_some_and(|(_, query)| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .into_iter()
                .any(|(key, password)| key.eq_ignore_ascii_case("password") && is_literal(password))
        });
    in_authority || in_address || in_query
}

/// `Server=...;Password=...`, as .NET and Azure have it.
fn holds_connection_password(value: &str) -> bool {
    let pairs = || value.split(';').filter_map(|pair| pair.split_once('='));
    pairs().count() > 1
        && pairs().any(|(key, password)| {
            let key = key.trim().to_ascii_lowercase();
            ["password", "pwd", "accountkey", "sharedaccesskey"].contains(&key.as_str())
                && is_literal(password.trim())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something random that is no credential: no scanner of sources finds a token in its parts.
    fn random(length: usize) -> String {
        "q7Zk2Xw9Rb4Tn6Vc8Md1".chars().cycle().take(length).collect()
    }

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

    #[test]
    fn tokens_have_shapes() {
        let shape = |value: &str| token_shape("SETTING", value);
        for (prefix, least, what) in TOKEN_PREFIXES {
            let token = format!("{prefix}{}", random(*least));
            assert_eq!(shape(&token), Some(*what), "{prefix}");
            assert_eq!(shape(&format!("Bearer {token}\n")), Some(*what), "{prefix}");
            assert_eq!(shape(&format!("{prefix}{}", random(least - 1))), None, "{prefix}: too short");
            assert_eq!(shape(&format!("{prefix}{}", "x".repeat(*least))), None, "{prefix}: an example");
            assert_eq!(shape(&format!("a{token}")), None, "{prefix}: within a word");
        }
        let id = random(16).to_ascii_uppercase();
        assert_eq!(shape(&format!("AKIA{id}")), Some("an AWS access key"));
        assert_eq!(shape(&format!("AKIA{id}Q")), None);
        let google = format!("AIza{}", random(35));
        assert_eq!(shape(&google), Some("a Google API key"));
        assert_eq!(token_shape("NEXT_PUBLIC_FIREBASE_KEY", &google), None);
        let jwt = format!("eyJ{}.eyJ{}.{}", random(20), random(40), random(43));
        assert_eq!(shape(&jwt), Some("a JSON web token"));
        assert_eq!(token_shape("SUPABASE_ANON_KEY", &jwt), None);
        assert_eq!(shape("1.2.3"), None);
        for label in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
            let pem = format!("-----BEGIN {label}PRIVATE{} KEY-----\nMII", "");
            assert_eq!(shape(&pem), Some("a private key"));
        }
        assert_eq!(shape("-----BEGIN PUBLIC KEY-----\nMII"), None);
        assert_eq!(shape("-----BEGIN CERTIFICATE-----\nMII"), None);
    }

    #[test]
    fn urls_and_connection_strings_hold_passwords() {
        for value in [
            "postgres://shop:hunter2@db:5432/shop",
            "redis://:hunter2@cache",
            "https://me:hunter2@proxy",
            "mongodb://me:hunter2@a,b",
            "see amqp://guest:guest@mq",
            "me:hunter2@tcp(db:3306)/shop",
            "jdbc:postgresql://db/shop?user=me&password=hunter2",
            "Server=db;User Id=me;Password=hunter2",
            "AccountName=shop;AccountKey=aHVudGVyMg==;",
            "jdbc:sqlserver://db;user=me;password=hunter2",
        ] {
            assert!(token_shape("URL", value).is_some(), "{value}");
        }
        for value in [
            "postgres://db:5432/shop",
            "https://me@host:8080/a:b@c",
            "ssh://git@host:22/x",
            "http://a:80,me@example.com",
            "postgres://shop:$(PASSWORD)@db",
            "postgres://$(USER):${PASSWORD}@db",
            "postgres://me:<password>@db",
            "postgres://me:***@db",
            "postgres://%s:%s@%s",
            "postgres://me:@db",
            "https?://[^:]+:[^@]+@",
            "oci://host:5000/a@sha256:00",
            "$(USER):$(PASSWORD)@tcp(db:3306)/shop",
            "Server=db;Password=$(PASSWORD)",
            "Server=db;Password=",
            "password=hunter2",
            "http://host/?password=",
            "a=1;b=2",
        ] {
            assert_eq!(token_shape("URL", value), None, "{value}");
        }
    }

    #[test]
    fn any_text_can_be_asked_about() {
        for text in ["é://é:é@é", "$", "$$", "://", "@", "-----BEGIN ", "ghp_é", "AKIA", "…"] {
            let _ = (names_secret(text), is_harmless(text), token_shape(text, text));
        }
    }
}
