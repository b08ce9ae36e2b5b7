//! The engine's events, as far as they are the scope's.

use super::{Answer, Ask};
use crate::error::Fault;
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::{Body, Call};
use crate::view;
use bytes::Bytes;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Response, header};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;

/// The longest line that an engine writes.
const LONGEST_LINE: usize = 1 << 20;

pub(crate) async fn stream(scope: &Arc<Inner>, ask: &Ask) -> Answer {
    let params = ask.params(&["since", "until", "filters"])?;
    let is_time = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+');
    let filters = params.filters()?;
    const KNOWN: [&str; 11] = [
        "type",
        "event",
        "container",
        "image",
        "network",
        "volume",
        "label",
        "daemon",
        "scope",
        "plugin",
        "node",
    ];
    if let Some(key) = filters.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(Fault::bad(format!("Invalid filter '{key}'")));
    }
    let types = json!({ "type": ["container", "network", "volume", "image"] });
    let query = Query::new()
        .text(&params, "since", 64, is_time)?
        .text(&params, "until", 64, is_time)?
        .with("filters", types.to_string());
    let answer = scope
        .shared
        .upstream
        .send(Call::get("/events").query(query))
        .await?;
    let scope = scope.clone();
    lines(answer, move |line| {
        let event = own(&scope, serde_json::from_str(line).ok()?)?;
        filters
            .iter()
            .all(|(key, wanted)| matches(&event, key, wanted))
            .then(|| event.to_string())
    })
    .await
}

/// Makes an event the learner's, or `None` where it is somebody else's.
fn own(scope: &Inner, mut event: Value) -> Option<Value> {
    let state = scope.state();
    let kind = event["Type"].as_str()?.to_owned();
    let id = event["Actor"]["ID"].as_str()?.to_owned();
    if kind == "image" {
        let images = view::images::Images::of(&state, &scope.shared.catalogue());
        let keep = event["Actor"]["Attributes"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let own =
            state.images.values().any(|image| image.id == id) || state.images.contains_key(&keep);
        if !own {
            return None;
        }
        let name = images
            .references_of(&id)
            .first()
            .map_or_else(|| id.clone(), |name| (*name).to_owned());
        event["Actor"]["Attributes"]["name"] = json!(name);
        view::strip_labels(&mut event["Actor"]["Attributes"]);
        return Some(event);
    }
    let real = match kind.as_str() {
        "volume" => id.clone(),
        _ => event["Actor"]["Attributes"]["name"].as_str()?.to_owned(),
    };
    let known = match kind.as_str() {
        "container" => {
            (state.containers.get(&real)).map(|c| (c.name.clone(), c.asked.image.clone()))
        }
        "network" => state
            .networks
            .get(&real)
            .map(|n| (n.name.clone(), String::new())),
        "volume" => state
            .volumes
            .get(&real)
            .map(|v| (v.name.clone(), String::new())),
        _ => return None,
    };
    let buried = || scope.buried(&real).map(|gone| (gone.name, gone.image));
    let (name, image) = known.or_else(buried)?;
    if let Some(other) = event["Actor"]["Attributes"]["container"]
        .as_str()
        .map(str::to_owned)
        && kind == "network"
        && state.container_by_id(&other).is_none()
    {
        // The workbench joins the scope's network; the learner does not see it there either.
        return None;
    }
    if kind == "volume" {
        event["Actor"]["ID"] = json!(name);
    } else {
        event["Actor"]["Attributes"]["name"] = json!(name);
    }
    let attributes = &mut event["Actor"]["Attributes"];
    view::strip_labels(attributes);
    if let Some(old) = attributes["oldName"].as_str() {
        let old = old.trim_start_matches('/');
        let old = scope
            .buried(old)
            .map_or_else(|| old.to_owned(), |gone| gone.name);
        attributes["oldName"] = json!(format!("/{old}"));
    }
    if kind == "container" {
        event["Actor"]["Attributes"]["image"] = json!(image);
        event["from"] = json!(image);
    }
    Some(event)
}

fn matches(event: &Value, key: &str, wanted: &[String]) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, action) = (text(&event["Type"]), text(&event["Action"]));
    let (id, name) = (
        text(&event["Actor"]["ID"]),
        text(&event["Actor"]["Attributes"]["name"]),
    );
    match key {
        "type" => wanted.contains(&kind),
        "event" => wanted
            .iter()
            .any(|want| *want == action || action.starts_with(&format!("{want}:"))),
        "scope" => wanted.iter().any(|want| want == "local"),
        "label" => wanted
            .iter()
            .all(|want| super::networks::label_matches(&event["Actor"]["Attributes"], want)),
        "container" | "network" | "volume" | "image" => {
            let image = text(&event["Actor"]["Attributes"]["image"]);
            wanted.iter().any(|want| {
                (kind == key && (id.starts_with(want.as_str()) || name == *want))
                    || (key == "image"
                        && kind == "container"
                        && (image == *want || image.starts_with(&format!("{want}:"))))
            })
        }
        _ => false,
    }
}

/// Passes on an answer line by line; `change` drops a line by giving back `None`.
pub(crate) async fn lines(
    answer: Response<Body>,
    change: impl Fn(&str) -> Option<String> + Send + 'static,
) -> Answer {
    if !answer.status().is_success() {
        return super::pass_on(answer).await;
    }
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let state = (answer.into_body(), Vec::new(), change);
    let body = StreamBody::new(futures_util::stream::unfold(
        state,
        |(mut body, mut rest, change)| async {
            loop {
                let Some(frame) = body.frame().await else {
                    // The last line may lack its line feed.
                    let last: Vec<u8> = std::mem::take(&mut rest);
                    let last = change(std::str::from_utf8(&last).ok()?.trim())
                        .filter(|line| !line.is_empty())?;
                    return Some((
                        Ok(Frame::data(Bytes::from(last + "\n"))),
                        (body, rest, change),
                    ));
                };
                let data = match frame.map(Frame::into_data) {
                    Ok(Ok(data)) => data,
                    Ok(Err(_)) => continue,
                    Err(error) => {
                        return Some((Err(io::Error::other(error)), (body, rest, change)));
                    }
                };
                rest.extend_from_slice(&data);
                let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else {
                    if rest.len() > LONGEST_LINE {
                        return Some((
                            Err(io::Error::other("a line is too long")),
                            (body, Vec::new(), change),
                        ));
                    }
                    continue;
                };
                let after = rest.split_off(end + 1);
                let whole = String::from_utf8_lossy(&rest).into_owned();
                rest = after;
                let mut out = String::new();
                for line in whole
                    .lines()
                    .filter(|line| !line.trim().is_empty())
                    .filter_map(&change)
                {
                    out.push_str(&line);
                    out.push('\n');
                }
                if !out.is_empty() {
                    return Some((Ok(Frame::data(Bytes::from(out))), (body, rest, change)));
                }
            }
        },
    ));
    let mut response = Response::new(body.boxed_unsync());
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}

/// Passes on every line, changed.
pub(crate) async fn rename_lines(
    answer: Response<Body>,
    change: impl Fn(&str) -> String + Send + 'static,
) -> Answer {
    lines(answer, move |line| Some(change(line))).await
}
