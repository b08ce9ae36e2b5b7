//! The shells of a workbench. Each is held by `dtach` in the workbench, so that it outlives the server; the server
//! speaks to `dtach`'s socket, which lies in a folder that both share, without a process or an engine call between.
//!
//! `dtach` takes packets of 10 bytes (kind, length, 8 bytes of input or a window size) and gives the plain output.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use rustix::fs::{FileType, Mode, OFlags};
use tokio::net::UnixStream;

/// Where the workbench sees the folder that it shares with the server.
pub(super) const RUN: &str = "/run/docktutor";

/// Folder of the sockets in it; the only one there that the learner may write to.
pub(super) const SOCKETS: &str = "terminals";

const PUSH: u8 = 0;
const ATTACH: u8 = 1;
const WINDOW: u8 = 3;
const REDRAW: u8 = 4;
/// Redraw by telling the program that its window changed.
const BY_SIGNAL: u8 = 3;

/// Bytes of a packet's content.
const CONTENT: usize = 8;
const PACKET: usize = 2 + CONTENT;

/// `dtach` reads packet by packet and takes a part for an error, so what is written at once must stay in one piece in
/// the socket's buffer: small and a whole number of packets.
const PACKETS_AT_ONCE: usize = 64;

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) cols: u16,
    pub(super) rows: u16,
}

/// A command for the workbench's `sh` that starts terminal `number`, which does not run. The shell waits until somebody is
/// attached (`dtach` tells by the socket's x bit), because output that nobody takes is lost.
pub(super) fn start_command(number: u8) -> String {
    format!(
        "s={RUN}/{SOCKETS}/{number}.sock; rm -f $s; dtach -n $s -E -z sh -c 'until [ -x \"$0\" ]; do sleep 0.02; done; exec bash -l' $s"
    )
}

/// Connects to terminal `number`. The folder is the learner's, so the socket is looked at before it is spoken to, and by
/// its handle: a link there must not lead the server to another socket.
pub(super) async fn connect(run: &Path, number: u8) -> std::io::Result<UnixStream> {
    let (handle, path) = find(run, number)?;
    let stream = UnixStream::connect(path).await;
    drop(handle);
    stream
}

fn find(run: &Path, number: u8) -> std::io::Result<(OwnedFd, PathBuf)> {
    let folder = Dir::open_ambient_dir(run, ambient_authority())?.open_dir(SOCKETS)?;
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = rustix::fs::openat(&folder, format!("{number}.sock"), flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&handle)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Socket {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    let path = PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()));
    Ok((handle, path))
}

/// What a new connection says first: output please, in a window of this size, and paint what stands there.
pub(super) fn hello(size: Size) -> Vec<u8> {
    let mut bytes = packet(ATTACH, 0, [0; CONTENT]).to_vec();
    bytes.extend_from_slice(&window(size));
    bytes.extend_from_slice(&packet(REDRAW, BY_SIGNAL, winsize(size)));
    bytes
}

/// The window has this size now.
pub(super) fn window(size: Size) -> [u8; PACKET] {
    packet(WINDOW, 0, winsize(size))
}

/// Input as packets, in pieces that must each be written at once.
pub(super) fn input(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    bytes.chunks(PACKETS_AT_ONCE * CONTENT).map(|piece| {
        let mut packets = Vec::with_capacity(piece.len().div_ceil(CONTENT) * PACKET);
        for part in piece.chunks(CONTENT) {
            let mut content = [0; CONTENT];
            content[..part.len()].copy_from_slice(part);
            // At most 8, so the length always fits.
            packets.extend_from_slice(&packet(PUSH, part.len() as u8, content));
        }
        packets
    })
}

/// C's `struct winsize`, in the machine's byte order.
fn winsize(size: Size) -> [u8; CONTENT] {
    let mut content = [0; CONTENT];
    content[..2].copy_from_slice(&size.rows.to_ne_bytes());
    content[2..4].copy_from_slice(&size.cols.to_ne_bytes());
    content
}

fn packet(kind: u8, length: u8, content: [u8; CONTENT]) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = kind;
    packet[1] = length;
    packet[2..].copy_from_slice(&content);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_of_any_length_and_value_arrives_whole() {
        for length in [0, 1, 7, 8, 9, 511, 512, 513, 5000] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 256) as u8).collect();
            let mut arrived = Vec::new();
            for piece in input(&bytes) {
                assert!(piece.len() <= PACKETS_AT_ONCE * PACKET && piece.len() % PACKET == 0);
                for packet in piece.chunks(PACKET) {
                    assert_eq!(packet[0], PUSH);
                    arrived.extend_from_slice(&packet[2..2 + usize::from(packet[1])]);
                }
            }
            assert_eq!(arrived, bytes);
        }
    }

    #[tokio::test]
    async fn a_link_in_the_learners_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        std::fs::create_dir_all(run.join(SOCKETS)).unwrap();
        let other = folder.path().join("engine.sock");
        let _listener = tokio::net::UnixListener::bind(&other).unwrap();
        std::os::unix::fs::symlink(&other, run.join("terminals/1.sock")).unwrap();
        assert!(connect(&run, 1).await.is_err());
        let _own = tokio::net::UnixListener::bind(run.join("terminals/2.sock")).unwrap();
        connect(&run, 2).await.unwrap();
        std::fs::remove_dir_all(run.join(SOCKETS)).unwrap();
        std::os::unix::fs::symlink(folder.path(), run.join(SOCKETS)).unwrap();
        std::fs::rename(&other, folder.path().join("3.sock")).unwrap();
        assert!(connect(&run, 3).await.is_err());
    }
}
