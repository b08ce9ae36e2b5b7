//! What can go wrong: [`GatewayError`] for the one who opens scopes, `Fault` for the client on a scope's socket.

use hyper::StatusCode;

/// A reason why the gateway or a scope could not be opened, reset or removed.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A file or a folder could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The ledger is damaged or belongs to another running gateway.
    #[error("{0}")]
    Ledger(String),
    /// The engine did not answer, or answered with an error.
    #[error("the engine: {0}")]
    Engine(String),
    /// The scope's name, its limits or its socket cannot be used.
    #[error("{0}")]
    Spec(String),
    /// There is no scope of that name.
    #[error("there is no scope named {0:?}")]
    Unknown(String),
}

impl GatewayError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// An answer to a client that is not the engine's answer: a status and a message as the engine words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Which rule says so, for the audit log.
    pub(crate) rule: &'static str,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let rule = match status {
            StatusCode::NOT_FOUND => "ownership",
            StatusCode::CONFLICT => "conflict",
            status if status.is_server_error() => "fault",
            _ => "form",
        };
        Self {
            status,
            message: message.into(),
            rule,
        }
    }

    /// The same answer with words before it.
    pub(crate) fn after(self, words: &str) -> Self {
        let message = format!("{words}{}", self.message);
        Self { message, ..self }
    }

    /// The engine's answer to a call by id, where it would repeat the text by which the client named the container.
    pub(crate) fn naming(self, id: &str, text: &str) -> Self {
        const BEFORE: [&str; 4] = [
            "Cannot kill container: ",
            "Cannot stop container ",
            "Cannot restart container ",
            " in container ",
        ];
        const AROUND: [(&str, &str); 1] = [(
            "Container ",
            " is paused, unpause the container before exec",
        )];
        let around = BEFORE.iter().map(|before| (*before, "")).chain(AROUND);
        let message = around.fold(self.message, |message, (before, after)| {
            message.replacen(
                &format!("{before}{id}{after}"),
                &format!("{before}{text}{after}"),
                1,
            )
        });
        Self { message, ..self }
    }

    /// The same answer, decided by another rule.
    pub(crate) fn by(self, rule: &'static str) -> Self {
        Self { rule, ..self }
    }

    /// Something that a scope may not ask for.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            format!("not allowed in this sandbox: {}", message.into()),
        )
        .by("policy")
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// A limit of the scope is reached; the text says which, and what to remove.
    pub(crate) fn limit(what: &str, limit: u32, remedy: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            format!("this sandbox may have at most {limit} {what}, and has that many: {remedy}"),
        )
        .by("limit")
    }

    pub(crate) fn no_container(name: &str) -> Self {
        Self::missing(format!("No such container: {name}"))
    }

    pub(crate) fn no_image(name: &str) -> Self {
        Self::missing(format!("No such image: {name}"))
    }

    pub(crate) fn no_network(name: &str) -> Self {
        Self::missing(format!("network {name} not found"))
    }

    pub(crate) fn no_volume(name: &str) -> Self {
        Self::missing(format!("get {name}: no such volume"))
    }
}

impl From<Fault> for GatewayError {
    fn from(fault: Fault) -> Self {
        Self::Engine(fault.message)
    }
}
