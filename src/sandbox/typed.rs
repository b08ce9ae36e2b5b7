//! What was typed, by whom, up to where: input that a page sends again after a lost connection is taken once.

use std::collections::VecDeque;

/// Pages that are remembered for one terminal; the one that was silent longest is forgotten first.
const CLIENTS: usize = 64;

/// Number of the next input byte of each page.
#[derive(Debug, Default)]
pub(super) struct Typed {
    clients: VecDeque<(String, u64)>,
}

impl Typed {
    /// Number of the next byte that is wanted from this page; 0 when it is not known.
    pub(super) fn next(&self, client: &str) -> u64 {
        let known = self.clients.iter().find(|(name, _)| name == client);
        known.map_or(0, |(_, next)| *next)
    }

    /// The part of `bytes` that is new, and which now counts as taken. Nothing where bytes before it are missing.
    pub(super) fn take<'a>(&mut self, client: &str, number: u64, bytes: &'a [u8]) -> &'a [u8] {
        let next = self.next(client);
        let Some(known) = next.checked_sub(number) else {
            return &[];
        };
        let fresh = usize::try_from(known)
            .ok()
            .and_then(|known| bytes.get(known..))
            .unwrap_or_default();
        self.clients.retain(|(name, _)| name != client);
        if self.clients.len() >= CLIENTS {
            self.clients.pop_front();
        }
        self.clients
            .push_back((client.to_owned(), next + fresh.len() as u64));
        fresh
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gap_is_not_taken() {
        let mut typed = Typed::default();
        assert_eq!(typed.take("a", 0, b"ls"), b"ls");
        assert_eq!(typed.take("a", 3, b"x"), b"");
        assert_eq!(typed.next("a"), 2);
        assert_eq!(typed.take("a", 2, b"\n"), b"\n");
        assert_eq!(typed.take("b", 5, b"x"), b"");
    }

    #[test]
    fn pages_are_counted_apart_and_boundedly() {
        let mut typed = Typed::default();
        for number in 0..1000 {
            assert_eq!(typed.take(&number.to_string(), 0, b"xy"), b"xy");
        }
        assert_eq!(typed.clients.len(), CLIENTS);
        assert_eq!(typed.next("999"), 2);
        assert_eq!(typed.next("0"), 0);
    }

    proptest! {
        /// A page sends any ranges of its input, late, early, overlapping and again: what is taken is always the
        /// beginning of the input, in order, each byte once.
        #[test]
        fn whatever_is_sent_again_is_taken_once(input in proptest::collection::vec(any::<u8>(), 0..200), sends in proptest::collection::vec((0usize..200, 0usize..60), 0..80)) {
            let mut typed = Typed::default();
            let mut taken = Vec::new();
            for (from, length) in sends {
                let from = from.min(input.len());
                let to = (from + length).min(input.len());
                taken.extend_from_slice(typed.take("page", from as u64, &input[from..to]));
                prop_assert_eq!(typed.next("page"), taken.len() as u64);
            }
            prop_assert_eq!(&taken[..], &input[..taken.len()]);
        }
    }
}
