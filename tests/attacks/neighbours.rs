//! Other learners, and what is said about them.

use crate::attacker::{Attacker, begin, without};
use crate::common::engine;
use crate::common::home::Home;

#[tokio::test]
async fn foreign_things_answer_like_things_that_never_were() {
    let home = Home::new();
    let (server, mut attacker) = begin(&home).await;
    let victim = server.add_learner(&home, "victim").await;
    let mut victim = Attacker::new(&home, victim).await;
    victim.run("docker run -d --name secret-name -v secret-volume:/v --label secret=label busybox sleep 1000").await;
    victim
        .run("docker network create secret-net; printf 'FROM busybox\\nRUN echo secret > /f\\n' | docker build -t secret-image:1 -")
        .await;
    let id = victim
        .run("docker inspect -f '{{.Id}}' secret-name")
        .await
        .said
        .trim()
        .to_owned();
    let image = victim
        .run("docker inspect -f '{{.Id}}' secret-image:1")
        .await
        .said
        .trim()
        .to_owned();
    let network = victim
        .run("docker network inspect -f '{{.Id}}' secret-net")
        .await
        .said
        .trim()
        .to_owned();
    assert_eq!(
        (id.len(), image.len(), network.len()),
        (64, 71, 64),
        "{id} {image} {network}"
    );
    let never = "0123456789abcdef".repeat(4);
    let never_image = format!("sha256:{never}");

    let foreign = [id.as_str(), &id[..12], &id[..2], "secret-name"];
    let unknown = [never.as_str(), &never[..12], "zz", "other-name"];
    for (method, path) in [
        ("GET", "/containers/ID/json"),
        ("GET", "/containers/ID/logs?stdout=1"),
        ("GET", "/containers/ID/top"),
        ("GET", "/containers/ID/archive?path=/"),
        ("GET", "/containers/ID/export"),
        ("GET", "/containers/ID/stats?stream=0"),
        ("POST", "/containers/ID/exec"),
        ("POST", "/containers/ID/start"),
        ("POST", "/containers/ID/stop"),
        ("POST", "/containers/ID/kill"),
        ("POST", "/containers/ID/rename?name=x"),
        ("POST", "/containers/ID/update"),
        ("POST", "/commit?container=ID"),
        ("DELETE", "/containers/ID?force=1"),
    ] {
        let body = if path.ends_with("exec") {
            r#"{"Cmd":["true"]}"#
        } else {
            ""
        };
        let body = if path.ends_with("update") { "{}" } else { body };
        for (one, other) in foreign.iter().zip(unknown) {
            let (status, said) = attacker.request(method, &path.replace("ID", one), body);
            let (plain, words) = attacker.request(method, &path.replace("ID", other), body);
            assert_eq!(
                (status, without(&said, &[one])),
                (plain, without(&words, &[other])),
                "{method} {path} tells {one} from {other}"
            );
        }
    }
    for (method, path, one, other) in [
        (
            "GET",
            "/images/ID/json",
            image.as_str(),
            never_image.as_str(),
        ),
        ("GET", "/images/ID/json", "secret-image:1", "other-image:1"),
        (
            "GET",
            "/images/ID/get",
            image.as_str(),
            never_image.as_str(),
        ),
        ("DELETE", "/images/ID", "secret-image:1", "other-image:1"),
        ("GET", "/volumes/ID", "secret-volume", "other-volume"),
        ("DELETE", "/volumes/ID", "secret-volume", "other-volume"),
        ("GET", "/networks/ID", network.as_str(), never.as_str()),
        ("DELETE", "/networks/ID", "secret-net", "other-net"),
    ] {
        let (status, said) = attacker.request(method, &path.replace("ID", one), "");
        let (plain, words) = attacker.request(method, &path.replace("ID", other), "");
        assert_eq!(
            (status, without(&said, &[one])),
            (plain, without(&words, &[other])),
            "{method} {path} {one}"
        );
    }
    let all = attacker.run("docker ps -a --no-trunc; docker images -a --no-trunc; docker volume ls; docker network ls --no-trunc; docker system df -v; docker info; timeout 1 docker events --since 0 --until 9999999999").await;
    for secret in ["secret", &id, &image, &network] {
        assert!(!all.said.contains(secret), "{secret} is told: {}", all.said);
    }
    // A volume or network of the same name is a new one.
    attacker.run("docker volume create secret-volume; docker run --rm -v secret-volume:/v busybox touch /v/mine").await;
    assert!(
        !victim
            .run("docker exec secret-name ls /v")
            .await
            .said
            .contains("mine")
    );
    assert_eq!(
        victim
            .run("docker inspect -f '{{.State.Running}}' secret-name")
            .await
            .said
            .trim(),
        "true"
    );
}

#[tokio::test]
async fn another_learners_server_cannot_be_reached() {
    let home = Home::new();
    let (server, mut attacker) = begin(&home).await;
    let victim = server.add_learner(&home, "victim").await;
    let mut victim = Attacker::new(&home, victim).await;
    victim
        .run("docker run -d --name web -p 8080:80 busybox sh -c 'mkdir /www; echo treasure > /www/index.html; exec httpd -f -p 80 -h /www'")
        .await;
    let fine = victim
        .run("curl --silent --retry 20 --retry-connrefused --retry-delay 1 http://localhost:8080/")
        .await;
    assert_eq!(fine.said, "treasure\n");
    let addresses: Vec<String> = engine::containers(&home.instance())
        .iter()
        .filter(|container| container["Labels"]["docktutor.scope"] == victim.scope.as_str())
        .flat_map(|container| {
            container["NetworkSettings"]["Networks"]
                .as_object()
                .cloned()
                .unwrap_or_default()
        })
        .filter_map(|(_, network)| network["IPAddress"].as_str().map(str::to_owned))
        .filter(|address| !address.is_empty())
        .collect();
    assert!(
        addresses.len() > 1,
        "the workbench and the server have addresses: {addresses:?}"
    );
    for address in addresses {
        for port in [80, 8080] {
            let url = format!("http://{address}:{port}/");
            let from_workbench = attacker
                .run(&format!("curl --silent --max-time 3 {url}"))
                .await;
            assert!(
                from_workbench.code != 0 && !from_workbench.said.contains("treasure"),
                "{url}: {from_workbench:?}"
            );
            let from_container = attacker
                .run(&format!("docker run --rm busybox wget -q -T 3 -O - {url}"))
                .await;
            assert!(
                from_container.code != 0 && !from_container.said.contains("treasure"),
                "{url}: {from_container:?}"
            );
        }
    }
    assert_ne!(
        attacker
            .run("curl --silent --max-time 3 http://localhost:8080/")
            .await
            .code,
        0
    );
}
