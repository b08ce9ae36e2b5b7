//! Which call a request is, in Docker's words.

/// A request's kind, the shape of its path, and the word of the path that names something.
pub(crate) struct Call {
    pub(crate) kind: String,
    pub(crate) shape: String,
    pub(crate) object: Option<String>,
    /// What the object is: `container`, `image`, `network`, `volume`, `exec` or empty.
    pub(crate) of: &'static str,
}

/// Names a request by its method and the words of its path, without the version.
pub(crate) fn classify(method: &str, words: &[&str]) -> Call {
    let plain = |kind: &str| Call {
        kind: kind.to_owned(),
        shape: format!("/{}", words.join("/")),
        object: None,
        of: "",
    };
    let of = |of: &'static str, action: &str, object: String, rest: &str| Call {
        kind: format!("{of} {action}"),
        shape: format!("/{of}s/{{id}}{rest}").replace("/execs/", "/exec/"),
        object: Some(object),
        of,
    };
    match (method, words) {
        (_, ["_ping"]) => plain("ping"),
        (_, ["version" | "info" | "events" | "build" | "commit" | "auth"]) => plain(words[0]),
        (_, ["system", "df"]) => plain("system df"),
        (_, ["_docktutor", "usage"]) => plain("usage"),
        (_, ["build", "prune"]) => plain("build prune"),
        (_, ["grpc" | "session"]) => plain("buildkit"),
        (_, ["images", "create"]) => plain("image pull"),
        (_, ["images", "load"]) => plain("image load"),
        (_, ["images", "get"]) => plain("image save"),
        (_, ["images", "search"]) => plain("image search"),
        (_, ["containers" | "images", "json"]) | ("GET", ["networks" | "volumes"]) => {
            plain(&format!("{} list", words[0].trim_end_matches('s')))
        }
        (
            "POST",
            [
                "containers" | "images" | "networks" | "volumes",
                verb @ ("create" | "prune"),
            ],
        ) => plain(&format!("{} {verb}", words[0].trim_end_matches('s'))),
        ("POST", ["containers", id, "exec"]) => Call {
            kind: "exec create".to_owned(),
            ..of("container", "exec", (*id).to_owned(), "/exec")
        },
        ("DELETE", ["containers", id]) => of("container", "remove", (*id).to_owned(), ""),
        (_, ["containers", id, "archive"]) => {
            of("container", "archive", (*id).to_owned(), "/archive")
        }
        (_, ["containers", id, "json"]) => of("container", "inspect", (*id).to_owned(), "/json"),
        (_, ["containers", id, verb]) if CONTAINER.contains(verb) => {
            of("container", verb, (*id).to_owned(), &format!("/{verb}"))
        }
        (_, ["exec", id, "json"]) => of("exec", "inspect", (*id).to_owned(), "/json"),
        (_, ["exec", id, verb @ ("start" | "resize")]) => {
            of("exec", verb, (*id).to_owned(), &format!("/{verb}"))
        }
        ("GET", ["images", name @ .., verb @ ("json" | "history" | "get")]) if !name.is_empty() => {
            let action = match *verb {
                "json" => "inspect",
                "get" => "save",
                other => other,
            };
            of("image", action, name.join("/"), &format!("/{verb}"))
        }
        ("POST", ["images", name @ .., verb @ ("tag" | "push")]) if !name.is_empty() => {
            of("image", verb, name.join("/"), &format!("/{verb}"))
        }
        ("DELETE", ["images", name @ ..]) => of("image", "remove", name.join("/"), ""),
        ("GET", ["networks", id]) => of("network", "inspect", (*id).to_owned(), ""),
        ("POST", ["networks", id, verb @ ("connect" | "disconnect")]) => {
            of("network", verb, (*id).to_owned(), &format!("/{verb}"))
        }
        ("DELETE", ["networks", id]) => of("network", "remove", (*id).to_owned(), ""),
        ("GET", ["volumes", name]) => of("volume", "inspect", (*name).to_owned(), ""),
        ("DELETE", ["volumes", name]) => of("volume", "remove", (*name).to_owned(), ""),
        _ => Call {
            kind: "unknown".to_owned(),
            // Whoever tries paths shall not fill the log with them.
            shape: words.join("/").chars().take(80).collect(),
            object: None,
            of: "",
        },
    }
}

const CONTAINER: [&str; 17] = [
    "attach",
    "changes",
    "export",
    "kill",
    "logs",
    "pause",
    "rename",
    "resize",
    "restart",
    "start",
    "stats",
    "stop",
    "top",
    "unpause",
    "update",
    "wait",
    "checkpoints",
];

/// Kinds that clients send by themselves and that say nothing of what a learner does.
pub(crate) fn is_chatter(kind: &str) -> bool {
    matches!(kind, "ping" | "version" | "info" | "events" | "usage")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_dockers_words_and_no_names_in_their_shape() {
        let cases = [
            (
                "POST",
                "containers/create",
                "container create",
                "/containers/create",
                None,
            ),
            (
                "POST",
                "containers/web/start",
                "container start",
                "/containers/{id}/start",
                Some("web"),
            ),
            (
                "POST",
                "containers/web/exec",
                "exec create",
                "/containers/{id}/exec",
                Some("web"),
            ),
            (
                "POST",
                "exec/ab/start",
                "exec start",
                "/exec/{id}/start",
                Some("ab"),
            ),
            (
                "GET",
                "images/me/app:1/json",
                "image inspect",
                "/images/{id}/json",
                Some("me/app:1"),
            ),
            (
                "DELETE",
                "images/me/app:1",
                "image remove",
                "/images/{id}",
                Some("me/app:1"),
            ),
            (
                "POST",
                "images/create",
                "image pull",
                "/images/create",
                None,
            ),
            (
                "GET",
                "containers/json",
                "container list",
                "/containers/json",
                None,
            ),
            ("GET", "networks", "network list", "/networks", None),
            (
                "POST",
                "volumes/prune",
                "volume prune",
                "/volumes/prune",
                None,
            ),
            (
                "PUT",
                "containers/web/archive",
                "container archive",
                "/containers/{id}/archive",
                Some("web"),
            ),
            ("GET", "../etc", "unknown", "../etc", None),
        ];
        for (method, path, kind, shape, object) in cases {
            let words: Vec<&str> = path.split('/').collect();
            let call = classify(method, &words);
            assert_eq!((call.kind.as_str(), call.shape.as_str()), (kind, shape));
            assert_eq!(call.object.as_deref(), object, "{path}");
        }
    }
}
