//! Names of objects that are made from the names of others.
//!
//! Not its job: what the names are made of.

/// The longest name of an object.
const MAX_NAME: usize = 253;

/// A name as it is, or where it is too long for an object, cut and with a hash of all of it.
pub fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let kept: String = name.chars().take(MAX_NAME - 17).collect();
    // A name may not have a dot or dash before the hash's dash.
    format!("{}-{:016x}", kept.trim_end_matches(['-', '.']), stable_hash(name))
}

/// A hash that is the same in every build: FNV-1a. Names are stored, and Rust's own hasher may give others with the next
/// compiler.
pub fn stable_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_stay_distinct() {
        let name = |last: &str| shortened(&format!("{}{last}", "x".repeat(260)));
        let (a, b) = (name("a"), name("b"));
        assert!(a.len() <= MAX_NAME && b.len() <= MAX_NAME && a != b);
        assert_eq!(shortened("api"), "api");
    }

    #[test]
    fn the_hash_is_the_same_in_every_build() {
        // The published test values of FNV-1a.
        assert_eq!((stable_hash(""), stable_hash("foobar")), (0xcbf2_9ce4_8422_2325, 0x8594_4171_f739_67e8));
    }
}
