//! `docker push` and `pull` with a registry that a learner runs in the scope, an honest one and a hostile one.

use crate::common::{World, in_world, until};
use crate::registry::{digest, image};
use gateway::{Catalogue, CatalogueImage};
use serde_json::Value;

/// Gives both learners the course's registry image, or what stands in for it here.
async fn with_registry_image(world: &World) {
    let all = world.raw.get("/images/json").await.json();
    let tag = |image: &&Value| {
        image["RepoTags"]
            .to_string()
            .contains("docktutor/registry:")
    };
    let found = all.as_array().into_iter().flatten().find(tag);
    let registry = found.expect("`docktutor images prepare` was run on the test engine");
    let entry = |reference: &str, id: &str| {
        let image = CatalogueImage {
            id: id.to_owned(),
            stand_in: true,
            listed: true,
        };
        (reference.to_owned(), image)
    };
    let registry = entry("registry:2", registry["Id"].as_str().expect("an id"));
    world.gateway.set_catalogue(Catalogue(
        [registry, entry("debian:12", &world.image_id)].into(),
    ));
}

#[tokio::test]
async fn a_registry_of_ones_own_is_pushed_to_and_pulled_from() {
    in_world(async |world| {
        with_registry_image(world).await;
        let (alice, bob) = (&world.alice, &world.bob);
        let id = image(alice, "localhost:5000/board:1", b"the board").await;
        let nobody = alice.docker("push localhost:5000/board:1").await.fails();
        assert!(nobody.contains("connection refused"), "{nobody}");
        alice
            .docker("run -d -p 5000:5000 --name registry registry:2")
            .await
            .ok();
        until("the registry answers", || async {
            alice.docker("push localhost:5000/board:1").await.code == 0
        })
        .await;
        let again = alice.docker("push localhost:5000/board:1").await.ok();
        assert!(again.contains("Layer already exists"), "{again}");
        let digest = digest(&again);
        let kept = alice
            .docker("exec registry ls /var/lib/registry/docker/registry/v2/repositories")
            .await
            .ok();
        assert_eq!(kept, "board", "it is in the container");
        alice.docker("rmi localhost:5000/board:1").await.ok();
        let pulled = alice.docker("pull localhost:5000/board:1").await.ok();
        assert!(pulled.contains(&digest), "{pulled}");
        assert_eq!(
            alice
                .docker("inspect -f {{.Id}} localhost:5000/board:1")
                .await
                .ok(),
            id
        );
        let missing = alice.docker("pull localhost:5000/board:9").await.fails();
        assert!(missing.contains("manifest unknown"), "{missing}");
        // It is alice's port, and nobody else's.
        let foreign = bob.docker("pull localhost:5000/board:1").await.fails();
        assert!(foreign.contains("connection refused"), "{foreign}");
    })
    .await;
}

/// A registry that leads elsewhere and sends too much. It notes each request.
const HOSTILE: &str = r#"
use IO::Socket::INET; $| = 1; $SIG{PIPE} = 'IGNORE';
my $s = IO::Socket::INET->new(LocalPort => 5000, Listen => 9, ReuseAddr => 1) or die;
while (my $c = $s->accept) {
  my $r = <$c>; my $n = 0;
  while (my $h = <$c>) { $n = $1 if $h =~ /^content-length: (\d+)/i; last if $h =~ /^\r?\n$/ }
  read $c, my $b, $n if $n; print "$r";
  if ($r =~ /^HEAD/) { print $c "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n" }
  elsif ($r =~ /^POST \/v2\/out/) { print $c "HTTP/1.1 202 X\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n" }
  elsif ($r =~ /^POST/) { print $c "HTTP/1.1 202 X\r\nLocation: http://169.254.169.254/v2/steal\r\nContent-Length: 0\r\n\r\n" }
  elsif ($r =~ /^PUT/) { print $c "HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n" }
  elsif ($r =~ /big/) { print $c "HTTP/1.1 200 X\r\nContent-Length: 100000000\r\n\r\n"; print $c " " x 1000000 for 1..100 }
  else { print $c "HTTP/1.1 307 X\r\nLocation: http://169.254.169.254/v2/x\r\nContent-Length: 0\r\n\r\n" }
  close $c;
}"#;

#[tokio::test]
async fn a_hostile_registry_leads_nowhere() {
    in_world(async |world| {
        let alice = &world.alice;
        let run = [
            "run",
            "-d",
            "-p",
            "5000:5000",
            "--name",
            "hostile",
            "debian:12",
            "perl",
            "-e",
            HOSTILE,
        ];
        alice.docker_with(&run, b"").await.ok();
        for name in ["in:1", "out:1"] {
            image(alice, &format!("localhost:5000/{name}"), b"x").await;
        }
        // An upload's location is a path on the same registry, whatever host it names, and only below /v2/.
        until("it answers", || async {
            alice.docker("push localhost:5000/in:1").await.code == 0
        })
        .await;
        let logs = alice.docker("logs hostile").await.ok();
        assert!(logs.contains("PUT /v2/steal?digest=sha256%3A"), "{logs}");
        let out = alice.docker("push localhost:5000/out:1").await.fails();
        assert!(out.contains("does not say where to upload"), "{out}");
        let big = alice.docker("pull localhost:5000/big:1").await.fails();
        assert!(big.contains("too large"), "{big}");
        let redirected = alice.docker("pull localhost:5000/other:1").await.fails();
        assert!(
            redirected.contains("unexpected HTTP status: 307"),
            "{redirected}"
        );
    })
    .await;
}
