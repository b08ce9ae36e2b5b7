//! The last output of a terminal, every byte numbered, in memory and in a bounded file.
//!
//! The numbers let a page that comes back say where it stopped. They go on after a restart of the server: each new
//! process begins at the next multiple of `STRIDE`, so that no number is given to two bytes although a killed process
//! cannot tell how far it had come. The jump in the numbers holds nothing; a page steps over it.

mod file;

use std::collections::VecDeque;

use bytes::Bytes;

pub(super) use file::LogFile;

/// So much output is kept.
pub(super) const KEPT: usize = 512 << 10;

/// Numbers that one process may give: 64 GiB of output. 2^53 / `STRIDE`, the restarts that a page's numbers can count, is 131,072.
pub(super) const STRIDE: u64 = 1 << 36;

/// A piece is not grown beyond this, so that old output leaves in steps that a program's screenful does not notice.
const PIECE: usize = 16 << 10;

/// The last `KEPT` bytes of output, in order of their numbers, with jumps where a restart was.
#[derive(Debug, Default)]
pub(super) struct Scrollback {
    pieces: VecDeque<Piece>,
    kept: usize,
    next: u64,
    /// Older output was dropped, so the oldest line may lack its beginning.
    cut: bool,
}

#[derive(Debug)]
struct Piece {
    first: u64,
    bytes: Vec<u8>,
}

impl Piece {
    fn end(&self) -> u64 {
        self.first + self.bytes.len() as u64
    }
}

impl Scrollback {
    /// The number that the next byte of output gets.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Number of the oldest byte that is kept.
    pub(super) fn start(&self) -> u64 {
        self.pieces.front().map_or(self.next, |piece| piece.first)
    }

    /// Takes output; gives the number of its first byte.
    pub(super) fn push(&mut self, bytes: &[u8]) -> u64 {
        let first = self.next;
        for part in bytes.chunks(PIECE) {
            match self.pieces.back_mut() {
                Some(last) if last.end() == self.next && last.bytes.len() + part.len() <= PIECE => {
                    last.bytes.extend_from_slice(part);
                }
                _ => self.pieces.push_back(Piece {
                    first: self.next,
                    bytes: part.to_vec(),
                }),
            }
            self.next += part.len() as u64;
            self.kept += part.len();
        }
        while self.kept > KEPT {
            if let Some(oldest) = self.pieces.pop_front() {
                self.kept -= oldest.bytes.len();
                self.cut = true;
            }
        }
        first
    }

    /// Goes on at a later number.
    pub(super) fn jump(&mut self, next: u64) {
        self.next = self.next.max(next);
    }

    /// Forgets all output; the numbers go on.
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.kept = 0;
        self.cut = false;
    }

    /// The last bytes of output, at most `limit` and of one piece.
    pub(super) fn last(&self, limit: usize) -> &[u8] {
        let bytes = self.pieces.back().map_or(&[][..], |piece| &piece.bytes);
        &bytes[bytes.len().saturating_sub(limit)..]
    }

    /// All that is kept, for the file.
    pub(super) fn pieces(&self) -> Vec<(u64, Vec<u8>)> {
        let copy = |piece: &Piece| (piece.first, piece.bytes.clone());
        self.pieces.iter().map(copy).collect()
    }

    /// Output from number `from` on, at most `limit` bytes, with the number of its first byte. Ends at a jump.
    pub(super) fn read(&self, from: u64, limit: usize) -> (u64, Bytes) {
        let from = from.max(self.start());
        let mut out = Vec::new();
        let mut first = from;
        for piece in self.pieces.iter().skip(self.piece_at(from)) {
            let skip = from.saturating_sub(piece.first);
            if out.is_empty() {
                first = piece.first + skip;
            } else if piece.first != first + out.len() as u64 {
                break;
            }
            let fresh = usize::try_from(skip).map_or(&[][..], |skip| &piece.bytes[skip..]);
            let room = limit - out.len();
            out.extend_from_slice(&fresh[..fresh.len().min(room)]);
            if out.len() == limit {
                break;
            }
        }
        if out.is_empty() {
            first = self.next;
        }
        (first, Bytes::from(out))
    }

    /// Everything that a page lacks which has all bytes before `from` (`None`: it has nothing), in one piece that ends
    /// at `next`. Jumps are closed by counting back from the end: the page then steps over what it cannot have.
    pub(super) fn since(&self, from: Option<u64>) -> (u64, Bytes) {
        // Beyond the end: the page knows a terminal that began anew.
        let from = from.filter(|from| *from <= self.next).unwrap_or(0);
        let mut out = Vec::with_capacity(self.kept);
        for piece in self.pieces.iter().skip(self.piece_at(from)) {
            let skip = usize::try_from(from.saturating_sub(piece.first)).unwrap_or(usize::MAX);
            out.extend_from_slice(piece.bytes.get(skip..).unwrap_or_default());
        }
        if self.cut && from < self.start() {
            // Perhaps in the middle of a control sequence or a letter.
            let line = out.iter().take(PIECE).position(|byte| *byte == b'\n');
            if let Some(end) = line {
                out.drain(..=end);
            }
        }
        (self.next - out.len() as u64, Bytes::from(out))
    }

    /// Index of the first piece that ends after `from`.
    fn piece_at(&self, from: u64) -> usize {
        self.pieces.partition_point(|piece| piece.end() <= from)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_that_comes_back_gets_what_it_lacks() {
        let mut scrollback = Scrollback::default();
        assert_eq!(scrollback.push(b"hello "), 0);
        assert_eq!(scrollback.push(b"world"), 6);
        assert_eq!(scrollback.since(Some(6)), (6, Bytes::from_static(b"world")));
        assert_eq!(scrollback.since(Some(11)), (11, Bytes::new()));
        assert_eq!(
            scrollback.since(None),
            (0, Bytes::from_static(b"hello world"))
        );
    }

    #[test]
    fn a_number_from_another_life_gets_everything() {
        let mut scrollback = Scrollback::default();
        scrollback.push(b"new");
        assert_eq!(scrollback.since(Some(900)), (0, Bytes::from_static(b"new")));
    }

    #[test]
    fn a_jump_repeats_nothing_and_loses_nothing_that_is_kept() {
        let mut scrollback = Scrollback::default();
        scrollback.push(b"before");
        scrollback.jump(STRIDE);
        // The page had more than the killed server could keep: it goes on with what is new.
        assert_eq!(scrollback.since(Some(50)), (STRIDE, Bytes::new()));
        scrollback.push(b"after");
        assert_eq!(
            scrollback.since(Some(50)),
            (STRIDE, Bytes::from_static(b"after"))
        );
        // A page that lacks two bytes from before gets them, numbered so that they end where the output ends.
        assert_eq!(
            scrollback.since(Some(4)),
            (STRIDE - 2, Bytes::from_static(b"reafter"))
        );
        assert_eq!(
            scrollback.since(None),
            (STRIDE - 6, Bytes::from_static(b"beforeafter"))
        );
        assert_eq!(scrollback.read(2, 100), (2, Bytes::from_static(b"fore")));
        assert_eq!(
            scrollback.read(6, 100),
            (STRIDE, Bytes::from_static(b"after"))
        );
    }

    #[test]
    fn what_is_kept_begins_with_a_whole_line() {
        let mut scrollback = Scrollback::default();
        for number in 0..200_000 {
            scrollback.push(format!("line {number}\r\n").as_bytes());
        }
        let (first, bytes) = scrollback.since(None);
        assert!(bytes.starts_with(b"line "), "{:?}", &bytes[..20]);
        assert_eq!(first + bytes.len() as u64, scrollback.next());
        assert!(bytes.len() > KEPT / 2 && bytes.len() <= KEPT);
    }

    proptest! {
        /// Whatever is pushed in whatever pieces: each number belongs to one byte, and a reader that goes on from where
        /// it is sees all of it once.
        #[test]
        fn a_reader_sees_each_byte_once(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40_000), 1..12), limit in 1usize..50_000) {
            let mut scrollback = Scrollback::default();
            let mut all = Vec::new();
            for part in &parts {
                prop_assert_eq!(scrollback.push(part), all.len() as u64);
                all.extend_from_slice(part);
            }
            let mut at = scrollback.start();
            prop_assert!(all.len() as u64 - at <= KEPT as u64);
            prop_assert!(at == 0 || all.len() as u64 - at > (KEPT - PIECE) as u64);
            while at < scrollback.next() {
                let (first, bytes) = scrollback.read(at, limit);
                prop_assert_eq!(first, at);
                prop_assert!(!bytes.is_empty() && bytes.len() <= limit);
                let start = usize::try_from(at).unwrap();
                prop_assert_eq!(&bytes[..], &all[start..start + bytes.len()]);
                at += bytes.len() as u64;
            }
        }
    }
}
