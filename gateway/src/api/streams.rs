//! What a container tells: logs, processes, statistics, changed files.

use super::{Answer, Ask, own_id, relay};
use crate::policy::query::Query;
use crate::scope::Inner;
use crate::upstream::Call;

/// Letters of a point in time, as a number of seconds, a duration or a date.
fn is_time(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+')
}

pub(crate) async fn logs(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    let params = ask.params(&[
        "follow",
        "stdout",
        "stderr",
        "since",
        "until",
        "timestamps",
        "tail",
        "details",
    ])?;
    let id = own_id(scope, id)?;
    let mut query = Query::new()
        .text(&params, "since", 64, is_time)?
        .text(&params, "until", 64, is_time)?;
    query = query.text(&params, "tail", 16, |c| {
        c.is_ascii_alphanumeric() || c == '-'
    })?;
    for key in ["follow", "stdout", "stderr", "timestamps"] {
        query = query.flag(&params, key);
    }
    relay(
        scope,
        Call::get(format!("/containers/{id}/logs")).query(query),
    )
    .await
}

pub(crate) async fn top(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    let params = ask.params(&["ps_args"])?;
    let id = own_id(scope, id)?;
    // The engine gives these words to `ps` on the host; the rows are the container's processes only.
    let fits =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | ',' | '=' | '-' | '_' | '%');
    let query = Query::new().text(&params, "ps_args", 200, fits)?;
    relay(
        scope,
        Call::get(format!("/containers/{id}/top")).query(query),
    )
    .await
}

pub(crate) async fn stats(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    let params = ask.params(&["stream", "one-shot"])?;
    let container = super::own_container(scope, id)?;
    let id = container.id.clone().unwrap_or_default();
    let stream = params.get("stream").is_none() || params.flag("stream");
    let query = Query::new()
        .with("stream", if stream { "1" } else { "0" })
        .flag(&params, "one-shot");
    let answer = scope
        .shared
        .upstream
        .send(Call::get(format!("/containers/{id}/stats")).query(query))
        .await?;
    // Each line names the container by its real name.
    super::events::rename_lines(answer, move |line| {
        line.replace(
            &format!("\"/{}\"", container.real),
            &format!("\"/{}\"", container.name),
        )
    })
    .await
}

pub(crate) async fn changes(scope: &Inner, ask: &Ask, id: &str) -> Answer {
    ask.params(&[])?;
    let id = own_id(scope, id)?;
    relay(scope, Call::get(format!("/containers/{id}/changes"))).await
}
