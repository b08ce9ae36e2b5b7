use super::*;

fn one(bind: &str) -> Result<Mount, Fault> {
    from_bind(bind, Some("/work"))
}

#[test]
fn named_and_anonymous_volumes_are_read() {
    let named = Mount::Volume {
        name: Some("data".into()),
        target: "/x".into(),
        read_only: true,
        no_copy: false,
    };
    assert_eq!(one("data:/x:ro"), Ok(named));
    let anonymous = Mount::Volume {
        name: None,
        target: "/x".into(),
        read_only: false,
        no_copy: false,
    };
    assert_eq!(one("/x"), Ok(anonymous));
}

#[test]
fn no_spelling_of_a_host_path_passes() {
    for bind in [
        "/etc:/x",
        "/:/x",
        "./a:/x",
        "../a:/x",
        "~/a:/x",
        "a/../../etc:/x",
        "/work/../etc:/x",
        "/work/..:/x",
        "/workbench:/x",
        "/Work:/x",
        "work:/work/x:/y:z",
        "/proc/self/root/work:/x",
        "/work/a:/x:shared",
        "/work/a:/x:rslave",
        "/work/a:/x:nocopy",
        "/work/a:/",
        "/etc:/x:ro",
        "//etc:/x",
        "a/b:/x",
        "data:/x:rshared",
        "data:/x:ro:ro",
        ".:/x",
        "..:/x",
        "",
    ] {
        assert!(one(bind).is_err(), "{bind}");
    }
}

#[test]
fn no_mount_reaches_the_host() {
    for text in [
        r#"{"Type":"bind","Source":"/etc","Target":"/x"}"#,
        r#"{"Type":"bind","Source":"/work/../etc","Target":"/x"}"#,
        r#"{"Type":"bind","Source":"work","Target":"/x"}"#,
        r#"{"Type":"bind","Target":"/x"}"#,
        r#"{"Type":"bind","Source":"/work","Target":"/x","BindOptions":{"Propagation":"rshared"}}"#,
        r#"{"Type":"bind","Source":"/work","Target":"/x","BindOptions":{"NonRecursive":true}}"#,
        r#"{"Type":"bind","Source":"/work","Target":"/x","VolumeOptions":{"DriverConfig":{}}}"#,
        r#"{"Type":"npipe","Source":"/etc","Target":"/x"}"#,
        r#"{"Type":"volume","Source":"/etc","Target":"/x"}"#,
        r#"{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/etc"}}}}"#,
        r#"{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"nfs"}}}"#,
        r#"{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Options":{"o":""}}}}"#,
        r#"{"Type":"tmpfs","Source":"/etc","Target":"/x"}"#,
        r#"{"Type":"volume","Target":"/x","BindOptions":{"Propagation":"rshared"}}"#,
        r#"{"Type":"volume","Target":"/"}"#,
        r#"{"Type":"volume","Target":"x"}"#,
    ] {
        let ask: MountAsk = serde_json::from_str(text).expect("it has the right form");
        assert!(from_mount(&ask, 1 << 20, Some("/work")).is_err(), "{text}");
    }
    assert!(serde_json::from_str::<MountAsk>(r#"{"Type":"volume","source":"/etc"}"#).is_err());
}

#[test]
fn an_image_volume_yields_to_a_named_one() {
    let wishes = Wishes {
        binds: &["data:/var/lib/data/".to_owned()],
        mounts: &[],
        tmpfs: &BTreeMap::new(),
        volumes: ["/var/lib/data".to_owned(), "/other".to_owned()].into(),
        tmpfs_size: 0,
        workspace: None,
    };
    let all = collect(&wishes).expect("fine");
    assert_eq!(
        all.iter().map(Mount::target).collect::<Vec<_>>(),
        ["/var/lib/data/", "/other"]
    );
}

#[test]
fn temporary_file_systems_are_bounded() {
    let tmpfs = |options| from_tmpfs("/x", options, 1 << 20);
    assert_eq!(
        tmpfs("size=64k,mode=1777"),
        Ok(Mount::Tmpfs {
            target: "/x".into(),
            size: 65536,
            mode: Some(0o1777)
        })
    );
    assert_eq!(
        tmpfs("size=8g"),
        Ok(Mount::Tmpfs {
            target: "/x".into(),
            size: 1 << 20,
            mode: None
        })
    );
    assert!(tmpfs("mpol=x").is_err() && tmpfs("suid").is_err());
}

#[test]
fn paths_of_the_workspace_become_anchors() {
    let bind = |text: &str| match one(text) {
        Ok(Mount::Bind {
            bind, read_only, ..
        }) => (bind.path, bind.asked, bind.create, read_only),
        other => panic!("{text}: {other:?}"),
    };
    let made = |path: &str, asked: &str, read_only| (path.into(), asked.into(), true, read_only);
    assert_eq!(bind("/work:/x"), made("", "/work", false));
    assert_eq!(bind("/work/:/x:rw"), made("", "/work/", false));
    assert_eq!(
        bind("/work/a b/./c:/x:ro"),
        made("a b/c", "/work/a b/./c", true)
    );
    // Beside the server, the workspace has its own name.
    let beside = |text| from_bind(text, Some("/home/me/site"));
    assert!(
        matches!(beside("/home/me/site/src:/x"), Ok(Mount::Bind { bind, .. }) if bind.path == "src")
    );
    for text in [
        "/work/a:/x",
        "/home/me/site2:/x",
        "/home/me:/x",
        "/home/me/site/../.ssh:/x",
    ] {
        let refused = beside(text).expect_err(text);
        assert!(
            refused.message.contains("/home/me/site can be"),
            "{}",
            refused.message
        );
    }
    let refused = from_bind("/work/a:/x", None).expect_err("no anchors here");
    assert!(
        refused
            .message
            .contains("cannot be bound into containers here")
    );
    let text = r#"{"Type":"bind","Source":"/work/a","Target":"/x","ReadOnly":true,"BindOptions":{"Propagation":""}}"#;
    let ask: MountAsk = serde_json::from_str(text).expect("fine");
    let Ok(Mount::Bind {
        bind, read_only, ..
    }) = from_mount(&ask, 0, Some("/work"))
    else {
        panic!("it is a bind");
    };
    assert!(!bind.create && read_only && bind.path == "a");
    // The engine hears of the anchor and of nothing that the learner wrote.
    let mount = from_mount(&ask, 0, Some("/work")).expect("fine");
    let sent = mount
        .upstream(|_| None, |_| PathBuf::from("/run/anchor"), &Value::Null)
        .expect("fine");
    assert_eq!(sent["Source"], "/run/anchor");
    assert!(!sent.to_string().contains("/work"));
}
