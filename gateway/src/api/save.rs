//! `docker save`: the engine's archive of own and catalogue images, streamed with the learner's names in it.

use super::{Answer, Ask, images};
use crate::api::build::spool;
use crate::error::Fault;
use crate::policy::query::Query;
use crate::policy::reference::Reference;
use crate::policy::saved;
use crate::scope::Inner;
use crate::upstream::{self, Call};
use crate::view::images::Images;
use hyper::{Response, StatusCode, header};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the engine may take to get the archive ready.
const PREPARE: Duration = Duration::from_secs(600);
/// The most images in one archive.
const MOST: usize = 100;

pub(crate) async fn one(scope: &Inner, ask: &Ask, name: &str) -> Answer {
    ask.params(&["platform"])?;
    save(scope, &[name]).await
}

pub(crate) async fn several(scope: &Inner, ask: &Ask) -> Answer {
    let params = ask.params(&["names*", "platform"])?;
    let names: Vec<&str> = params
        .all("names")
        .filter(|name| !name.is_empty())
        .collect();
    ask.note.object(names.join(" "));
    if names.is_empty() || names.len() > MOST {
        return Err(Fault::bad("the names of the images to save are missing"));
    }
    save(scope, &names).await
}

async fn save(scope: &Inner, names: &[&str]) -> Answer {
    let images = images::view_of(scope);
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        for (id, reference) in meant(&images, name)? {
            let references = wanted.entry(id).or_default();
            references.extend(reference.filter(|one| !references.contains(one)));
        }
    }
    let Ok(permit) = scope.saving.clone().try_acquire_owned() else {
        return Err(Fault::new(
            StatusCode::TOO_MANY_REQUESTS,
            "this sandbox saves two images at a time: wait until one is done",
        )
        .by("limit"));
    };
    // The engine hears ids only, so it puts no names into the archive that are not ours to show.
    let mut query = Query::new();
    for id in wanted.keys() {
        query.push("names", id);
    }
    let call = Call::get("/images/get").query(query).within(PREPARE);
    let answer = scope.shared.upstream.send(call).await?;
    if !answer.status().is_success() {
        let status = answer.status();
        return Err(upstream::fault(status, &upstream::collect(answer).await?));
    }
    let tar = spool::reader(answer.into_body());
    let body = spool::send(move |out| {
        let _permit = permit;
        saved::rewrite(tar, out, &wanted)
    });
    let mut response = Response::new(body);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/x-tar"),
    );
    Ok(response)
}

/// The images that a name means: one of them, or, as on the engine, all tags of a repository that is named without one.
fn meant(images: &Images, name: &str) -> Result<Vec<(String, Option<String>)>, Fault> {
    let bare = !name.contains('@')
        && !name
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains(':'));
    if bare && let Some(Reference::Named { repository, .. }) = Reference::parse(name) {
        let tags = images.references.iter().filter(|(reference, _)| {
            reference
                .rsplit_once(':')
                .is_some_and(|(one, _)| one == repository)
        });
        let all: Vec<_> = tags
            .map(|(reference, id)| (id.clone(), Some(reference.clone())))
            .collect();
        if !all.is_empty() {
            return Ok(all);
        }
    }
    // The engine repeats the name here as it is written, without a tag of its own.
    images::find(images, name)
        .map(|found| vec![found])
        .map_err(|fault| match fault.status {
            StatusCode::NOT_FOUND => Fault::no_image(name),
            _ => fault,
        })
}
