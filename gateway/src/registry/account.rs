//! The account of a scope on the course's registry: made when somebody asks for it first, kept in the gateway's folder.

use super::{COURSE, NAMESPACE};
use crate::error::Fault;
use crate::scope::Inner;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use hyper::{HeaderMap, StatusCode};
use serde::Deserialize;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What a client knows of an account.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    pub(crate) username: String,
    #[serde(default)]
    pub(crate) password: String,
    #[serde(default)]
    pub(crate) serveraddress: String,
}

impl Credentials {
    /// Those that come with a push or a pull; nothing where the client has none for this registry.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Fault> {
        let Some(header) = headers.get("X-Registry-Auth") else {
            return Ok(None);
        };
        let unreadable = || Fault::bad("X-Registry-Auth cannot be read");
        let bytes = header.as_bytes();
        if bytes.len() > 16 << 10 {
            return Err(unreadable());
        }
        let text = URL_SAFE
            .decode(bytes)
            .or_else(|_| STANDARD.decode(bytes))
            .map_err(|_| unreadable())?;
        // Some clients send an empty object, some an empty text, where there is nothing.
        let known: Self = match text.as_slice() {
            b"" | b"null" => Self::default(),
            text => serde_json::from_slice(text).map_err(|_| unreadable())?,
        };
        Ok((!known.username.is_empty()).then_some(known))
    }

    /// The header of HTTP's basic authentication.
    pub(crate) fn basic(&self) -> String {
        format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", self.username, self.password))
        )
    }
}

/// Whether these are the scope's own.
pub(crate) fn check(scope: &Inner, known: &Credentials) -> Result<(), Fault> {
    if known.username == NAMESPACE && known.password == password(scope)? {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::UNAUTHORIZED,
        format!("Get \"https://{COURSE}/v2/\": unauthorized: incorrect username or password"),
    )
    .by("ownership"))
}

/// The password of the scope's account.
pub(crate) fn password(scope: &Inner) -> Result<String, Fault> {
    let folder = scope.registry_folder();
    let kept = || std::fs::read_to_string(folder.join("password"));
    if let Ok(kept) = kept() {
        return Ok(kept.trim().to_owned());
    }
    let problem =
        |error: std::io::Error| Fault::internal(format!("the account cannot be kept: {error}"));
    make(&folder).map_err(problem)?;
    kept().map(|kept| kept.trim().to_owned()).map_err(problem)
}

/// Of two that make it at once, the first one's stays.
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let aside = folder.join(format!("password.{}", crate::names::random(8)));
    let mut file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)?;
    writeln!(file, "{}", crate::names::random(16))?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&aside, folder.join("password"));
    std::fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("X-Registry-Auth", text.parse().expect("a value"));
        headers
    }

    #[test]
    fn credentials_are_read_as_clients_write_them() {
        let encoded = URL_SAFE
            .encode(r#"{"username":"learner","password":"?>x","serveraddress":"registry.test"}"#);
        let known = Credentials::of(&header(&encoded))
            .expect("fine")
            .expect("known");
        assert_eq!(
            (known.username.as_str(), known.password.as_str()),
            ("learner", "?>x")
        );
        assert_eq!(known.basic(), "Basic bGVhcm5lcjo/Png=");
        for nothing in [URL_SAFE.encode("{}"), String::new()] {
            assert!(Credentials::of(&header(&nothing)).expect("fine").is_none());
        }
        assert!(Credentials::of(&HeaderMap::new()).expect("fine").is_none());
        assert!(Credentials::of(&header("%%%")).is_err());
        assert!(Credentials::of(&header(&"A".repeat(20_000))).is_err());
    }

    #[test]
    fn a_password_is_made_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = || std::fs::read_to_string(folder.path().join("password")).expect("a password");
        make(folder.path()).expect("made");
        let first = read();
        make(folder.path()).expect("there");
        assert_eq!(read(), first);
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            1
        );
    }
}
