//! Who may come in: 401 without a token, 403 from a foreign page, 421 under a foreign name.

use crate::common::home::Home;
use crate::common::learner::Learner;
use crate::common::server::Server;
use crate::common::terminal;

/// Every kind of thing that only a learner may do; method and path.
const PRIVATE: [(&str, &str); 14] = [
    ("GET", "/"),
    ("GET", "/en/lessons/01-one-image-many-containers"),
    ("GET", "/api/status"),
    ("GET", "/api/events"),
    ("GET", "/api/files"),
    ("GET", "/api/files/first-dockerfile/Dockerfile"),
    ("PUT", "/api/files/first-dockerfile/Dockerfile"),
    ("GET", "/api/progress"),
    (
        "GET",
        "/api/exercises/images-and-containers/first-dockerfile",
    ),
    ("POST", "/api/sandbox/start"),
    ("POST", "/api/sandbox/reset"),
    ("POST", "/api/lint"),
    (
        "POST",
        "/api/exercise/check/images-and-containers/first-dockerfile",
    ),
    (
        "GET",
        "/api/exercise/solution/images-and-containers/first-dockerfile",
    ),
];

async fn raw(learner: &Learner, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    learner.request_with(method, path, headers, "").await.status
}

#[tokio::test]
async fn no_token_no_entry() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let host = server.address().to_string();
    let origin = server.origin();
    let name = learner.cookie().split('=').next().expect("a cookie");
    let guess = format!("{name}={}", "0".repeat(64));
    let empty = format!("{name}=");
    for (method, path) in PRIVATE {
        for cookie in ["", guess.as_str(), empty.as_str(), "other=1"] {
            let status = raw(
                &learner,
                method,
                path,
                &[("host", &host), ("origin", &origin), ("cookie", cookie)],
            )
            .await;
            assert_eq!(status, 401, "{method} {path} with cookie {cookie:?}");
        }
    }
    for token in ["", "?token=", "?token=0000", "?token=%27%20OR%201%3D1"] {
        let status = raw(
            &learner,
            "GET",
            &format!("/enter{token}"),
            &[("host", &host)],
        )
        .await;
        assert_eq!(status, 401, "/enter{token}");
    }
    let headers = [("origin", origin.as_str()), ("cookie", guess.as_str())];
    assert_eq!(
        terminal::connect(&learner, 1, &headers).await.err(),
        Some(401)
    );
    assert_eq!(
        terminal::connect(&learner, 1, &headers[..1]).await.err(),
        Some(401)
    );
}

#[tokio::test]
async fn a_foreign_page_cannot_act_for_the_learner() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let host = server.address().to_string();
    let port = server.address().port();
    let foreign = [
        String::new(),
        "null".to_owned(),
        "http://evil.example".to_owned(),
        format!("http://evil.example:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("{}.evil.example", server.origin()),
    ];
    for origin in &foreign {
        for (method, path) in PRIVATE.iter().filter(|(method, _)| *method != "GET") {
            let headers = [
                ("host", host.as_str()),
                ("origin", origin),
                ("cookie", learner.cookie()),
            ];
            assert_eq!(
                raw(&learner, method, path, &headers).await,
                403,
                "{method} {path} from {origin:?}"
            );
        }
        let mut headers = vec![("cookie", learner.cookie())];
        if !origin.is_empty() {
            headers.push(("origin", origin));
        }
        assert_eq!(
            terminal::connect(&learner, 1, &headers).await.err(),
            Some(403),
            "a WebSocket from {origin:?}"
        );
    }
    assert!(learner.files().await.is_empty(), "nothing has happened");
}

#[tokio::test]
async fn a_foreign_name_gets_nothing() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    let port = server.address().port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
    ] {
        for (method, path) in PRIVATE
            .into_iter()
            .chain([("GET", "/enter"), ("GET", "/assets/page.js")])
        {
            let origin = format!("http://{host}");
            let headers = [
                ("host", host.as_str()),
                ("origin", &origin),
                ("cookie", learner.cookie()),
            ];
            assert_eq!(
                raw(&learner, method, path, &headers).await,
                421,
                "{method} {path} under {host}"
            );
        }
    }
    for name in ["localhost", "LOCALHOST"] {
        let host = format!("{name}:{port}");
        let headers = [("host", host.as_str()), ("cookie", learner.cookie())];
        assert_eq!(
            raw(&learner, "GET", "/api/status", &headers).await,
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_further_name_must_be_allowed_by_hand() {
    let home = Home::without_engine();
    let server = Server::start_with(&home, &["--host", "tutor.example"]);
    let learner = server.learner().await;
    let host = format!("tutor.example:{}", server.address().port());
    let headers = [("host", host.as_str()), ("cookie", learner.cookie())];
    assert_eq!(raw(&learner, "GET", "/api/status", &headers).await, 200);
}

#[tokio::test]
async fn two_learners_have_their_own_progress_and_files() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let first = server.learner().await;
    let second = server.add_learner(&home, "second").await;
    first.save_file("mine.txt", "first").await;
    assert_eq!(second.get("/api/files/mine.txt").await.status, 404);
    second.save_file("mine.txt", "second").await;
    assert_eq!(
        first.read_file("mine.txt").await.text.as_deref(),
        Some("first")
    );
    first
        .start_exercise("images-and-containers/first-dockerfile")
        .await;
    first.check("images-and-containers/first-dockerfile").await;
    assert_eq!(
        first
            .exercise("images-and-containers/first-dockerfile")
            .await
            .attempts,
        1
    );
    assert_eq!(
        second
            .exercise("images-and-containers/first-dockerfile")
            .await
            .attempts,
        0
    );
}

#[tokio::test]
async fn pages_are_strict_about_what_they_load() {
    let home = Home::without_engine();
    let server = Server::start(&home);
    let learner = server.learner().await;
    for path in [
        "/",
        "/ko/lessons/01-one-image-many-containers",
        "/en/lessons/01-image-and-container",
        "/no-such-page",
    ] {
        let page = learner.get(path).await;
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-eval") && !policy.contains('*'),
            "{path}: {policy}"
        );
        for directive in policy
            .split(';')
            .map(str::trim)
            .filter(|directive| directive.starts_with("script-src"))
        {
            assert!(!directive.contains("unsafe-inline"), "{path}: {policy}");
        }
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        for foreign in ["src=\"http", "src=\"//", "href=\"//"] {
            assert!(!page.text().contains(foreign), "{path} has {foreign:?}");
        }
    }
}
