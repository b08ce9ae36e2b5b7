//! Terminals against a stand-in for `dtach` that echoes its input.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::speak::WRITE_BEHIND;
use super::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::broadcast::error::RecvError;

/// Gives shells that echo; `Q` ends one, `F` makes it print `flood` bytes.
struct Echo {
    started: AtomicUsize,
    flood: usize,
}

impl OpenShell for Echo {
    fn open(&self, _number: u8) -> BoxFuture<'_, Result<Shell, SandboxError>> {
        Box::pin(async {
            self.started.fetch_add(1, Ordering::Relaxed);
            let (server, shell) = UnixStream::pair().unwrap();
            tokio::spawn(echo(shell, self.flood));
            Ok(Shell {
                stream: server,
                is_new: false,
            })
        })
    }
}

async fn echo(mut shell: UnixStream, flood: usize) {
    let mut packet = [0; 10];
    while shell.read_exact(&mut packet).await.is_ok() {
        if packet[0] != 0 {
            continue;
        }
        for byte in &packet[2..2 + usize::from(packet[1])] {
            match byte {
                b'Q' => return,
                b'F' => shell.write_all(&vec![b'f'; flood]).await.unwrap(),
                other => shell.write_all(&[*other]).await.unwrap(),
            }
        }
    }
}

struct Fixture {
    _folder: tempfile::TempDir,
    log: std::path::PathBuf,
    shells: Arc<Echo>,
    terminal: Arc<Terminal>,
}

fn fixture(flood: usize) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("1.log");
    let shells = Arc::new(Echo {
        started: AtomicUsize::new(0),
        flood,
    });
    let terminal = Terminal::open(1, &log, Arc::clone(&shells) as Arc<dyn OpenShell>);
    Fixture {
        _folder: folder,
        log,
        shells,
        terminal,
    }
}

/// Hears until `wanted` bytes have come.
async fn hear(live: &mut Live, wanted: usize) -> Vec<u8> {
    let mut heard = Vec::new();
    while heard.len() < wanted {
        match tokio::time::timeout(Duration::from_secs(10), live.recv())
            .await
            .unwrap()
        {
            Ok(Output::Bytes { bytes, .. }) => heard.extend_from_slice(&bytes),
            other => panic!("{other:?} after {} of {wanted} bytes", heard.len()),
        }
    }
    heard
}

#[tokio::test]
async fn any_byte_goes_there_and_back_in_order() {
    let fixture = fixture(0);
    let mut page = fixture.terminal.attach(None);
    let all: Vec<u8> = (0..=255)
        .filter(|byte| !b"QF".contains(byte))
        .cycle()
        .take(20_000)
        .collect();
    let typing = async {
        let mut number = 0;
        for piece in all.chunks(777) {
            // Each piece is sent twice, as after a lost connection.
            fixture.terminal.input("page", number, piece).await;
            number = fixture.terminal.input("page", number, piece).await;
        }
        assert_eq!(number, all.len() as u64);
    };
    let ((), heard) = tokio::join!(typing, hear(&mut page.live, all.len()));
    assert_eq!(heard, all);
}

#[tokio::test]
async fn a_page_that_comes_back_hears_what_it_missed_once() {
    let fixture = fixture(0);
    let mut page = fixture.terminal.attach(None);
    fixture.terminal.input("page", 0, b"one").await;
    assert_eq!(hear(&mut page.live, 3).await, b"one");
    drop(page);
    let mut other = fixture.terminal.attach(Some(3));
    fixture.terminal.input("page", 3, b"two").await;
    hear(&mut other.live, 3).await;
    let page = fixture.terminal.attach(Some(3));
    assert_eq!((page.first, &page.backlog[..]), (3, &b"two"[..]));
    let page = fixture.terminal.attach(None);
    assert_eq!((page.first, &page.backlog[..]), (0, &b"onetwo"[..]));
}

#[tokio::test]
async fn the_key_after_an_exit_starts_a_new_shell() {
    let fixture = fixture(0);
    let mut page = fixture.terminal.attach(None);
    fixture.terminal.input("page", 0, b"abQ").await;
    assert_eq!(hear(&mut page.live, 2).await, b"ab");
    assert_eq!(page.live.recv().await, Ok(Output::Exit));
    assert_eq!(fixture.shells.started.load(Ordering::Relaxed), 1);
    // Who comes now is told as well.
    let mut late = fixture.terminal.attach(None);
    assert_eq!(&late.backlog[..], b"ab");
    assert_eq!(late.live.recv().await, Ok(Output::Exit));
    // The key that goes on is not typed; a whole command is.
    fixture.terminal.input("page", 3, b"\x04").await;
    fixture.terminal.input("page", 4, b"cQ").await;
    assert_eq!(hear(&mut page.live, 1).await, b"c");
    assert_eq!(page.live.recv().await, Ok(Output::Exit));
    fixture.terminal.input("page", 6, b"ls\n").await;
    assert_eq!(hear(&mut late.live, 1).await, b"c");
    assert_eq!(late.live.recv().await, Ok(Output::Exit));
    assert_eq!(hear(&mut late.live, 3).await, b"ls\n");
    assert_eq!(fixture.shells.started.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_page_that_does_not_read_holds_up_nobody() {
    const FLOOD: usize = 20 << 20;
    let fixture = fixture(FLOOD);
    let mut slow = fixture.terminal.attach(None);
    let mut quick = fixture.terminal.attach(None);
    fixture.terminal.input("page", 0, b"F!").await;
    let mut seen = 0;
    let mut last = Bytes::new();
    while !last.ends_with(b"!") {
        match tokio::time::timeout(Duration::from_secs(20), quick.live.recv())
            .await
            .unwrap()
        {
            Ok(Output::Bytes { first, bytes }) => {
                assert!(first >= seen);
                seen = first + bytes.len() as u64;
                last = bytes;
            }
            Err(RecvError::Lagged(_)) => {
                let again = fixture.terminal.attach(Some(seen));
                seen = again.first + again.backlog.len() as u64;
                last = again.backlog;
                quick = Attachment {
                    live: again.live,
                    ..quick
                };
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, FLOOD as u64 + 1);
    assert!(matches!(slow.live.recv().await, Err(RecvError::Lagged(_))));
}

#[tokio::test]
async fn the_next_server_has_the_scrollback_and_counts_on() {
    let Fixture {
        _folder,
        log,
        shells,
        terminal,
    } = fixture(0);
    let mut page = terminal.attach(None);
    terminal.input("page", 0, b"before").await;
    hear(&mut page.live, 6).await;
    // As after `kill -9`: nobody flushes, only the time passes.
    tokio::time::sleep(WRITE_BEHIND * 3).await;
    drop((terminal, page));
    let terminal = Terminal::open(1, &log, shells);
    let mut page = terminal.attach(Some(6));
    assert!(page.first > 6 && page.backlog.is_empty());
    assert_eq!(terminal.next_input("page"), 0);
    terminal.input("new", 0, b"after").await;
    assert_eq!(hear(&mut page.live, 5).await, b"after");
    assert_eq!(&terminal.attach(None).backlog[..], b"beforeafter");
}

#[tokio::test]
async fn a_reset_leaves_an_empty_screen() {
    let fixture = fixture(0);
    let mut page = fixture.terminal.attach(None);
    fixture.terminal.input("page", 0, b"secret").await;
    hear(&mut page.live, 6).await;
    fixture.terminal.flush().await;
    fixture.terminal.clear();
    assert_eq!(hear(&mut page.live, 2).await, b"\x1bc");
    fixture.terminal.flush().await;
    let (_, scrollback) = LogFile::open(&fixture.log);
    assert_eq!(&scrollback.since(None).1[..], b"\x1bc");
}
