//! `docker login`, and the account that a scope has on the course's registry.

use super::{Answer, Ask, ok};
use crate::error::Fault;
use crate::policy::json as strict;
use crate::registry::account::{self, Credentials};
use crate::registry::remote::Remote;
use crate::registry::{self, COURSE, NAMESPACE};
use crate::scope::Inner;
use serde_json::{Value, json};
use std::sync::Arc;

/// Checks a name and a password. Only a registry of the learner's own is asked, at its container: the engine would send them
/// wherever it is told to.
pub(crate) async fn login(scope: &Arc<Inner>, ask: Ask) -> Answer {
    ask.params(&[])?;
    let note = ask.note.clone();
    let mut body = ask.object().await?;
    // Clients send empty fields for what they do not use.
    for key in ["auth", "email", "identitytoken", "registrytoken"] {
        if body
            .remove(key)
            .is_some_and(|value| !strict::is_empty(&value))
        {
            return Err(Fault::refused(format!(
                "a login with {key}: give a name and a password"
            )));
        }
    }
    for key in body.keys() {
        if !matches!(key.as_str(), "username" | "password" | "serveraddress") {
            return Err(Fault::refused(format!(
                "the field {key:?} of a login is not known"
            )));
        }
    }
    let known: Credentials = strict::typed("the login", Value::Object(body))?;
    let server = known
        .serveraddress
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let server = server.trim_end_matches('/');
    note.object(server);
    if server == COURSE {
        account::check(scope, &known)?;
    } else if let Some(port) = registry::local_port(server) {
        let server = server.to_owned();
        Remote::new(scope, &server, port, "", Some(known))?
            .login()
            .await?;
    } else {
        return Err(Fault::refused(format!(
            "a login to {server}: there is the course's registry, docker login {COURSE} -u {NAMESPACE}, and any that \
             you run and publish, docker login localhost:5000"
        )));
    }
    ok(&json!({ "Status": "Login Succeeded", "IdentityToken": "" }))
}

/// The scope's account, for whoever has its socket.
pub(crate) fn account(scope: &Inner, ask: &Ask) -> Answer {
    ask.params(&[])?;
    let password = account::password(scope)?;
    ok(&json!({ "server": COURSE, "username": NAMESPACE, "password": password }))
}
