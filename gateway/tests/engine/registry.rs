//! `docker login`, `push` and `pull` with the course's registry.

use crate::common::{World, in_world, in_world_with};
use crate::side::Side;
use gateway::Limits;
use hyper::Method;
use serde_json::json;

/// An image of one file, as an archive of a file system.
pub(crate) async fn image(side: &Side, name: &str, content: &[u8]) -> String {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "file", content)
        .expect("a file");
    let tar = tar.into_inner().expect("a tar");
    side.docker_with(&["import", "-", name], &tar).await.ok()
}

async fn password(side: &Side) -> String {
    let account = side.get("/_docktutor/registry").await.json();
    assert_eq!(
        (&account["server"], &account["username"]),
        (&json!("registry.test"), &json!("learner"))
    );
    account["password"].as_str().expect("a password").to_owned()
}

async fn login(side: &Side) {
    let password = password(side).await;
    let said = side
        .docker(&format!("login registry.test -u learner -p {password}"))
        .await
        .ok();
    assert!(said.contains("Login Succeeded"), "{said}");
}

/// Each learner has a client of his own.
fn apart(world: &mut World) {
    world.bob.home = world.folder.path().join("bobs-home");
    std::fs::create_dir(&world.bob.home).expect("a home");
}

pub(crate) fn digest(pushed: &str) -> String {
    let line = pushed
        .lines()
        .find(|line| line.contains("digest: "))
        .expect("a digest");
    line.split_whitespace().nth(2).expect("a digest").to_owned()
}

#[tokio::test]
async fn an_image_is_pushed_and_pulled_by_tag_and_digest() {
    in_world(async |world| {
        let alice = &world.alice;
        let id = image(alice, "board:1", b"the board").await;
        alice
            .docker("tag board:1 registry.test/learner/board:1")
            .await
            .ok();
        let stranger = alice
            .docker("push registry.test/learner/board:1")
            .await
            .fails();
        assert!(stranger.contains("authentication required"), "{stranger}");
        let wrong = alice
            .docker("login registry.test -u learner -p wrong")
            .await
            .fails();
        assert!(wrong.contains("incorrect username or password"), "{wrong}");
        login(alice).await;

        let pushed = alice
            .docker("push registry.test/learner/board:1")
            .await
            .ok();
        assert!(
            pushed.contains("The push refers to repository [registry.test/learner/board]"),
            "{pushed}"
        );
        assert!(pushed.contains("Pushed"), "{pushed}");
        let digest = digest(&pushed);
        let again = alice
            .docker("push registry.test/learner/board:1")
            .await
            .ok();
        assert!(
            again.contains("Layer already exists") && again.contains(&digest),
            "{again}"
        );
        let listed = alice
            .docker("images --digests registry.test/learner/board")
            .await
            .ok();
        assert!(listed.contains(&digest), "{listed}");
        // A second tag shares the layers.
        let built = b"FROM board:1\nLABEL second=1\n";
        let tags = ["build", "-q", "-t", "registry.test/learner/board:2", "-"];
        alice.docker_with(&tags, built).await.ok();
        let second = alice
            .docker("push registry.test/learner/board:2")
            .await
            .ok();
        assert!(
            second.contains("Layer already exists") && !second.contains("Pushed"),
            "{second}"
        );
        let used = alice.get("/_docktutor/usage").await.json()["registry"]["used"].as_u64();
        assert!(used > Some(500), "{used:?}");

        // It is there for somebody who has nothing of it, after a restart of the gateway too.
        alice
            .docker("rmi board:1 registry.test/learner/board:1 registry.test/learner/board:2")
            .await
            .ok();
        world.restart().await;
        world.reopen().await;
        let alice = &world.alice;
        assert_eq!(
            alice.docker("images -q").await.ok().lines().count(),
            2,
            "only the catalogue"
        );
        let pulled = alice
            .docker("pull registry.test/learner/board:1")
            .await
            .ok();
        assert!(pulled.contains(&format!("Digest: {digest}")), "{pulled}");
        assert!(
            pulled.contains("Downloaded newer image for registry.test/learner/board:1"),
            "{pulled}"
        );
        let found = alice
            .docker("inspect -f {{.Id}} registry.test/learner/board:1")
            .await
            .ok();
        assert_eq!(found, id, "the same image");
        let again = alice
            .docker("pull registry.test/learner/board:1")
            .await
            .ok();
        assert!(again.contains("Image is up to date"), "{again}");
        alice.docker("rmi registry.test/learner/board:1").await.ok();
        let by_digest = format!("registry.test/learner/board@{digest}");
        alice.docker(&format!("pull {by_digest}")).await.ok();
        assert_eq!(
            alice
                .docker(&format!("inspect -f {{{{.Id}}}} {by_digest}"))
                .await
                .ok(),
            id
        );
        let missing = alice
            .docker("pull registry.test/learner/board:9")
            .await
            .fails();
        assert!(missing.contains("manifest unknown"), "{missing}");

        // A reset begins anew, and the account stays.
        world.gateway.reset_scope("alice").await.expect("emptied");
        let alice = &world.alice;
        assert_eq!(
            alice.get("/_docktutor/usage").await.json()["registry"]["used"],
            0
        );
        let gone = alice
            .docker("pull registry.test/learner/board:1")
            .await
            .fails();
        assert!(gone.contains("pull access denied"), "{gone}");
    })
    .await;
}

#[tokio::test]
async fn nobody_reads_or_writes_anothers_namespace() {
    in_world(async |world| {
        apart(world);
        let (alice, bob) = (&world.alice, &world.bob);
        let secret = image(alice, "registry.test/learner/board:1", b"alice's secret").await;
        login(alice).await;
        login(bob).await;
        let digest = digest(
            &alice
                .docker("push registry.test/learner/board:1")
                .await
                .ok(),
        );
        assert_ne!(password(alice).await, password(bob).await);
        let other = format!(
            "login registry.test -u learner -p {}",
            password(alice).await
        );
        assert!(bob.docker(&other).await.fails().contains("incorrect"));
        login(bob).await;

        // The same name is another repository for another learner, and a foreign one is like one that never was.
        let never = format!("sha256:{}", "0".repeat(64));
        for (foreign, unknown) in [
            ("learner/board:1".to_owned(), "learner/never:1".to_owned()),
            (
                format!("learner/board@{digest}"),
                format!("learner/board@{never}"),
            ),
            ("alice/board:1".to_owned(), "nobody/board:1".to_owned()),
        ] {
            let said = bob
                .docker(&format!("pull registry.test/{foreign}"))
                .await
                .fails();
            let like = bob
                .docker(&format!("pull registry.test/{unknown}"))
                .await
                .fails();
            let plain = |text: &str, name: &str| {
                text.replace(name.split([':', '@']).next().unwrap_or(""), "X")
                    .replace(&digest, "D")
                    .replace(&never, "D")
            };
            assert_eq!(plain(&said, &foreign), plain(&like, &unknown));
        }
        // The same content is uploaded again: nobody learns that somebody else has it.
        image(bob, "registry.test/learner/own:1", b"alice's secret").await;
        let pushed = bob.docker("push registry.test/learner/own:1").await.ok();
        assert!(
            pushed.contains("Pushed") && !pushed.contains("already exists"),
            "{pushed}"
        );
        bob.docker("tag registry.test/learner/own:1 registry.test/alice/board:1")
            .await
            .ok();
        let denied = bob.docker("push registry.test/alice/board:1").await.fails();
        assert!(denied.contains("denied"), "{denied}");
        bob.docker("tag registry.test/learner/own:1 registry.test/learner/board:1")
            .await
            .ok();
        bob.docker("push registry.test/learner/board:1").await.ok();
        alice.docker("rmi registry.test/learner/board:1").await.ok();
        alice
            .docker("pull registry.test/learner/board:1")
            .await
            .ok();
        let found = alice
            .docker("inspect -f {{.Id}} registry.test/learner/board:1")
            .await
            .ok();
        assert_eq!(found, secret, "what bob pushed is bob's");

        // Paths in names, and addresses elsewhere.
        for name in [
            "registry.test/learner/..%2f..%2falice/board",
            "registry.test/learner/../board",
            "registry.test//board",
        ] {
            for path in [
                format!("/images/{name}/push?tag=1"),
                format!("/images/create?fromImage={name}&tag=1"),
            ] {
                let reply = bob.call(Method::POST, &path, None).await;
                assert!(matches!(reply.status, 400 | 403 | 404), "{path}: {reply:?}");
            }
        }
        let odd = bob
            .call(
                Method::POST,
                "/images/create?fromImage=registry.test/learner/board&tag=sha256:../../x",
                None,
            )
            .await;
        assert_eq!(odd.status, 400, "{odd:?}");
        for elsewhere in [
            "docker.io/me/board:1",
            "127.0.0.1.nip.io/board:1",
            "169.254.169.254/board:1",
            "board:1",
        ] {
            bob.docker(&format!("tag registry.test/learner/own:1 {elsewhere}"))
                .await
                .ok();
            let said = bob.docker(&format!("push {elsewhere}")).await.fails();
            assert!(
                said.contains("registry.test/learner/board"),
                "{elsewhere}: {said}"
            );
        }
        let login = bob
            .docker("login registry.example.com -u me -p secret")
            .await
            .fails();
        assert!(login.contains("registry.test"), "{login}");
    })
    .await;
}

#[tokio::test]
async fn bytes_in_the_registry_have_a_limit() {
    let limits = Limits {
        registry: 100_000,
        ..Limits::default()
    };
    in_world_with(limits, async |world| {
        let alice = &world.alice;
        login(alice).await;
        // Numbers without a pattern, so that compression does not help.
        let mut state = 1u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .take(200_000)
        .collect();
        image(alice, "registry.test/learner/large:1", &noise).await;
        image(alice, "registry.test/learner/small:1", b"small").await;
        let said = alice
            .docker("push registry.test/learner/large:1")
            .await
            .fails();
        assert!(
            said.contains("your part of the registry may hold"),
            "{said}"
        );
        alice
            .docker("push registry.test/learner/small:1")
            .await
            .ok();
        let usage = alice.get("/_docktutor/usage").await.json();
        let used = usage["registry"]["used"].as_u64().expect("a number");
        assert!(used > 0 && used < 100_000, "{usage}");
    })
    .await;
}
