//! Values of flags: what the CLI refuses, and one form for all that means the same.

use super::table::Flag;

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Switch,
    Number,
    Size,
    Port,
    Env,
}

/// What the CLI would refuse in a value, before it asks the engine.
pub(super) fn problem(flag: &Flag, value: &str) -> Option<Problem> {
    let wrong = match flag.kind {
        "bool" => switch(value).is_none().then_some(Problem::Switch),
        "int" => value.parse::<i64>().is_err().then_some(Problem::Number),
        "uint" | "uint16" => value.parse::<u64>().is_err().then_some(Problem::Number),
        "decimal" => {
            let fraction =
                |text: &str| text.parse::<f64>().is_ok_and(|n| n.is_finite() && n >= 0.0);
            let ok = value.split('/').count() <= 2 && value.split('/').all(fraction);
            (!ok).then_some(Problem::Number)
        }
        "bytes" => (value != "-1" && size(value).is_none()).then_some(Problem::Size),
        _ => None,
    };
    wrong.or_else(|| match flag.long {
        "publish" => {
            (Port::parse(value).is_none() && !value.contains('$')).then_some(Problem::Port)
        }
        "env" => (value.starts_with('=') || value.is_empty()).then_some(Problem::Env),
        _ => None,
    })
}

/// As Go's `strconv.ParseBool`.
pub(super) fn switch(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// `512m`, `1.5GiB` in bytes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size is cut to whole bytes, as the CLI does"
)]
fn size(value: &str) -> Option<u64> {
    let lower = value.to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = lower[digits.len()..].trim_start();
    let number: f64 = digits
        .parse()
        .ok()
        .filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    let power = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    Some((number * 1024f64.powi(power)) as u64)
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Port {
    /// The address of the host; empty for all.
    pub(super) ip: String,
    /// Empty where Docker chooses.
    pub(super) host: String,
    pub(super) container: String,
    pub(super) protocol: String,
}

impl Port {
    pub(super) fn parse(value: &str) -> Option<Port> {
        if value.contains('=') {
            return Port::fields(value);
        }
        let (body, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
        let protocol = protocol.to_ascii_lowercase();
        let (front, container) = body.rsplit_once(':').unwrap_or(("", body));
        let (ip, host) = match front.rsplit_once(':') {
            Some((ip, host)) => (ip, host),
            None if front.contains('.') => (front, ""),
            None => ("", front),
        };
        let known = matches!(protocol.as_str(), "tcp" | "udp" | "sctp");
        if !known || !is_ports(container) || !(host.is_empty() || is_ports(host)) {
            return None;
        }
        let all = matches!(ip, "0.0.0.0" | "[::]" | "::");
        Some(Port {
            ip: if all { String::new() } else { ip.to_owned() },
            host: host.to_owned(),
            container: container.to_owned(),
            protocol,
        })
    }

    /// `target=80,published=8080`.
    fn fields(value: &str) -> Option<Port> {
        let mut port = Port {
            ip: String::new(),
            host: String::new(),
            container: String::new(),
            protocol: "tcp".to_owned(),
        };
        for field in value.split(',') {
            let (key, value) = field.split_once('=')?;
            match key {
                "target" => port.container = value.to_owned(),
                "published" => port.host = value.to_owned(),
                "protocol" => port.protocol = value.to_ascii_lowercase(),
                "mode" => {}
                _ => return None,
            }
        }
        is_ports(&port.container).then_some(port)
    }

    fn one_form(&self) -> String {
        format!(
            "{}:{}:{}/{}",
            self.ip, self.host, self.container, self.protocol
        )
    }
}

/// A port or a range of ports.
fn is_ports(text: &str) -> bool {
    let port = |text: &str| !text.starts_with('+') && text.parse::<u16>().is_ok();
    match text.split_once('-') {
        Some((first, last)) => port(first) && port(last),
        None => port(text),
    }
}

/// A mount, however it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) kind: String,
    /// A volume's name or a folder; empty for an anonymous volume.
    pub(super) source: String,
    pub(super) target: String,
    pub(super) read_only: bool,
    rest: Vec<String>,
}

impl Mount {
    /// Of `-v`, `--mount` or `--tmpfs`.
    pub(super) fn parse(flag: &str, value: &str) -> Option<Mount> {
        let mut mount = Mount {
            kind: String::new(),
            source: String::new(),
            target: String::new(),
            read_only: false,
            rest: Vec::new(),
        };
        match flag {
            "volume" => {
                let parts: Vec<&str> = value.split(':').collect();
                let options = match parts.as_slice() {
                    [target] => {
                        mount.target = folder(target);
                        ""
                    }
                    [source, target] => {
                        (mount.source, mount.target) = (folder(source), folder(target));
                        ""
                    }
                    [source, target, options] => {
                        (mount.source, mount.target) = (folder(source), folder(target));
                        options
                    }
                    _ => return None,
                };
                mount.read_only = options.split(',').any(|option| option == "ro");
                let others = options
                    .split(',')
                    .filter(|o| !matches!(*o, "" | "rw" | "ro"));
                mount.rest = others.map(str::to_owned).collect();
                let bind = mount.source.starts_with(['/', '.', '$']);
                mount.kind = if bind { "bind" } else { "volume" }.to_owned();
            }
            "tmpfs" => {
                let (target, options) = value.split_once(':').unwrap_or((value, ""));
                mount.kind = "tmpfs".to_owned();
                mount.target = folder(target);
                mount.rest = options
                    .split(',')
                    .filter(|o| !o.is_empty())
                    .map(str::to_owned)
                    .collect();
            }
            _ => {
                mount.kind = "volume".to_owned();
                for field in value.split(',') {
                    let (key, value) = field.split_once('=').unwrap_or((field, "true"));
                    match key.to_ascii_lowercase().as_str() {
                        "type" => mount.kind = value.to_ascii_lowercase(),
                        "source" | "src" => mount.source = folder(value),
                        "target" | "dst" | "destination" => mount.target = folder(value),
                        "readonly" | "ro" => mount.read_only = switch(value).unwrap_or(false),
                        _ => mount.rest.push(field.to_owned()),
                    }
                }
            }
        }
        mount.rest.sort();
        Some(mount)
    }

    fn one_form(&self) -> String {
        let access = if self.read_only { "ro" } else { "rw" };
        format!(
            "{}|{}|{}|{access}|{}",
            self.kind,
            self.source,
            self.target,
            self.rest.join(",")
        )
    }
}

/// A folder without what changes nothing: `./x` is `$PWD/x`, and a slash at the end goes.
pub(super) fn folder(path: &str) -> String {
    let path = match path.trim_end_matches('/') {
        "" if !path.is_empty() => "/",
        path => path,
    };
    match path.strip_prefix("./") {
        Some(rest) => format!("$PWD/{rest}"),
        None if path == "." => "$PWD".to_owned(),
        None => path.to_owned(),
    }
}

/// The name under which a flag's value counts: `-v`, `--mount` and `--tmpfs` are all mounts.
pub(super) fn subject(long: &'static str, value: &str) -> &'static str {
    match long {
        "volume" | "mount" | "tmpfs" if Mount::parse(long, value).is_some() => "mount",
        long => long,
    }
}

/// One form for all values that mean the same.
pub(super) fn one_form(flag: &Flag, value: &str) -> String {
    let form = match flag.long {
        "publish" => Port::parse(value).map(|port| port.one_form()),
        "volume" | "mount" | "tmpfs" if flag.repeats() => {
            Mount::parse(flag.long, value).map(|mount| mount.one_form())
        }
        "label" if !value.contains('=') => Some(format!("{value}=")),
        "network" if value == "default" => Some("bridge".to_owned()),
        "tag" if flag.repeats() => Some(crate::assert::dockerfile::full_name(value)),
        "file" | "env-file" | "project-directory" => {
            Some(value.trim_start_matches("./").to_owned())
        }
        _ => None,
    };
    form.or_else(|| match flag.kind {
        "bool" => switch(value).map(|on| on.to_string()),
        "bytes" => size(value).map(|bytes| bytes.to_string()),
        "decimal" => value.parse::<f64>().ok().map(|number| number.to_string()),
        "int" | "uint" | "uint16" => value.parse::<i64>().ok().map(|number| number.to_string()),
        _ => None,
    })
    .unwrap_or_else(|| value.to_owned())
}

/// The key of a value that a later value with the same key replaces.
pub(super) fn key<'a>(flag: &Flag, value: &'a str) -> Option<&'a str> {
    matches!(
        flag.long,
        "env" | "label" | "build-arg" | "add-host" | "sysctl"
    )
    .then(|| value.split(['=']).next().unwrap_or(value))
}

/// Whether a text can name an image: lower case, tag and digest in their forms.
pub(super) fn is_image(text: &str) -> bool {
    let (name, digest) = text.split_once('@').unwrap_or((text, "sha256:"));
    let last = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name[last..].split_once(':') {
        Some((end, tag)) => (&name[..last + end.len()], Some(tag)),
        None => (name, None),
    };
    let tag_ok = tag.is_none_or(|tag| {
        !tag.is_empty()
            && tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && tag
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    });
    let mut parts = name.split('/').peekable();
    let first = parts.peek().copied().unwrap_or_default();
    // A registry's host may have capitals and a port.
    let host = name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    if host {
        parts.next();
    }
    let mut parts = parts.peekable();
    parts.peek().is_some()
        && tag_ok
        && digest.contains(':')
        && parts.all(|part| {
            part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        })
}
