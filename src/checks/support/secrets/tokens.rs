//! What known tokens look like. Nothing here returns any part of a value.

use super::names::{PUBLIC, words};
use super::values::refers;

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
}
