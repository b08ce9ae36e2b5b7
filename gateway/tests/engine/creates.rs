//! Bodies of `POST /containers/create` that reach for the host. The raw engine takes them; a scope does not.

use crate::common::{World, escape, in_world, in_world_with};
use crate::side::Side;
use gateway::Limits;
use hyper::Method;
use serde_json::{Value, json};

/// Bodies with `IMAGE` in the place of the image; each is a whole text, because odd spellings matter.
const BODIES: [&str; 46] = [
    // Privileges.
    r#"{"Image":"IMAGE","HostConfig":{"Privileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"privileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"PRIVILEGED":true}}"#,
    r#"{"Image":"IMAGE","hostconfig":{"Privileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Privileged":false,"privileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{},"HostConfig":{"Privileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{},"hostConfig":{"Privileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"\u0050rivileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Pr\u0131vileged":true,"Privileged":true}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"CapAdd":["SYS_ADMIN"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"CapAdd":["ALL"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"capadd":["NET_ADMIN"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"SecurityOpt":["seccomp=unconfined"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"SecurityOpt":["no-new-privileges:false"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"MaskedPaths":["/nothing"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"ReadonlyPaths":["/nothing"]}}"#,
    // Host mounts.
    r#"{"Image":"IMAGE","HostConfig":{"Binds":["/etc:/x"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Binds":["/:/x:ro"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"binds":["/etc:/x"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Binds":["VOLUME:/ok"],"binds":["/etc:/x"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/x"}]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Mounts":[{"type":"bind","source":"/etc","target":"/x"}]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/etc"}}}}]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Mounts":[{"Type":"volume","Source":"VOLUME","Target":"/x","VolumeOptions":{"DriverConfig":{"Options":{"type":"none","o":"bind","device":"/etc"}}}}]}}"#,
    // Namespaces.
    r#"{"Image":"IMAGE","HostConfig":{"NetworkMode":"host"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"networkmode":"host"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"PidMode":"host"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"IpcMode":"host"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"UTSMode":"host"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"UsernsMode":"host"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"CgroupnsMode":"host"}}"#,
    // Devices, kernel, runtime.
    r#"{"Image":"IMAGE","HostConfig":{"Devices":[{"PathOnHost":"/dev/null","PathInContainer":"/dev/x","CgroupPermissions":"rwm"}]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"DeviceCgroupRules":["a *:* rwm"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Sysctls":{"net.ipv4.ip_forward":"1"}}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"CgroupParent":"/elsewhere"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Runtime":"runc"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"OomScoreAdj":-500}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"OomKillDisable":true,"Memory":67108864}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Ulimits":[{"Name":"memlock","Soft":-1,"Hard":-1}]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"LogConfig":{"Type":"none"}}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"LogConfig":{"Type":"syslog","Config":{"syslog-address":"udp://127.0.0.1:9"}}}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"Links":["VICTIM:x"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"VolumesFrom":["VICTIM"]}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"NetworkMode":"container:VICTIM"}}"#,
    r#"{"Image":"IMAGE","HostConfig":{"PidMode":"container:VICTIM"}}"#,
    // Old flat spelling, which the engine still honours.
    r#"{"Image":"IMAGE","CapAdd":["SYS_ADMIN"],"HostConfig":{}}"#,
];

/// Where a container of such a body would differ from a harmless one.
fn is_harmless(container: &Value) -> bool {
    let host = &container["HostConfig"];
    let empty = |key: &str| {
        host[key].is_null()
            || host[key] == json!([])
            || host[key] == json!({})
            || host[key] == ""
            || host[key] == false
    };
    let mounts = container["Mounts"].as_array().into_iter().flatten();
    [
        "Privileged",
        "CapAdd",
        "Devices",
        "DeviceCgroupRules",
        "PidMode",
        "UTSMode",
        "UsernsMode",
        "Links",
        "VolumesFrom",
        "Sysctls",
    ]
    .into_iter()
    .all(empty)
        && host["NetworkMode"] != "host"
        && host["IpcMode"] == "private"
        && host["CgroupnsMode"] == "private"
        && host["LogConfig"]["Type"] == "json-file"
        && host["SecurityOpt"] == json!(["no-new-privileges"])
        && host["MaskedPaths"]
            .as_array()
            .is_some_and(|paths| paths.len() > 3)
        && host["OomScoreAdj"] == 0
        && mounts.into_iter().all(|mount| mount["Type"] != "bind")
}

async fn create(side: &Side, body: &str) -> (u16, Option<String>) {
    let reply = side
        .call(Method::POST, "/containers/create", Some(body.to_owned()))
        .await;
    (reply.status, reply.json()["Id"].as_str().map(str::to_owned))
}

/// Puts fields at the beginning of a body's text, whatever the text is like.
fn with_fields(body: &str, fields: &str) -> String {
    body.replacen('{', &format!("{{{fields},"), 1)
}

async fn raw_takes(world: &World, body: &str, victim: &str) -> bool {
    let fields = format!(
        r#""Cmd":["true"],"Labels":{{"docktutor.instance":"{}"}}"#,
        world.instance
    );
    // A container does not take its named volumes along.
    let volume = format!("trick-{}", world.instance);
    let body = with_fields(body, &fields);
    let body = body
        .replace("IMAGE", &world.image_id)
        .replace("VOLUME", &volume)
        .replace("VICTIM", victim);
    let (_, id) = create(&world.raw, &body).await;
    if let Some(id) = &id {
        let path = format!("/containers/{id}?force=1&v=1");
        world.raw.call(Method::DELETE, &path, None).await;
    }
    let path = format!("/volumes/{volume}?force=1");
    world.raw.call(Method::DELETE, &path, None).await;
    id.is_some()
}

#[tokio::test]
async fn no_create_reaches_the_host() {
    in_world(async |world| {
        let victim = world
            .bob
            .docker("run -d --name victim debian:12 sleep 600")
            .await
            .ok();
        let mut taken = 0;
        for body in BODIES {
            taken += u32::from(raw_takes(world, body, &victim).await);
            let body = with_fields(body, r#""Cmd":["true"]"#);
            let body = body
                .replace("IMAGE", "debian:12")
                .replace("VOLUME", "data")
                .replace("VICTIM", &victim);
            let (status, id) = create(&world.alice, &body).await;
            if let Some(id) = &id {
                // Taking a request is fine if what comes of it is not what was asked for.
                let made = world.inspect(id).await;
                assert!(is_harmless(&made), "{body}: {made}");
            }
            assert!((400..500).contains(&status), "{body} was answered {status}");
            assert_eq!(world.alice.docker("ps -aq").await.ok(), "", "{body}");
        }
        assert!(
            taken >= 38,
            "the raw engine took only {taken} of these bodies: they prove little"
        );
        assert_eq!(world.inspect(&victim).await["State"]["Running"], true);
    })
    .await;
}

#[tokio::test]
async fn what_is_made_is_bounded_and_marked() {
    in_world(async |world| {
        let body = json!({
            "Image": "python:3.11-slim", "Cmd": ["sleep", "600"],
            "Labels": { "mine": "1", "docktutor.scope": "bobby", "docktutor.kind": "workbench" },
            "HostConfig": { "Memory": 1i64 << 40, "MemorySwap": -1, "PidsLimit": -1, "NanoCpus": 0, "ShmSize": 1i64 << 40 },
        });
        let (status, id) = create(&world.alice, &body.to_string()).await;
        let id = id.unwrap_or_else(|| panic!("it was answered {status}"));
        let made = world.inspect(&id).await;
        assert!(is_harmless(&made), "{made}");
        let host = &made["HostConfig"];
        assert_eq!(host["Memory"], 1 << 30);
        assert_eq!(host["MemorySwap"], 1 << 30);
        assert_eq!(host["PidsLimit"], 512);
        assert_eq!(host["NanoCpus"], 2_000_000_000i64);
        assert_eq!(host["ShmSize"], 1 << 30);
        assert_eq!(host["LogConfig"]["Config"]["max-size"], "10m");
        assert_eq!(made["Config"]["Image"], world.image_id.as_str());
        // Labels of ours that the image itself has are emptied: on a container they would say something else.
        let mut labels = made["Config"]["Labels"].clone();
        if let Some(labels) = labels.as_object_mut() {
            labels.retain(|key, value| !(key.starts_with("docktutor.") && value == ""));
        }
        assert_eq!(labels, json!({ "mine": "1", "docktutor.scope": "alice", "docktutor.instance": world.instance }));
        // An update does not lead out either.
        world.alice.docker(&format!("start {id}")).await.ok();
        let update = json!({ "Memory": 1i64 << 40, "MemorySwap": -1, "PidsLimit": -1 });
        assert_eq!(world.alice.post(&format!("/containers/{id}/update"), &update).await.status, 200);
        assert_eq!(world.inspect(&id).await["HostConfig"]["Memory"], 1 << 30);
        for update in [json!({ "CgroupParent": "/x" }), json!({ "memory": 1 }), json!({ "Devices": [{ "PathOnHost": "/dev/null" }] })] {
            assert_eq!(world.alice.post(&format!("/containers/{id}/update"), &update).await.status, 403, "{update}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_wish_that_is_cut_is_answered_with_a_warning_and_an_impossible_one_as_on_the_engine() {
    let one_cpu = Limits {
        nano_cpus: 1_000_000_000,
        ..Limits::default()
    };
    in_world_with(one_cpu, async |world| {
        let (alice, image) = (&world.alice, &world.image);
        let there_are = world.raw.get("/info").await.json()["NCPU"]
            .as_i64()
            .expect("CPUs");
        let over = there_are + 1;
        let raw = world
            .raw
            .docker(&format!("create --cpus {over} {image} true"))
            .await;
        let own = alice
            .docker(&format!("create --cpus {over} debian:12 true"))
            .await;
        assert_eq!(own.fails(), raw.fails());
        let run = alice
            .docker("run -d --name web --cpus 1 --memory 2g debian:12 sleep 600")
            .await;
        assert!(
            run.err.contains("at most 1024 MiB of memory") && !run.err.contains("CPU"),
            "{run:?}"
        );
        let update = alice
            .docker(&format!("update --cpus {over} web"))
            .await
            .fails();
        assert!(update.contains("Range of CPUs"), "{update}");
        if there_are > 1 {
            let update = alice.docker("update --cpus 1.5 web").await;
            assert!(update.out.contains("at most 1 CPU,"), "{update:?}");
            assert_eq!(update.code, 0);
        }
        let made = world.inspect(&run.ok()).await;
        assert_eq!(made["HostConfig"]["NanoCpus"], 1_000_000_000);
    })
    .await;
}

#[tokio::test]
async fn a_start_takes_no_configuration() {
    in_world(async |world| {
        let (_, id) = create(
            &world.alice,
            r#"{"Image":"debian:12","Cmd":["sleep","600"]}"#,
        )
        .await;
        let id = id.expect("made");
        for version in ["", "/v1.24", "/v1.41"] {
            let path = format!("{version}/containers/{id}/start");
            let body = r#"{"Binds":["/etc:/x"],"Privileged":true}"#;
            let reply = world
                .alice
                .call(Method::POST, &path, Some(body.to_owned()))
                .await;
            assert_eq!(reply.status, 403, "{reply:?}");
        }
        let made = world.inspect(&id).await;
        assert_eq!(made["State"]["Running"], false);
        assert!(is_harmless(&made));
        let exec = world
            .alice
            .post(
                &format!("/containers/{id}/exec"),
                &json!({ "Cmd": ["id"], "Privileged": true }),
            )
            .await;
        assert_eq!(exec.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_volume_is_a_plain_one() {
    in_world(async |world| {
        for body in [
            r#"{"Name":"v1","DriverOpts":{"type":"none","o":"bind","device":"/etc"}}"#,
            r#"{"Name":"v1","driveropts":{"type":"none","o":"bind","device":"/etc"}}"#,
            r#"{"Name":"v1","DriverOpts":{},"DriverOpts":{"type":"none","o":"bind","device":"/etc"}}"#,
            r#"{"Name":"v1","DriverOpts":{"type":"nfs","o":"addr=127.0.0.1","device":":/"}}"#,
            r#"{"Name":"v1","Driver":"elsewhere"}"#,
            r#"{"Name":"../../etc"}"#,
        ] {
            let reply = world.alice.call(Method::POST, "/volumes/create", Some(body.to_owned())).await;
            assert!((400..500).contains(&reply.status), "{body}: {reply:?}");
        }
        assert!(world.volumes().await.is_empty());
        // The raw engine would take the first one: that is how a volume mounts the host.
        let label = format!(r#""Labels":{{"docktutor.instance":"{}"}},"#, world.instance);
        let body = format!(r#"{{{label}"Name":"trick{}","DriverOpts":{{"type":"none","o":"bind","device":"/etc"}}}}"#, world.instance);
        assert_eq!(world.raw.call(Method::POST, "/volumes/create", Some(body)).await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn a_network_is_a_plain_one() {
    in_world(async |world| {
        let before = world.networks().await.len();
        for body in [
            r#"{"Name":"n1","Driver":"host"}"#,
            r#"{"Name":"n1","Driver":"macvlan","Options":{"parent":"lo"}}"#,
            r#"{"Name":"n1","driver":"macvlan"}"#,
            r#"{"Name":"n1","Options":{"com.docker.network.bridge.name":"dtbr0"}}"#,
            r#"{"Name":"n1","IPAM":{"Config":[{"Subnet":"10.0.0.0/8"}]}}"#,
            r#"{"Name":"n1","ConfigOnly":true}"#,
            r#"{"Name":"n1","Scope":"swarm"}"#,
        ] {
            let reply = world
                .alice
                .call(Method::POST, "/networks/create", Some(body.to_owned()))
                .await;
            assert!((400..500).contains(&reply.status), "{body}: {reply:?}");
        }
        assert_eq!(world.networks().await.len(), before);
    })
    .await;
}

#[tokio::test]
async fn filters_and_names_in_queries_lead_nowhere_else() {
    in_world(async |world| {
        let victim = world
            .bob
            .docker("run -d --name victim debian:12 sleep 600")
            .await
            .ok();
        for filters in [
            json!({ "label": ["docktutor.scope=bobby"] }),
            json!({ "id": [victim] }),
            json!({ "name": ["victim"] }),
            json!({ "name": [".*"] }),
            json!({ "ancestor": [world.image_id] }),
            json!({ "status": ["running"] }),
        ] {
            let path = format!(
                "/containers/json?all=1&filters={}",
                escape(&filters.to_string())
            );
            assert!(
                !world.alice.get(&path).await.text.contains(&victim),
                "{filters}"
            );
        }
        let reply = world
            .alice
            .post(
                "/containers/create?name=a%2Fb",
                &json!({ "Image": "debian:12" }),
            )
            .await;
        assert_eq!(reply.status, 400);
        let prune = format!(
            "/containers/prune?filters={}",
            escape(r#"{"label":["docktutor.scope=bobby"]}"#)
        );
        world.bob.docker("stop -t 0 victim").await.ok();
        world.alice.call(Method::POST, &prune, None).await;
        assert_eq!(world.bob.docker("ps -aq").await.ok().len(), 12);
    })
    .await;
}
