use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

fn of(path: &Path, archive: Option<Archive>) -> Submission {
    Submission {
        name: "one".into(),
        shown: "one".into(),
        path: path.to_owned(),
        archive,
    }
}

fn taken(path: &Path) -> Result<Copy, Broken> {
    take(&of(path, None), &std::env::temp_dir())
}

#[track_caller]
fn refused(result: Result<Copy, Broken>) -> Reason {
    match result {
        Err(Broken::Refused(reason)) => {
            assert!(!reason.message(Lang::Ko).is_empty() && !reason.message(Lang::En).is_empty());
            reason
        }
        Err(Broken::Fault(error)) => panic!("a fault: {error}"),
        Ok(_) => panic!("it was copied"),
    }
}

#[test]
fn a_copy_has_the_files_and_a_hash_of_them() {
    let from = tempfile::tempdir().unwrap();
    std::fs::create_dir(from.path().join("app")).unwrap();
    std::fs::write(from.path().join("app/run.sh"), "echo").unwrap();
    let program = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(from.path().join("app/run.sh"), program).unwrap();
    symlink("app/run.sh", from.path().join("inside")).unwrap();
    let first = taken(from.path()).unwrap();
    let copied = first.path().join("app/run.sh");
    assert_eq!(std::fs::read(&copied).unwrap(), b"echo");
    assert_eq!(
        std::fs::metadata(&copied).unwrap().permissions().mode() & 0o111,
        0o111
    );
    assert_eq!(
        std::fs::read_link(first.path().join("inside")).unwrap(),
        Path::new("app/run.sh")
    );
    assert_eq!(taken(from.path()).unwrap().hash, first.hash);
    std::fs::write(from.path().join("app/run.sh"), "echo 2").unwrap();
    assert_ne!(taken(from.path()).unwrap().hash, first.hash);
}

#[test]
fn what_leads_out_or_never_ends_is_refused() {
    for target in ["/etc/passwd", "../x", "app/../../x"] {
        let from = tempfile::tempdir().unwrap();
        symlink(target, from.path().join("Dockerfile")).unwrap();
        assert_eq!(
            refused(taken(from.path())),
            Reason::LeadsOut("Dockerfile".into()),
            "{target}"
        );
    }
    let from = tempfile::tempdir().unwrap();
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        from.path().join("pipe"),
        rustix::fs::Mode::RWXU,
    )
    .unwrap();
    assert_eq!(refused(taken(from.path())), Reason::NoFile("pipe".into()));
    let from = tempfile::tempdir().unwrap();
    std::fs::write(
        from.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9")),
        "",
    )
    .unwrap();
    assert!(matches!(refused(taken(from.path())), Reason::BadName(_)));
}

#[test]
fn the_limits_hold() {
    let from = tempfile::tempdir().unwrap();
    // A hole takes no room here, and would take it in the copy.
    let file = std::fs::File::create(from.path().join("huge")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert_eq!(refused(taken(from.path())), Reason::TooLarge);
    let from = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(from.path().join("d/".repeat(50))).unwrap();
    assert_eq!(refused(taken(from.path())), Reason::TooMany);
    let from = tempfile::tempdir().unwrap();
    for number in 0..=MOST_ENTRIES {
        std::fs::write(from.path().join(number.to_string()), "").unwrap();
    }
    assert_eq!(refused(taken(from.path())), Reason::TooMany);
}

/// An archive by raw headers: the library would not write a path that leads out.
fn archive(entries: &[(&str, tar::EntryType, &str, &[u8])]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut builder = tar::Builder::new(file.reopen().unwrap());
    for (path, kind, target, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.finish().unwrap();
    file
}

fn unpacked(entries: &[(&str, tar::EntryType, &str, &[u8])]) -> Result<Copy, Broken> {
    let file = archive(entries);
    take(&of(file.path(), Some(Archive::Tar)), &std::env::temp_dir())
}

#[test]
fn an_archive_is_unpacked_without_its_single_folder() {
    use tar::EntryType::{Directory, Regular, Symlink};
    let copy = unpacked(&[
        ("./mina/", Directory, "", b""),
        ("./mina/Dockerfile", Regular, "", b"FROM x\n"),
        ("./mina/app/main.py", Regular, "", b"1"),
        ("./mina/link", Symlink, "app/main.py", b""),
    ])
    .unwrap();
    assert_eq!(
        std::fs::read(copy.path().join("Dockerfile")).unwrap(),
        b"FROM x\n"
    );
    assert_eq!(std::fs::read(copy.path().join("link")).unwrap(), b"1");
    let flat = unpacked(&[
        ("Dockerfile", Regular, "", b"FROM x\n"),
        ("app/main.py", Regular, "", b"1"),
    ])
    .unwrap();
    assert!(flat.path().join("Dockerfile").is_file() && flat.path().join("app/main.py").is_file());
}

#[test]
fn a_hostile_archive_is_refused() {
    use tar::EntryType::{Block, Fifo, Link, Regular, Symlink};
    let leads_out = |path: &str| Reason::LeadsOut(path.to_owned());
    assert_eq!(
        refused(unpacked(&[("../x", Regular, "", b"")])),
        leads_out("../x")
    );
    assert_eq!(
        refused(unpacked(&[("/etc/x", Regular, "", b"")])),
        leads_out("/etc/x")
    );
    assert_eq!(
        refused(unpacked(&[("a", Symlink, "/etc", b"")])),
        leads_out("a")
    );
    assert_eq!(
        refused(unpacked(&[("a", Link, "/etc/passwd", b"")])),
        leads_out("a")
    );
    for kind in [Block, Fifo] {
        assert_eq!(
            refused(unpacked(&[("a", kind, "", b"")])),
            Reason::NoFile("a".into())
        );
    }
    let twice = unpacked(&[("a", Regular, "", b"1"), ("a", Regular, "", b"2")]);
    assert_eq!(refused(twice), Reason::Twice("a".into()));
    let both = unpacked(&[("a", Regular, "", b"1"), ("a/b", Regular, "", b"2")]);
    assert!(matches!(
        refused(both),
        Reason::BadName(_) | Reason::Twice(_)
    ));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "no archive at all, but long enough to be a header".repeat(40),
    )
    .unwrap();
    for kind in [Archive::Tar, Archive::TarGz] {
        let result = take(&of(file.path(), Some(kind)), &std::env::temp_dir());
        assert!(matches!(refused(result), Reason::BadArchive(_)));
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_large() {
    use std::io::Write as _;
    let file = tempfile::NamedTempFile::new().unwrap();
    let packed = flate2::write::GzEncoder::new(file.reopen().unwrap(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(packed);
    let mut header = tar::Header::new_gnu();
    header.set_size(200 << 20);
    header.set_mode(0o644);
    builder
        .append_data(&mut header, "Dockerfile", io::repeat(b'x').take(200 << 20))
        .unwrap();
    builder
        .into_inner()
        .unwrap()
        .finish()
        .unwrap()
        .flush()
        .unwrap();
    let began = std::time::Instant::now();
    let result = take(
        &of(file.path(), Some(Archive::TarGz)),
        &std::env::temp_dir(),
    );
    assert_eq!(refused(result), Reason::TooLarge);
    assert!(began.elapsed().as_secs() < 30);
}
