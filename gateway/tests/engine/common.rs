//! Two scopes on the engine under test, the means to use them, and their removal whatever happens.

use crate::side::{PATIENCE, Side};
use futures_util::FutureExt;
use gateway::{Catalogue, CatalogueImage, Config, Gateway, Limits, Scope, ScopeSpec};
use hyper::Method;
use serde_json::{Value, json};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Two learners on one engine.
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) raw: Side,
    pub(crate) alice: Side,
    pub(crate) bob: Side,
    pub(crate) instance: String,
    pub(crate) image: String,
    pub(crate) image_id: String,
    pub(crate) folder: tempfile::TempDir,
}

fn setting(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run these tests by `make test`"))
}

/// Runs a test in a world of its own, and takes the world away again.
pub(crate) async fn in_world(test: impl AsyncFnOnce(&mut World)) {
    in_world_with(Limits::default(), test).await;
}

pub(crate) async fn in_world_with(limits: Limits, test: impl AsyncFnOnce(&mut World)) {
    let mut world = World::new(limits).await;
    let result = AssertUnwindSafe(test(&mut world)).catch_unwind().await;
    world.close().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

impl World {
    async fn new(limits: Limits) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().expect("a folder");
        let instance = format!(
            "t{}x{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let home = folder.path().join("home");
        std::fs::create_dir(&home).expect("a home");
        let side = |name: &str, socket: PathBuf| Side {
            name: name.to_owned(),
            socket,
            home: home.clone(),
        };
        let raw = side("raw", setting("DOCKTUTOR_TEST_ENGINE").into());
        let image = setting("DOCKTUTOR_TEST_IMAGE");
        let inspected = raw.get(&format!("/images/{image}/json")).await;
        let image_id = inspected.json()["Id"]
            .as_str()
            .expect("the test image is on the engine")
            .to_owned();
        let gateway = open(&raw.socket, folder.path(), &instance, &image_id).await;
        let (alice, bob) = (
            side("alice", folder.path().join("alice.sock")),
            side("bobby", folder.path().join("bob.sock")),
        );
        for learner in [&alice, &bob] {
            std::fs::create_dir(learner.workspace()).expect("a workspace");
            gateway
                .open_scope(spec(learner, limits.clone()))
                .await
                .expect("a scope");
        }
        Self {
            gateway,
            raw,
            alice,
            bob,
            instance,
            image,
            image_id,
            folder,
        }
    }

    /// A new gateway in place of the old one.
    pub(crate) async fn restart(&mut self) {
        self.gateway.shutdown().await;
        let config = || Config {
            upstream: self.raw.socket.clone(),
            local: true,
            runtime: None,
            folder: self.folder.path().join("ledger"),
            instance: self.instance.clone(),
        };
        // Connections of the old gateway may still be ending; the lock of its ledger goes with the last of them.
        let opening = async {
            loop {
                match Gateway::open(config()).await {
                    Ok(gateway) => return gateway,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        let gateway = tokio::time::timeout(PATIENCE, opening)
            .await
            .expect("the old gateway lets go");
        set_catalogue(&gateway, &self.image_id);
        self.gateway = gateway;
    }

    /// Puts another image in the catalogue's place.
    pub(crate) fn use_image(&self, id: &str) {
        set_catalogue(&self.gateway, id);
    }

    /// Opens both scopes again after a restart.
    pub(crate) async fn reopen(&self) {
        for learner in [&self.alice, &self.bob] {
            self.gateway
                .open_scope(spec(learner, Limits::default()))
                .await
                .expect("a scope");
        }
    }

    pub(crate) fn scope(&self, side: &Side) -> Scope {
        self.gateway.scope(&side.name).expect("an open scope")
    }

    /// What the raw engine says of a container.
    pub(crate) async fn inspect(&self, id: &str) -> Value {
        self.raw.get(&format!("/containers/{id}/json")).await.json()
    }

    /// Ids of all containers on the engine that this world made.
    pub(crate) async fn containers(&self) -> Vec<String> {
        let filters =
            json!({ "label": [format!("docktutor.instance={}", self.instance)] }).to_string();
        let path = format!("/containers/json?all=1&filters={}", escape(&filters));
        ids(&self.raw.get(&path).await.json(), "Id")
    }

    pub(crate) async fn networks(&self) -> Vec<String> {
        let filters =
            json!({ "label": [format!("docktutor.instance={}", self.instance)] }).to_string();
        ids(
            &self
                .raw
                .get(&format!("/networks?filters={}", escape(&filters)))
                .await
                .json(),
            "Id",
        )
    }

    pub(crate) async fn volumes(&self) -> Vec<String> {
        let filters =
            json!({ "label": [format!("docktutor.instance={}", self.instance)] }).to_string();
        ids(
            &self
                .raw
                .get(&format!("/volumes?filters={}", escape(&filters)))
                .await
                .json()["Volumes"],
            "Name",
        )
    }

    pub(crate) async fn images(&self) -> Vec<String> {
        let all = self.raw.get("/images/json").await.json();
        let mine = format!("docktutor-{}/", self.instance);
        let tags = all
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|image| image["RepoTags"].as_array().cloned());
        tags.flatten()
            .filter_map(|tag| tag.as_str().map(str::to_owned))
            .filter(|tag| tag.starts_with(&mine))
            .collect()
    }

    async fn close(&mut self) {
        for name in self.gateway.scopes() {
            if let Err(error) = self.gateway.remove_scope(&name).await {
                eprintln!("the scope {name} could not be removed: {error}");
            }
        }
        self.gateway.shutdown().await;
        // Whatever a failed test left, and what it made on the raw engine under this world's label.
        for id in self.containers().await {
            self.raw
                .call(
                    Method::DELETE,
                    &format!("/containers/{id}?force=1&v=1"),
                    None,
                )
                .await;
        }
        for id in self.networks().await {
            self.raw
                .call(Method::DELETE, &format!("/networks/{id}"), None)
                .await;
        }
        for tag in self.images().await {
            let path = format!("/images/{tag}?force=1");
            self.raw.call(Method::DELETE, &path, None).await;
        }
        for name in self.volumes().await {
            self.raw
                .call(Method::DELETE, &format!("/volumes/{name}?force=1"), None)
                .await;
        }
        // A gateway that was ended leaves its rules to the next one, and a world has no next one. Most have none left.
        let table = format!("docktutor_{}", self.instance);
        let _ = std::process::Command::new("nft")
            .args(["delete", "table", "inet", &table])
            .output();
    }
}

async fn open(engine: &Path, folder: &Path, instance: &str, image: &str) -> Gateway {
    let config = Config {
        upstream: engine.to_owned(),
        local: true,
        runtime: None,
        folder: folder.join("ledger"),
        instance: instance.to_owned(),
    };
    let gateway = Gateway::open(config).await.expect("a gateway");
    set_catalogue(&gateway, image);
    gateway
}

pub(crate) fn set_catalogue(gateway: &Gateway, image: &str) {
    let entry = |reference: &str| {
        (
            reference.to_owned(),
            CatalogueImage {
                id: image.to_owned(),
                stand_in: true,
                listed: true,
            },
        )
    };
    gateway.set_catalogue(Catalogue(
        [entry("debian:12"), entry("python:3.11-slim")].into(),
    ));
}

pub(crate) fn spec(side: &Side, limits: Limits) -> ScopeSpec {
    ScopeSpec {
        name: side.name.clone(),
        socket: side.socket.clone(),
        access: gateway::Access::Everybody,
        workspace: Some(gateway::Workspace::in_workbench(side.workspace())),
        limits,
    }
}

fn ids(list: &Value, key: &str) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one[key].as_str().map(str::to_owned))
        .collect()
}

/// Percent-encodes everything that is not plain.
pub(crate) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                (byte as char).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Waits until something is so; there is no other way to learn that the engine has noticed.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, check: impl Fn() -> F) {
    let waiting = async {
        while !check().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .unwrap_or_else(|_| panic!("never happened: {what}"));
}
