//! Random names.

use std::io::Read as _;

/// 64 random bits from the kernel.
pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    let read =
        std::fs::File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes));
    if read.is_err() {
        // Without the device a name must still not repeat within this process and second.
        use std::hash::{BuildHasher as _, Hasher as _};
        return std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish();
    }
    u64::from_ne_bytes(bytes)
}

/// Name of a new scope: 10 letters and digits that cannot be mistaken for one another.
pub(super) fn scope() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bits = random();
    (0..10)
        .map(|_| {
            let letter = char::from(LETTERS[usize::try_from(bits & 31).unwrap_or(0)]);
            bits >>= 5;
            letter
        })
        .collect()
}
