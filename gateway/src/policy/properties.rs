//! What reaches the engine, for bodies of every kind.

use super::create::{Context, plan};
use super::json;
use super::limits::Abilities;
use crate::gateway::Limits;
use crate::ledger::{Change, Network, State};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The only fields of `HostConfig` that may ever go upstream.
const HOST: [&str; 25] = [
    "Memory",
    "MemorySwap",
    "MemoryReservation",
    "NanoCpus",
    "PidsLimit",
    "CpuShares",
    "CpusetCpus",
    "RestartPolicy",
    "AutoRemove",
    "ReadonlyRootfs",
    "CapDrop",
    "GroupAdd",
    "ExtraHosts",
    "Ulimits",
    "ShmSize",
    "IpcMode",
    "CgroupnsMode",
    "SecurityOpt",
    "LogConfig",
    "Init",
    "ConsoleSize",
    "CgroupParent",
    "Runtime",
    "Mounts",
    "NetworkMode",
];
/// The only fields beside it.
const TOP: [&str; 21] = [
    "Hostname",
    "Domainname",
    "User",
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "Tty",
    "OpenStdin",
    "StdinOnce",
    "Env",
    "Cmd",
    "Entrypoint",
    "Shell",
    "WorkingDir",
    "StopSignal",
    "StopTimeout",
    "Healthcheck",
    "ExposedPorts",
    "Image",
    "Labels",
    "HostConfig",
];
/// Keys that an attacker would use, and some that anybody uses.
const KEYS: [&str; 34] = [
    "Privileged",
    "Binds",
    "Mounts",
    "CapAdd",
    "CapDrop",
    "Devices",
    "DeviceCgroupRules",
    "DeviceRequests",
    "PidMode",
    "IpcMode",
    "UTSMode",
    "UsernsMode",
    "CgroupnsMode",
    "CgroupParent",
    "NetworkMode",
    "SecurityOpt",
    "Sysctls",
    "Runtime",
    "VolumesFrom",
    "VolumeDriver",
    "Links",
    "LogConfig",
    "MaskedPaths",
    "ReadonlyPaths",
    "OomKillDisable",
    "OomScoreAdj",
    "StorageOpt",
    "Memory",
    "PidsLimit",
    "Tmpfs",
    "Ulimits",
    "PortBindings",
    "Annotations",
    "Isolation",
];

fn values() -> impl Strategy<Value = Value> {
    let mount = json!([{ "Type": "bind", "Source": "/etc", "Target": "/x" }]);
    let driver = json!([{ "Type": "volume", "Target": "/x", "VolumeOptions": { "DriverConfig": { "Options": { "o": "bind" } } } }]);
    prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        Just(json!(false)),
        Just(json!(-1)),
        Just(json!(1i64 << 50)),
        Just(json!("")),
        Just(json!("host")),
        Just(json!("container:x")),
        Just(json!("private")),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["/etc:/x"])),
        Just(json!(["data:/x"])),
        Just(json!(["ALL"])),
        Just(json!(["seccomp=unconfined"])),
        Just(json!({ "Type": "syslog" })),
        Just(json!({ "/x": "size=9g,exec" })),
        Just(mount),
        Just(driver),
        Just(json!([{ "PathOnHost": "/dev/sda" }])),
        Just(json!({ "80/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "80" }] })),
    ]
}

/// A key as it is, or spelled so that a careless reader takes it for the same.
fn keys() -> impl Strategy<Value = String> {
    (prop::sample::select(KEYS.to_vec()), 0..4u8).prop_map(|(key, spelling)| match spelling {
        0 => key.to_lowercase(),
        1 => key.to_uppercase(),
        _ => key.to_owned(),
    })
}

fn judge(body: Map<String, Value>) -> Option<Value> {
    let mut state = State::default();
    state.apply(Change::Network(Network {
        real: "net.x".into(),
        id: Some("n".into()),
        name: "bridge".into(),
        bridge: "dt-x".to_owned(),
    }));
    let labels = BTreeMap::from([("docktutor.scope".to_owned(), "s".to_owned())]);
    let all = Abilities {
        swap: true,
        pids: true,
        memory: true,
        cpu: true,
        cpus: i64::MAX,
    };
    let context = Context {
        state: &state,
        workspace: Some("/work"),
        limits: &Limits::default(),
        abilities: all,
        image: &Value::Null,
        image_id: "sha256:1",
        labels: &labels,
        cgroup: Some("/ours"),
        runtime: Some("safe"),
    };
    let plan = plan(body, &context).ok()?;
    plan.upstream(
        "web",
        |name| Some(format!("{name}.real")),
        |anchor| std::path::Path::new("/anchors").join(anchor),
    )
    .ok()
}

/// Everything that must hold of a body for the engine, whatever was asked for.
fn check(body: &Value) {
    let fields = |value: &Value| {
        value
            .as_object()
            .map(|map| map.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    for key in fields(body) {
        assert!(
            TOP.contains(&key.as_str()) || key == "NetworkingConfig",
            "{key}"
        );
    }
    let host = &body["HostConfig"];
    for key in fields(host) {
        assert!(HOST.contains(&key.as_str()), "{key}");
    }
    assert_eq!(body["Image"], "sha256:1");
    assert_eq!(body["Labels"]["docktutor.scope"], "s");
    assert!(
        host["Memory"]
            .as_i64()
            .is_some_and(|bytes| (1..=1 << 30).contains(&bytes))
    );
    assert_eq!(host["Memory"], host["MemorySwap"]);
    assert!(
        host["PidsLimit"]
            .as_i64()
            .is_some_and(|count| (1..=512).contains(&count))
    );
    assert!(
        host["NanoCpus"]
            .as_i64()
            .is_some_and(|nanos| (1..=2_000_000_000).contains(&nanos))
    );
    assert_eq!(host["SecurityOpt"], json!(["no-new-privileges"]));
    assert_eq!(host["CgroupnsMode"], "private");
    assert_eq!(host["CgroupParent"], "/ours");
    assert_eq!(host["Runtime"], "safe");
    assert!(matches!(host["IpcMode"].as_str(), Some("private" | "none")));
    assert!(matches!(
        host["NetworkMode"].as_str(),
        Some("net.x" | "none")
    ));
    assert_eq!(host["LogConfig"]["Type"], "json-file");
    for mount in host["Mounts"].as_array().into_iter().flatten() {
        assert!(
            matches!(mount["Type"].as_str(), Some("volume" | "tmpfs" | "bind")),
            "{mount}"
        );
        assert!(
            mount["VolumeOptions"].get("DriverConfig").is_none(),
            "{mount}"
        );
        let source = mount["Source"].as_str().unwrap_or_default();
        let anchor = source.strip_prefix("/anchors/").unwrap_or("-");
        if mount["Type"] == "bind" {
            assert!(
                anchor.len() == 20 && !anchor.contains(['/', '.']),
                "{mount}"
            );
            assert_eq!(mount["BindOptions"]["Propagation"], "rprivate");
        } else {
            assert!(!source.contains('/'), "{mount}");
        }
        assert!(mount["TmpfsOptions"]["SizeBytes"].as_i64().unwrap_or(0) <= 1 << 30);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn only_known_fields_reach_the_engine(
        host in prop::collection::vec((keys(), values()), 0..6),
        top in prop::collection::vec((keys(), values()), 0..2),
        host_key in prop::sample::select(vec!["HostConfig", "hostconfig", "HOSTCONFIG", "HostConfig", "HostConfig"]),
    ) {
        let mut body: Map<String, Value> = top.into_iter().collect();
        body.insert("Image".to_owned(), json!("debian:12"));
        body.insert(host_key.to_owned(), Value::Object(host.into_iter().collect()));
        // Through the text and back, as a body comes in.
        let text = Value::Object(body).to_string();
        if let Some(upstream) = json::object(text.as_bytes()).ok().and_then(judge) {
            check(&upstream);
        }
    }

    #[test]
    fn no_text_makes_the_policy_panic(text in ".{0,200}") {
        let _ = json::object(text.as_bytes()).ok().and_then(judge);
        let _ = super::path::split(&text, 41);
        let _ = super::query::Params::parse(Some(&text), &["a"]);
        let _ = super::reference::Reference::parse(&text);
        let none = |_: &str| Err(crate::error::Fault::bad(""));
        let _ = super::dockerfile::rebuild(text.as_bytes(), &BTreeMap::new(), &none);
    }

    #[test]
    fn a_rebuilt_dockerfile_names_no_image_but_ids(lines in prop::collection::vec(
        prop::sample::select(vec![
            "FROM a", "FROM b AS x", "from x", "COPY --from=x a b", "COPY --from=c a b", "RUN a \\", " FROM evil", "# n",
            "ONBUILD COPY --from=d a b", "ARG A=q", "FROM $A", "", "ADD f /", "RUN echo \\\\", "COPY \\", "--from=evil a b",
        ]), 0..12))
    {
        let resolve = |name: &str| Ok(format!("sha256:{:0>4}", name.len()));
        let text = lines.join("\n");
        let Ok(rebuilt) = super::dockerfile::rebuild(text.as_bytes(), &BTreeMap::new(), &resolve) else { return Ok(()) };
        for line in rebuilt.text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            prop_assert!(!line.trim_end().ends_with('\\'), "{line}");
            if words[0].eq_ignore_ascii_case("from") {
                prop_assert!(words[1].starts_with("sha256:") || words[1] == "x", "{line}");
            }
            // Only what stands before the first path is a flag.
            let flags = words.iter().skip(1).take_while(|word| word.starts_with("--"));
            for source in flags.filter_map(|word| word.strip_prefix("--from=")) {
                prop_assert!(words[0] == "RUN" || source.starts_with("sha256:") || source == "x", "{line}");
            }
        }
    }
}
