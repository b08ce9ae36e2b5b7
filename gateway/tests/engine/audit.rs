//! What the gateway writes down of the calls that it took in.

use crate::common::in_world;
use hyper::Method;
use serde_json::{Value, json};

fn lines(folder: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("ledger/audit.jsonl")).expect("a log");
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

#[tokio::test]
async fn every_decision_is_in_the_log_and_no_secret() {
    in_world(async |world| {
        let alice = &world.alice;
        alice
            .docker("run -d --name web -e PASSWORD=hunter2 -m 900g debian:12 sleep 600")
            .await
            .ok();
        alice.docker("exec web echo hunter2").await.ok();
        alice
            .docker("run --privileged debian:12 true")
            .await
            .fails();
        let secret = json!({ "Image": "debian:12", "Env": "PASSWORD=hunter2" });
        assert_eq!(alice.post("/containers/create", &secret).await.status, 403);
        let named = json!({ "Image": "debian:12", "Labels": { "k": ["hunter2"] } });
        assert_eq!(
            alice
                .post("/containers/create?name=x1", &named)
                .await
                .status,
            403
        );
        world.bob.docker("rm web").await.fails();
        // A gateway that ends has written all of it; the next one lets the scopes be removed.
        world.restart().await;

        let lines = lines(world.folder.path());
        let text = format!("{lines:?}");
        assert!(
            !text.contains("hunter2") && !text.contains("PASSWORD"),
            "{text}"
        );
        let find = |kind: &str, verdict: &str| {
            lines
                .iter()
                .find(|line| line["kind"] == kind && line["verdict"] == verdict)
                .unwrap_or_else(|| panic!("no {kind} {verdict} in {text}"))
        };
        let create = find("container create", "rewritten");
        assert_eq!(create["object"], "web");
        assert_eq!(create["rule"], "limits");
        assert_eq!(create["status"], 201);
        assert_eq!(create["path"], "/containers/create");
        assert_eq!(find("exec start", "allowed")["object"], "web");
        let refused = find("container create", "refused");
        assert_eq!(
            (&refused["rule"], &refused["status"]),
            (&json!("policy"), &json!(403))
        );
        let reason = refused["reason"].as_str().expect("a reason");
        assert!(reason.contains("Privileged"), "{reason}");
        let foreign = find("container remove", "refused");
        assert_eq!(
            (&foreign["scope"], &foreign["rule"]),
            (&json!("bobby"), &json!("ownership"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_scope_remembers_its_calls_over_a_restart_and_forgets_those_of_tools() {
    in_world(async |world| {
        let scope = world.scope(&world.alice);
        world.alice.docker("pull debian:12").await.ok();
        world
            .alice
            .docker("run --name job debian:12 true")
            .await
            .ok();
        let second = scope.calls(0).last().expect("calls").at_ms + 1;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        world.alice.docker("rm job").await.ok();
        world.alice.docker("volume create data").await.ok();

        let tool = crate::side::Side {
            name: "tool".to_owned(),
            socket: scope.tool_socket().expect("a socket"),
            home: world.alice.home.clone(),
        };
        assert_eq!(tool.get("/containers/json").await.status, 200);
        assert_eq!(
            tool.call(Method::DELETE, "/volumes/data", None)
                .await
                .status,
            204
        );

        let shown = |calls: Vec<gateway::EngineCall>| {
            calls
                .into_iter()
                .map(|call| format!("{} {} {}", call.kind, call.object, call.status))
                .collect::<Vec<_>>()
        };
        let all = shown(scope.calls(0));
        for call in [
            "image pull debian:12 200",
            "container create job 201",
            "container start job 204",
        ] {
            assert!(all.contains(&call.to_owned()), "{call}: {all:?}");
        }
        let late = shown(scope.calls(second));
        assert_eq!(late, ["container remove job 204", "volume create data 201"]);
        drop(scope);
        world.restart().await;
        world.reopen().await;
        assert_eq!(shown(world.scope(&world.alice).calls(0)), all);

        world.gateway.remove_scope("alice").await.expect("removed");
        world.restart().await;
        world.reopen().await;
        assert!(
            world.scope(&world.alice).calls(0).is_empty(),
            "a new scope of that name is a new one"
        );
    })
    .await;
}
