use super::*;
use std::os::unix::fs::symlink;

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("work");
    std::fs::create_dir_all(base.join("site/deep")).expect("a folder");
    std::fs::write(base.join("file"), "x").expect("a file");
    std::fs::create_dir(folder.path().join("outside")).expect("a folder");
    symlink("site", base.join("inside")).expect("a link");
    symlink("../outside", base.join("up")).expect("a link");
    symlink("/etc", base.join("etc")).expect("a link");
    symlink("nowhere", base.join("dangling")).expect("a link");
    symlink("/proc/self/root", base.join("magic")).expect("a link");
    folder
}

#[test]
fn only_what_is_below_the_workspace_is_opened() {
    let folder = workspace();
    let base = folder.path().join("work");
    for path in ["", "site", "site/deep", "file", "inside", "inside/deep"] {
        open(&base, path, false).expect(path);
    }
    for path in [
        "up",
        "up/x",
        "etc",
        "etc/passwd",
        "magic",
        "magic/etc",
        "..",
        "../outside",
        "/etc",
        "site/../../outside",
        "file/x",
    ] {
        for create in [false, true] {
            let found = open(&base, path, create);
            assert!(matches!(found, Err(Failure::Outside)), "{path}: {found:?}");
        }
    }
    assert!(matches!(open(&base, "new", false), Err(Failure::Missing)));
}

#[test]
fn missing_folders_are_made_inside_only() {
    let folder = workspace();
    let base = folder.path().join("work");
    open(&base, "new/a/b", true).expect("made");
    open(&base, "inside/made", true).expect("made");
    assert!(base.join("new/a/b").is_dir() && base.join("site/made").is_dir());
    let (made, root) = (
        std::fs::metadata(base.join("new/a")).expect("made"),
        std::fs::metadata(&base).expect("there"),
    );
    assert_eq!((made.uid(), made.gid()), (root.uid(), root.gid()));
    for path in ["up/new", "etc/docktutor-test", "dangling", "dangling/x"] {
        assert!(open(&base, path, true).is_err(), "{path}");
    }
    assert!(
        std::fs::read_dir(folder.path().join("outside"))
            .expect("there")
            .next()
            .is_none()
    );
    assert!(!base.join("nowhere").exists());
}
