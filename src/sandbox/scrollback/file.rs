//! The scrollback on the disk: records of a number, a length and bytes, appended; written anew when twice too long.
//!
//! It is written behind the output, by one task for each terminal and never while somebody waits for it. A record that a
//! killed server left unfinished counts as far as it goes.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::{KEPT, STRIDE, Scrollback};

const HEAD: usize = 12;
const MAX_FILE: u64 = 2 * KEPT as u64;

/// The file of one terminal.
#[derive(Debug)]
pub(in crate::sandbox) struct LogFile {
    path: PathBuf,
    file: Option<File>,
    /// Output before this number is in the file.
    written: u64,
    length: u64,
}

impl LogFile {
    /// Opens the file and reads what is kept there. A file that cannot be read counts as empty.
    pub(in crate::sandbox) fn open(path: &Path) -> (LogFile, Scrollback) {
        let mut scrollback = Scrollback::default();
        let mut log = LogFile {
            path: path.to_owned(),
            file: None,
            written: 0,
            length: 0,
        };
        let mut bytes = Vec::new();
        if let Ok(file) = File::open(path) {
            // Twice the bound, because the last append may have gone over it.
            let _ = file.take(2 * MAX_FILE).read_to_end(&mut bytes);
        }
        let mut rest = &bytes[..];
        while let Some((head, tail)) = rest.split_first_chunk::<HEAD>() {
            let first = u64::from_be_bytes(std::array::from_fn(|at| head[at]));
            let length = u32::from_be_bytes(std::array::from_fn(|at| head[8 + at])) as usize;
            if first < scrollback.next() {
                break;
            }
            let (record, tail) = tail.split_at(length.min(tail.len()));
            scrollback.jump(first);
            scrollback.push(record);
            rest = tail;
        }
        if scrollback.next() > 0 {
            scrollback.jump((scrollback.next() / STRIDE + 1) * STRIDE);
        }
        log.written = scrollback.next();
        // The first write makes the file anew, so that no unfinished record stands before a new one.
        log.length = u64::MAX;
        (log, scrollback)
    }

    /// Output from this number on is not in the file.
    pub(in crate::sandbox) fn written(&self) -> u64 {
        self.written
    }

    /// Appends output that follows what is written.
    pub(in crate::sandbox) fn append(&mut self, first: u64, bytes: &[u8]) -> std::io::Result<()> {
        let Some(file) = self.file.as_mut() else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        file.write_all(&record(first, bytes))?;
        self.written = first + bytes.len() as u64;
        self.length += (HEAD + bytes.len()) as u64;
        Ok(())
    }

    /// Whether `append` would not do: the file is too long, or does not hold what was before.
    pub(in crate::sandbox) fn wants_rewrite(&self, first: u64) -> bool {
        self.file.is_none() || self.length > MAX_FILE || first > self.written
    }

    /// Puts everything that is kept into a new file. `next` keeps the numbers going where nothing is kept.
    pub(in crate::sandbox) fn rewrite(
        &mut self,
        pieces: &[(u64, Vec<u8>)],
        next: u64,
    ) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let aside = self.path.with_extension("new");
        let mut file = File::create(&aside)?;
        for (first, bytes) in pieces {
            file.write_all(&record(*first, bytes))?;
        }
        file.write_all(&record(next, &[]))?;
        std::fs::rename(&aside, &self.path)?;
        self.length = file.seek(SeekFrom::End(0))?;
        self.written = next;
        self.file = Some(file);
        Ok(())
    }
}

fn record(first: u64, bytes: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HEAD + bytes.len());
    record.extend_from_slice(&first.to_be_bytes());
    record.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    record.extend_from_slice(bytes);
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the terminal does it.
    fn flush(log: &mut LogFile, scrollback: &Scrollback) {
        let (first, bytes) = scrollback.read(log.written(), usize::MAX);
        if log.wants_rewrite(first) {
            log.rewrite(&scrollback.pieces(), scrollback.next())
                .unwrap();
        } else {
            log.append(first, &bytes).unwrap();
        }
    }

    #[test]
    fn the_next_process_finds_what_was_written_and_counts_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terminals/1.log");
        let (mut log, mut scrollback) = LogFile::open(&path);
        assert_eq!(scrollback.next(), 0);
        for part in [&b"one "[..], b"two ", b"three"] {
            scrollback.push(part);
            flush(&mut log, &scrollback);
        }
        let (mut log, mut scrollback) = LogFile::open(&path);
        assert_eq!(scrollback.next(), STRIDE);
        scrollback.push(b" four");
        flush(&mut log, &scrollback);
        scrollback.push(b" five");
        flush(&mut log, &scrollback);
        let (_, scrollback) = LogFile::open(&path);
        assert_eq!(scrollback.next(), 2 * STRIDE);
        assert_eq!(&scrollback.since(None).1[..], b"one two three four five");
        assert_eq!(&scrollback.since(Some(STRIDE + 5)).1[..], b" five");
    }

    #[test]
    fn a_record_that_was_cut_off_counts_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.log");
        let (mut log, mut scrollback) = LogFile::open(&path);
        scrollback.push(b"first");
        flush(&mut log, &scrollback);
        scrollback.push(b"second");
        flush(&mut log, &scrollback);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (_, scrollback) = LogFile::open(&path);
            let text = scrollback.since(None).1;
            assert!(b"firstsecond".starts_with(&text[..]), "{length}: {text:?}");
        }
    }

    #[test]
    fn the_file_stays_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.log");
        let (mut log, mut scrollback) = LogFile::open(&path);
        for _ in 0..200 {
            scrollback.push(&[b'x'; 30_000]);
            flush(&mut log, &scrollback);
            assert!(std::fs::metadata(&path).unwrap().len() <= MAX_FILE + 40_000);
        }
        let next = scrollback.next();
        let (_, scrollback) = LogFile::open(&path);
        assert!(scrollback.start() <= next - (KEPT as u64 - 40_000));
    }
}
