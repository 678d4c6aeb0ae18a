//! Names as the API server wants them.

/// Whether it is an RFC 1123 label: what names containers and most other things.
pub(crate) fn is_label(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 63
        && name.starts_with(letter)
        && name.ends_with(letter)
        && name.chars().all(|c| letter(c) || c == '-')
}

/// Whether it is an IANA service name: what names ports.
pub(crate) fn is_port_name(name: &str) -> bool {
    let has_letter = name.chars().any(|c| c.is_ascii_lowercase());
    is_label(name) && name.len() <= 15 && has_letter && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_lower_case_and_begin_and_end_with_a_letter_or_digit() {
        assert!(is_label("api") && is_label("0-a") && is_label("a"));
        for bad in ["", "Api", "a_b", "-a", "a-", "a.b", &"a".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
    }

    #[test]
    fn port_names_are_short_and_have_a_letter() {
        assert!(is_port_name("http") && is_port_name("8080-tcp"));
        for bad in ["8080", "http--admin", "metrics-endpoint", "HTTP", ""] {
            assert!(!is_port_name(bad), "{bad}");
        }
    }
}
