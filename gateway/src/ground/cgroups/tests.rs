use super::*;
use serde_json::json;
use std::fs;

fn limits() -> Limits {
    Limits {
        memory: 64 << 20,
        nano_cpus: 1_500_000_000,
        pids: 99,
        ..Limits::default()
    }
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn on_v1_each_controller_gets_a_group() {
    let root = tempfile::tempdir().expect("a folder");
    let path = root.path();
    for controller in ["memory", "cpu", "pids", "devices"] {
        fs::create_dir(path.join(controller)).expect("a hierarchy");
        fs::write(path.join(controller).join("cgroup.procs"), "").expect("its file");
    }
    let info = json!({ "CgroupDriver": "cgroupfs", "CgroupVersion": "1" });
    let groups = Cgroups::at(path, &info, "abc", true);
    assert_eq!(
        groups.ensure("alice", &limits()).as_deref(),
        Some("/docktutor-abc/alice")
    );
    let group = |controller: &str| path.join(controller).join("docktutor-abc/alice");
    assert_eq!(
        read(group("memory").join("memory.limit_in_bytes")),
        (64 << 20).to_string()
    );
    assert_eq!(read(group("cpu").join("cpu.cfs_quota_us")), "150000");
    assert_eq!(read(group("cpu").join("cpu.cfs_period_us")), "100000");
    assert_eq!(read(group("pids").join("pids.max")), "99");
    assert!(
        !group("memory").join("memory.memsw.limit_in_bytes").exists(),
        "a host without swap accounting has none"
    );

    fs::write(group("memory").join("memory.usage_in_bytes"), "5000\n").expect("usage");
    fs::write(
        group("memory").join("memory.stat"),
        "cache 9\ntotal_inactive_file 1000\n",
    )
    .expect("stat");
    fs::write(group("pids").join("pids.current"), "7\n").expect("usage");
    assert_eq!(
        groups.used("alice"),
        Some(Used {
            memory: 4000,
            pids: 7
        })
    );
    assert_eq!(groups.used("bobby"), None);
}

#[test]
fn on_v2_every_group_above_hands_the_controllers_down() {
    let root = tempfile::tempdir().expect("a folder");
    let path = root.path();
    let info = json!({ "CgroupDriver": "cgroupfs", "CgroupVersion": "2" });
    let groups = Cgroups::at(path, &info, "abc", true);
    assert_eq!(
        groups.ensure("alice", &limits()),
        None,
        "nothing is mounted there"
    );
    fs::write(path.join("cgroup.controllers"), "cpu memory pids").expect("a hierarchy");
    assert_eq!(
        groups.ensure("alice", &limits()).as_deref(),
        Some("/docktutor-abc/alice")
    );
    let group = path.join("docktutor-abc/alice");
    for folder in [path, &path.join("docktutor-abc"), &group] {
        assert_eq!(
            read(folder.join("cgroup.subtree_control")),
            "+memory +cpu +pids"
        );
    }
    assert_eq!(read(group.join("memory.max")), (64 << 20).to_string());
    assert_eq!(read(group.join("cpu.max")), "150000 100000");
    assert_eq!(read(group.join("pids.max")), "99");
    fs::write(group.join("memory.current"), "10").expect("usage");
    fs::write(group.join("pids.current"), "2").expect("usage");
    assert_eq!(
        groups.used("alice"),
        Some(Used {
            memory: 10,
            pids: 2
        })
    );
}

#[test]
fn groups_of_nobody_are_removed_and_others_stay() {
    let root = tempfile::tempdir().expect("a folder");
    for group in [
        "pids/docktutor-abc/alice",
        "devices/docktutor-abc/gone",
        "pids/docker",
        "pids/docktutor-other/x1",
    ] {
        fs::create_dir_all(root.path().join(group)).expect("a group");
    }
    let info = json!({ "CgroupDriver": "cgroupfs", "CgroupVersion": "1" });
    let groups = Cgroups::at(root.path(), &info, "abc", true);
    groups.sweep(&["alice".to_owned()]);
    assert!(root.path().join("pids/docktutor-abc/alice").exists());
    assert!(!root.path().join("devices/docktutor-abc/gone").exists());
    groups.remove("alice");
    groups.sweep(&[]);
    assert!(!root.path().join("pids/docktutor-abc").exists());
    assert!(
        root.path().join("pids/docker").exists()
            && root.path().join("pids/docktutor-other/x1").exists()
    );
}

#[test]
fn with_systemd_the_parent_is_a_slice() {
    let info = json!({ "CgroupDriver": "systemd", "CgroupVersion": "2" });
    let groups = Cgroups::at(Path::new("/nowhere"), &info, "a-b", true);
    let slice = groups.slice("alice");
    assert!(
        slice.starts_with("docktutor-x") && slice.ends_with("-alice.slice"),
        "{slice}"
    );
    // Each dash is a slice above: two of them, whatever the instance is called.
    assert_eq!(slice.matches('-').count(), 2, "{slice}");
    let asked = set_property(&slice, &limits());
    assert!(
        asked.contains(&"CPUQuota=150%".to_owned()) && asked.contains(&"TasksMax=99".to_owned())
    );
}

#[test]
fn a_remote_engine_gets_none() {
    let info = json!({ "CgroupDriver": "cgroupfs", "CgroupVersion": "1" });
    assert_eq!(
        Cgroups::at(Path::new("/"), &info, "abc", false).ensure("alice", &limits()),
        None
    );
    let groups = Cgroups::at(
        Path::new("/"),
        &json!({ "CgroupDriver": "none" }),
        "abc",
        true,
    );
    assert_eq!(groups.ensure("alice", &limits()), None);
}

#[test]
fn processes_are_found_by_their_containers() {
    for (driver, version, group, name) in [
        ("cgroupfs", "1", "memory/docktutor-abc/alice", "c0ffee"),
        ("cgroupfs", "2", "docktutor-abc/alice", "c0ffee"),
        (
            "systemd",
            "2",
            "docktutor.slice/docktutor-xabc.slice/docktutor-xabc-alice.slice",
            "docker-c0ffee.scope",
        ),
    ] {
        let root = tempfile::tempdir().expect("a folder");
        let info = json!({ "CgroupDriver": driver, "CgroupVersion": version });
        let groups = Cgroups::at(root.path(), &info, "abc", true);
        assert!(groups.processes("alice").is_empty());
        let group = root.path().join(group);
        fs::create_dir_all(group.join(name)).expect("a group");
        fs::write(group.join("memory.stat"), "").expect("a file");
        fs::write(group.join(name).join("cgroup.procs"), "12\n345\n").expect("processes");
        let found = groups.processes("alice");
        let expected = ("c0ffee".to_owned(), vec!["12".to_owned(), "345".to_owned()]);
        assert_eq!(found, [expected], "{driver} {version}");
    }
}
