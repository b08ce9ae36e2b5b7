//! A tar on its way to the engine, looked at as it passes: no compression, no sparse files, no more than its bytes.
//!
//! The engine unpacks what is compressed by itself, and writes a sparse file out in full: a few bytes would fill the
//! disk. Names are not judged here, because the engine unpacks within the container's own root.

use super::context::is_compressed;

const BLOCK: usize = 512;
/// The largest extended header that is read, in bytes.
const LARGEST_HEADER: u64 = 1 << 20;

/// Watches a tar that comes in pieces.
#[derive(Debug)]
pub(crate) struct Watch {
    block: Vec<u8>,
    /// Bytes of content and padding that are still to come.
    skip: u64,
    /// An extended header that is being read, and how much of it is still to come.
    extended: Option<(Vec<u8>, u64)>,
    /// The size that the last extended header set for the next file.
    size: Option<u64>,
    first: bool,
    ended: bool,
    files: u64,
    most: u64,
}

impl Watch {
    /// A watch that lets through at most so many files.
    pub(crate) fn new(most: u64) -> Self {
        Self {
            block: Vec::with_capacity(BLOCK),
            skip: 0,
            extended: None,
            size: None,
            first: true,
            ended: false,
            files: 0,
            most,
        }
    }

    /// Looks at the next piece; an error says why the tar must not go on.
    pub(crate) fn push(&mut self, mut piece: &[u8]) -> Result<(), String> {
        while !piece.is_empty() && !self.ended {
            if self.skip > 0 {
                let length = usize::try_from(self.skip)
                    .unwrap_or(usize::MAX)
                    .min(piece.len());
                self.skip -= length as u64;
                piece = &piece[length..];
                continue;
            }
            let length = (BLOCK - self.block.len()).min(piece.len());
            self.block.extend_from_slice(&piece[..length]);
            piece = &piece[length..];
            if std::mem::take(&mut self.first) && is_compressed(&self.block) {
                return Err("it is compressed: send a plain tar".to_owned());
            }
            if self.block.len() == BLOCK {
                let block = std::mem::take(&mut self.block);
                self.next(&block)?;
            }
        }
        Ok(())
    }

    fn next(&mut self, block: &[u8]) -> Result<(), String> {
        if let Some((text, left)) = &mut self.extended {
            let length = usize::try_from(*left).unwrap_or(BLOCK).min(BLOCK);
            text.extend_from_slice(&block[..length]);
            *left -= length as u64;
            if *left == 0 {
                let (text, _) = self.extended.take().unwrap_or_default();
                self.size = records(&text)?.or(self.size);
            }
            return Ok(());
        }
        if block.iter().all(|byte| *byte == 0) {
            self.ended = true;
            return Ok(());
        }
        self.files += 1;
        if self.files > self.most {
            return Err(format!("it has more than {} files", self.most));
        }
        let written = number(&block[124..136]).ok_or("a file's size cannot be read")?;
        match block[156] {
            b'S' => return Err("it has a sparse file".to_owned()),
            b'x' | b'g' => {
                if written > LARGEST_HEADER {
                    return Err("an extended header is too large".to_owned());
                }
                if written > 0 {
                    self.extended = Some((Vec::new(), written));
                }
            }
            // A link, a device, a folder or a pipe has no content; who says otherwise is read in two ways.
            b'1'..=b'6' => {
                if self.size.take().unwrap_or(written) != 0 {
                    return Err("an entry without content has a size".to_owned());
                }
            }
            // Long names of GNU tar: their own size counts, whatever came before.
            b'L' | b'K' => self.skip = padded(written)?,
            _ => self.skip = padded(self.size.take().unwrap_or(written))?,
        }
        Ok(())
    }
}

/// Reads the records of an extended header: the size that it sets. Sparse files of newer tars are told here.
fn records(mut text: &[u8]) -> Result<Option<u64>, String> {
    let odd = || "an extended header cannot be read".to_owned();
    let mut size = None;
    while let Some(space) = text.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&text[..space])
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok())
            .filter(|length| (space + 2..=text.len()).contains(length))
            .ok_or_else(odd)?;
        let record = &text[space + 1..length - 1];
        let at = record
            .iter()
            .position(|byte| *byte == b'=')
            .ok_or_else(odd)?;
        let (key, value) = (&record[..at], &record[at + 1..]);
        if key.starts_with(b"GNU.sparse") {
            return Err("it has a sparse file".to_owned());
        }
        if key == b"size" {
            let value = std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse().ok());
            size = Some(value.ok_or_else(odd)?);
        }
        text = &text[length..];
    }
    Ok(size)
}

/// A size in octal letters, or in binary if the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let (first, rest) = (field[0] & 0x7f, &field[1..]);
        if first != 0 || rest[..rest.len() - 8].iter().any(|byte| *byte != 0) {
            return None;
        }
        return Some(
            rest[rest.len() - 8..]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        );
    }
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.trim_matches(|c| c == ' ' || c == '\0');
    if digits.is_empty() {
        return Some(0);
    }
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| u64::from_str_radix(digits, 8).ok())?
}

fn padded(size: u64) -> Result<u64, String> {
    size.checked_next_multiple_of(BLOCK as u64)
        .ok_or_else(|| "a file's size cannot be read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tar::{Builder, EntryType, Header};

    fn header(kind: EntryType, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_path("file").expect("a path");
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        header
    }

    fn judge(tar: &[u8]) -> Result<(), String> {
        // In pieces of an odd size, as they come from a socket.
        let mut watch = Watch::new(10);
        tar.chunks(61).try_for_each(|piece| watch.push(piece))
    }

    #[test]
    fn plain_archives_pass() {
        let mut builder = Builder::new(Vec::new());
        let long = format!("{}/x", "folder/".repeat(30));
        for (path, size) in [
            ("empty", 0usize),
            ("one", 1),
            ("block", 512),
            (long.as_str(), 5000),
        ] {
            let mut header = header(EntryType::Regular, size as u64);
            builder
                .append_data(&mut header, path, vec![b'S'; size].as_slice())
                .expect("a file");
        }
        let mut link = header(EntryType::Symlink, 0);
        builder
            .append_link(&mut link, "link", "/etc/passwd")
            .expect("a link");
        let tar = builder.into_inner().expect("a tar");
        assert_eq!(judge(&tar), Ok(()));
        assert_eq!(judge(b""), Ok(()));
    }

    #[test]
    fn bombs_are_told() {
        let gzip = [&[0x1f, 0x8b, 8][..], &[0; 600]].concat();
        assert!(judge(&gzip).is_err());
        assert!(judge(header(EntryType::GNUSparse, 0).as_bytes()).is_err());
        let mut huge = header(EntryType::Regular, 0);
        huge.as_mut_bytes()[124..136].fill(0xff);
        assert!(judge(huge.as_bytes()).is_err());
        assert!(judge(header(EntryType::Directory, 512).as_bytes()).is_err());
        let record = b"22 GNU.sparse.major=1\n";
        let mut tar = header(EntryType::XHeader, record.len() as u64)
            .as_bytes()
            .to_vec();
        tar.extend_from_slice(record);
        tar.resize(1024, 0);
        assert_eq!(judge(&tar), Err("it has a sparse file".to_owned()));
        let many: Vec<u8> = (0..11)
            .flat_map(|_| *header(EntryType::Regular, 0).as_bytes())
            .collect();
        assert!(judge(&many).is_err());
    }

    #[test]
    fn a_size_in_an_extended_header_hides_no_file() {
        // The plain header says 512 bytes, the extended one 0: the sparse file that follows is seen.
        let record = b"10 size=0\n";
        let mut tar = header(EntryType::XHeader, record.len() as u64)
            .as_bytes()
            .to_vec();
        tar.extend_from_slice(record);
        tar.resize(1024, 0);
        tar.extend_from_slice(header(EntryType::Regular, 512).as_bytes());
        tar.extend_from_slice(header(EntryType::GNUSparse, 0).as_bytes());
        assert!(judge(&tar).is_err());
    }
}
