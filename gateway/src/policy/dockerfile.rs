//! A Dockerfile, read line by line as the classic builder reads it and written anew.
//!
//! Every image that it names is replaced by the id of an image that the scope sees. What the builder would fetch from
//! elsewhere is refused. The builder gets one instruction on one line and nothing that was not understood here, so
//! there is no second way to read it.

mod lines;

use super::reference::Reference;
use crate::error::Fault;
use lines::{escape_letter, logical_lines};
use std::collections::{BTreeMap, BTreeSet};

/// Instructions that the classic builder knows.
const KNOWN: [&str; 18] = [
    "add",
    "arg",
    "cmd",
    "copy",
    "entrypoint",
    "env",
    "expose",
    "from",
    "healthcheck",
    "label",
    "maintainer",
    "onbuild",
    "run",
    "shell",
    "stopsignal",
    "user",
    "volume",
    "workdir",
];

/// A Dockerfile for the engine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rebuilt {
    pub(crate) text: String,
    /// Instructions that were changed: as the builder will print them, and as the learner wrote them.
    pub(crate) changed: Vec<(String, String)>,
}

/// Finds the id of an image by the name that the learner wrote.
pub(crate) type Resolve<'a> = dyn Fn(&str) -> Result<String, Fault> + 'a;

/// Rebuilds a Dockerfile. `arguments` are those of the build call; only `ARG`s before the first `FROM` see them here.
pub(crate) fn rebuild(
    bytes: &[u8],
    arguments: &BTreeMap<String, Option<String>>,
    resolve: &Resolve<'_>,
) -> Result<Rebuilt, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::bad("the Dockerfile is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let escape = escape_letter(text)?;
    let mut state = Rebuild {
        escape,
        globals: BTreeMap::new(),
        arguments,
        stages: BTreeSet::new(),
        in_stage: false,
        resolve,
        changed: Vec::new(),
    };
    let mut out = if escape == '`' {
        "# escape=`\n".to_owned()
    } else {
        String::new()
    };
    for (number, line) in logical_lines(text, escape) {
        let rebuilt = state.instruction(&line).map_err(|fault| {
            let message = format!("dockerfile parse error line {number}: {}", fault.message);
            if fault.status == hyper::StatusCode::BAD_REQUEST {
                Fault::new(fault.status, message)
            } else {
                fault
            }
        })?;
        out.push_str(&rebuilt);
        out.push('\n');
    }
    if out.trim().is_empty() {
        return Err(Fault::bad("the Dockerfile (Dockerfile) cannot be empty"));
    }
    Ok(Rebuilt {
        text: out,
        changed: state.changed,
    })
}

struct Rebuild<'a> {
    escape: char,
    /// `ARG`s before the first `FROM`, which `FROM` lines may use.
    globals: BTreeMap<String, String>,
    arguments: &'a BTreeMap<String, Option<String>>,
    /// Names of the stages so far, in lower case.
    stages: BTreeSet<String>,
    in_stage: bool,
    resolve: &'a Resolve<'a>,
    changed: Vec<(String, String)>,
}

impl Rebuild<'_> {
    fn instruction(&mut self, line: &str) -> Result<String, Fault> {
        let (word, rest) = line
            .split_once(|c: char| c.is_whitespace())
            .unwrap_or((line, ""));
        let rest = rest.trim();
        let keyword = word.to_ascii_lowercase();
        if !KNOWN.contains(&keyword.as_str()) {
            return Err(Fault::bad(format!(
                "unknown instruction: {}",
                word.to_uppercase()
            )));
        }
        if rest.ends_with(self.escape) {
            return Err(Fault::refused(format!(
                "a Dockerfile instruction that ends in {}",
                self.escape
            )));
        }
        let rebuilt = match keyword.as_str() {
            "from" => self.from(rest)?,
            "copy" => self.copy(rest)?,
            "add" => add(rest, self.escape)?,
            "run" => no_heredoc(rest)?,
            "arg" => self.arg(rest)?,
            "onbuild" => {
                let (inner, _) = rest
                    .split_once(|c: char| c.is_whitespace())
                    .unwrap_or((rest, ""));
                if ["from", "onbuild", "maintainer"].contains(&inner.to_ascii_lowercase().as_str())
                {
                    return Err(Fault::bad(format!(
                        "{} isn't allowed as an ONBUILD trigger",
                        inner.to_uppercase()
                    )));
                }
                self.instruction(rest)?
            }
            _ => rest.to_owned(),
        };
        let whole = format!("{word} {rebuilt}").trim_end().to_owned();
        if rebuilt != rest {
            self.changed.push((whole.clone(), line.to_owned()));
        }
        Ok(whole)
    }

    fn arg(&mut self, rest: &str) -> Result<String, Fault> {
        if !self.in_stage {
            let words: Vec<&str> = if rest.contains(['"', '\'']) {
                vec![rest]
            } else {
                rest.split_whitespace().collect()
            };
            for word in words {
                let (name, default) = word
                    .split_once('=')
                    .map_or((word, None), |(name, value)| (name, Some(value)));
                let default = default.map(|value| value.trim_matches(['"', '\'']));
                let value = match self.arguments.get(name).cloned().flatten() {
                    Some(given) => Some(given),
                    None => default.map(|value| self.expand(value)).transpose()?,
                };
                if let Some(value) = value {
                    self.globals.insert(name.to_owned(), value);
                }
            }
        }
        Ok(rest.to_owned())
    }

    /// `FROM [--platform=…] image [AS name]`
    fn from(&mut self, rest: &str) -> Result<String, Fault> {
        self.in_stage = true;
        let mut words: Vec<&str> = rest.split_whitespace().collect();
        while words.first().is_some_and(|word| word.starts_with("--")) {
            let flag = words.remove(0);
            let platform = flag.strip_prefix("--platform=").unwrap_or_default();
            if !matches!(
                platform,
                "linux/amd64" | "linux/arm64" | "$BUILDPLATFORM" | "$TARGETPLATFORM" | "linux"
            ) {
                return Err(Fault::refused(format!("FROM {flag}")));
            }
        }
        let (image, name) = match words.as_slice() {
            [image] => (*image, None),
            [image, word, name] if word.eq_ignore_ascii_case("as") => (*image, Some(*name)),
            _ => return Err(Fault::bad("FROM requires either one or three arguments")),
        };
        let expanded = self.expand(image)?;
        if expanded.is_empty() {
            return Err(Fault::bad(format!(
                "base name ({image}) should not be blank"
            )));
        }
        let target =
            if self.stages.contains(&expanded.to_ascii_lowercase()) || expanded == "scratch" {
                expanded
            } else {
                self.image(&expanded)?
            };
        if let Some(name) = name {
            let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.bytes().all(fits) {
                return Err(Fault::bad(format!(
                    "invalid name for build stage: {name:?}, name can't start with a number or contain symbols"
                )));
            }
            self.stages.insert(name.to_ascii_lowercase());
            let word = words[1];
            return Ok(format!("{target} {word} {name}"));
        }
        Ok(target)
    }

    /// `COPY [--from=stage or image] [--chown=…] sources… target`
    fn copy(&mut self, rest: &str) -> Result<String, Fault> {
        no_heredoc(rest)?;
        let (flags, paths) = flags(rest)?;
        let mut out = Vec::new();
        for flag in flags {
            match flag.strip_prefix("--from=") {
                None => out.push(flag.to_owned()),
                Some(source) => {
                    let is_stage = !source.is_empty() && source.bytes().all(|b| b.is_ascii_digit())
                        || self.stages.contains(&source.to_ascii_lowercase());
                    out.push(if is_stage {
                        flag.to_owned()
                    } else {
                        format!("--from={}", self.image(source)?)
                    });
                }
            }
        }
        out.push(paths.to_owned());
        Ok(out.join(" "))
    }

    fn image(&self, name: &str) -> Result<String, Fault> {
        match Reference::parse(name) {
            Some(_) => (self.resolve)(name),
            None => Err(Fault::bad(format!(
                "failed to parse stage name {name:?}: invalid reference format"
            ))),
        }
    }

    /// Puts in the values of global arguments: `$A`, `${A}`, `${A:-default}`, `${A:+other}`.
    fn expand(&self, text: &str) -> Result<String, Fault> {
        let text = text.trim_matches(['"', '\'']);
        let value = |name: &str| self.globals.get(name).filter(|value| !value.is_empty());
        let odd = || Fault::bad(format!("failed to process {text:?}: unsupported variable"));
        let (mut out, mut rest) = (String::new(), text);
        while let Some(start) = rest.find('$') {
            out.push_str(&rest[..start]);
            rest = &rest[start + 1..];
            if let Some(inner) = rest.strip_prefix('{') {
                let end = inner.find('}').ok_or_else(odd)?;
                let (name, other) = inner[..end]
                    .split_once(':')
                    .map_or((&inner[..end], None), |(n, o)| (n, Some(o)));
                let word = match other {
                    None => value(name).cloned().unwrap_or_default(),
                    Some(other) => match other.split_at_checked(1) {
                        Some(("-", default)) => {
                            value(name).cloned().unwrap_or_else(|| default.to_owned())
                        }
                        Some(("+", other)) => {
                            value(name).map(|_| other.to_owned()).unwrap_or_default()
                        }
                        _ => return Err(odd()),
                    },
                };
                out.push_str(&word);
                rest = &inner[end + 1..];
            } else {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                if end == 0 {
                    return Err(odd());
                }
                out.push_str(value(&rest[..end]).map_or("", String::as_str));
                rest = &rest[end..];
            }
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Splits the flags off. The builder unescapes them, so odd letters in them are refused.
fn flags(rest: &str) -> Result<(Vec<&str>, &str), Fault> {
    let (mut all, mut rest) = (Vec::new(), rest);
    while rest.starts_with("--") {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let flag = &rest[..end];
        if flag.contains(['\\', '`', '"', '\'']) {
            return Err(Fault::refused(format!(
                "quotes and backslashes in the flag {flag}"
            )));
        }
        all.push(flag);
        rest = rest[end..].trim_start();
    }
    Ok((all, rest))
}

/// `ADD`: the builder would fetch an address by itself, from the host's network.
fn add(rest: &str, escape: char) -> Result<String, Fault> {
    no_heredoc(rest)?;
    let (_, paths) = flags(rest)?;
    let words: Vec<String> = if paths.starts_with('[') {
        serde_json::from_str(paths).map_err(|_| Fault::bad("ADD: the list is not JSON"))?
    } else {
        paths.split_whitespace().map(str::to_owned).collect()
    };
    let sources = words.split_last().map_or(&[][..], |(_, sources)| sources);
    for source in sources {
        let lower = source.to_ascii_lowercase();
        if lower.contains("://") || lower.contains("git@") {
            return Err(Fault::refused(format!(
                "ADD {source}: the builder does not fetch from other hosts. Fetch it in a RUN step (curl), or COPY a file"
            )));
        }
        if source.contains(['$', '"', '\'', escape]) {
            return Err(Fault::refused(format!(
                "ADD {source}: variables and quotes in a source of ADD; use COPY"
            )));
        }
    }
    Ok(rest.to_owned())
}

fn no_heredoc(rest: &str) -> Result<String, Fault> {
    let mut from = rest;
    while let Some(at) = from.find("<<") {
        let before = from[..at].ends_with('<');
        let word = from[at + 2..]
            .trim_start_matches('-')
            .trim_start_matches(['"', '\'']);
        if !before && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err(Fault::refused(
                "here-documents (<<EOF) in a Dockerfile: they need BuildKit, which this builder is not. \
                 Join the commands with && and \\",
            ));
        }
        from = &from[at + 2..];
    }
    Ok(rest.to_owned())
}

#[cfg(test)]
mod tests;
