//! Names: what the engine accepts, what a learner reads, and the opaque suffix that keeps scopes apart.

use crate::error::Fault;
use sha2::{Digest, Sha256};
use std::io::Read;

/// Letters of a suffix: the engine lower-cases host names, so only lower case and digits.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Text that nobody can guess, `length` letters of five bits each.
pub(crate) fn random(length: usize) -> String {
    let mut bytes = vec![0u8; length];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        // Without the kernel's random numbers, the process's own hash keys are what is left.
        use std::hash::{BuildHasher, Hasher};
        for byte in &mut bytes {
            *byte = std::collections::hash_map::RandomState::new()
                .build_hasher()
                .finish() as u8;
        }
    }
    bytes
        .iter()
        .map(|byte| ALPHABET[usize::from(byte & 31)] as char)
        .collect()
}

/// The name under which the engine knows an object that its owner calls `bare`.
pub(crate) fn real(bare: &str) -> String {
    format!("{bare}.{}", random(10))
}

/// Whether the engine takes this as the name of a container, network or volume.
pub(crate) fn is_valid(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && name.len() >= 2
        && name.len() <= 200
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// Why the engine would not take this as the name of a volume.
pub(crate) fn check_volume(name: &str) -> Result<(), Fault> {
    if name.len() == 1 {
        return Err(Fault::bad(format!(
            "create {name}: volume name is too short, names should be at least two alphanumeric characters"
        )));
    }
    if is_valid(name) {
        return Ok(());
    }
    Err(Fault::bad(format!(
        "create {name}: \"{name}\" includes invalid characters for a local volume name, only \
         \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
    )))
}

/// Whether this is a full identifier of the engine.
pub(crate) fn is_full_id(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

/// Whether the text could be the beginning of an identifier.
pub(crate) fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The first twelve letters of an identifier, as the command line shows them.
pub(crate) fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..12).unwrap_or(id)
}

/// The repository under which a scope's images are kept on the engine; it tells whose they are.
pub(crate) fn keep_repository(instance: &str, scope: &str) -> String {
    format!("docktutor-{}/{scope}", tag_safe(instance))
}

/// The instance, where it can stand in a repository's name; else a short hash of it.
fn tag_safe(instance: &str) -> String {
    let plain = instance
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if plain && (1..=64).contains(&instance.len()) {
        instance.to_owned()
    } else {
        hash(instance, 16)
    }
}

/// The first letters of a text's SHA-256.
pub(crate) fn hash(text: &str, length: usize) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(length);
    hex
}

/// A name in the engine's own manner, for a container that was given none.
pub(crate) fn invent(taken: impl Fn(&str) -> bool) -> String {
    const MOODS: [&str; 32] = [
        "admiring", "amazing", "bold", "brave", "busy", "clever", "cool", "dazzling", "eager",
        "ecstatic", "elegant", "festive", "focused", "friendly", "gallant", "gifted", "happy",
        "hopeful", "jolly", "keen", "kind", "lucid", "modest", "nifty", "peaceful", "quirky",
        "relaxed", "serene", "sharp", "vibrant", "wizardly", "zen",
    ];
    const PEOPLE: [&str; 32] = [
        "babbage",
        "bell",
        "blackwell",
        "bohr",
        "curie",
        "darwin",
        "dijkstra",
        "einstein",
        "euclid",
        "euler",
        "faraday",
        "fermat",
        "feynman",
        "franklin",
        "galileo",
        "gauss",
        "goodall",
        "hamilton",
        "hopper",
        "hypatia",
        "kepler",
        "knuth",
        "lamarr",
        "lovelace",
        "meitner",
        "newton",
        "noether",
        "pascal",
        "ritchie",
        "shannon",
        "turing",
        "wozniak",
    ];
    for attempt in 0.. {
        let dice = random(4).into_bytes();
        let mood = MOODS[usize::from(dice[0] ^ dice[1].rotate_left(3)) % MOODS.len()];
        let person = PEOPLE[usize::from(dice[2] ^ dice[3].rotate_left(3)) % PEOPLE.len()];
        let name = if attempt < 8 {
            format!("{mood}_{person}")
        } else {
            format!("{mood}_{person}{attempt}")
        };
        if !taken(&name) {
            return name;
        }
    }
    unreachable!("the loop has no end but its return")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_names_are_valid_and_differ() {
        let (one, two) = (real("web"), real("web"));
        assert!(is_valid(&one) && one.starts_with("web."));
        assert_ne!(one, two);
    }

    #[test]
    fn names_of_the_engine_are_accepted_and_others_not() {
        for good in ["web", "my-nginx", "a_b.c", "0x"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "a", "-web", ".web", "a/b", "a b", "웹", "a\nb"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn an_invented_name_is_not_taken() {
        let name = invent(|name| !name.ends_with('9'));
        assert!(name.ends_with('9') && is_valid(&name));
    }

    #[test]
    fn an_instance_that_no_repository_can_hold_is_hashed() {
        assert_eq!(keep_repository("abc1", "s1"), "docktutor-abc1/s1");
        assert!(keep_repository("A b", "s1").starts_with("docktutor-"));
        assert!(!keep_repository("A b", "s1").contains(' '));
    }
}
