//! Images: list, inspect, history, tag. The catalogue is shared and only ever hidden.

mod list;
mod remove;

use list::is_dangling;
pub(crate) use list::list;
pub(crate) use remove::{delete_keep, drop_layers, prune, remove};

use super::{Answer, Ask, ok};
use crate::error::Fault;
use crate::ledger::{Change, Image};
use crate::names;
use crate::policy::query::Query;
use crate::policy::reference::{Reference, invalid};
use crate::scope::Inner;
use crate::upstream::Call;
use crate::view;
use crate::view::images::{Found, Images};
use hyper::{Response, StatusCode};
use serde_json::Value;

/// The scope's view of images just now.
pub(crate) fn view_of(scope: &Inner) -> Images {
    Images::of(&scope.state(), &scope.shared.catalogue())
}

/// The id of an image that the scope sees.
pub(crate) fn resolve(scope: &Inner, text: &str) -> Result<String, Fault> {
    find(&view_of(scope), text).map(|(id, _)| id)
}

/// The id of an image that a container can be made of: unlisted ones too.
pub(crate) fn resolve_to_run(scope: &Inner, text: &str) -> Result<String, Fault> {
    found(view_of(scope).find_to_run(text), text).map(|(id, _)| id)
}

pub(super) fn find(images: &Images, text: &str) -> Result<(String, Option<String>), Fault> {
    found(images.find(text), text)
}

fn found(found: Found, text: &str) -> Result<(String, Option<String>), Fault> {
    match found {
        Found::One { id, reference } => Ok((id, reference)),
        Found::Ambiguous => Err(Fault::missing(format!(
            "No such image: {text} (ambiguous prefix)"
        ))),
        Found::Nothing => match Reference::parse(text) {
            Some(Reference::Id(_)) => Err(Fault::no_image(text)),
            Some(reference) => Err(Fault::no_image(&reference.familiar())),
            None => Err(invalid(text)),
        },
    }
}

/// The engine's list, reduced to what the scope sees.
pub(crate) async fn listed(scope: &Inner) -> Result<Vec<Value>, Fault> {
    let images = view_of(scope);
    let all = scope
        .shared
        .upstream
        .json(Call::get("/images/json"))
        .await?;
    let Value::Array(all) = all else {
        return Err(Fault::internal("the engine's list is no list"));
    };
    Ok(all
        .into_iter()
        .filter(|value| {
            value["Id"]
                .as_str()
                .is_some_and(|id| images.ids.contains(id))
        })
        .map(|value| view::images::summary(value, &images))
        .collect())
}

pub(crate) async fn inspect(scope: &Inner, ask: &Ask, name: &str) -> Answer {
    ask.params(&["manifests", "platform"])?;
    let images = view_of(scope);
    let (id, _) =
        find(&images, name).map_err(|fault| fault.after(&format!("no such image: {name}: ")))?;
    let value = scope.shared.image(&id).await?;
    ok(&view::images::inspect((*value).clone(), &images))
}

pub(crate) async fn history(scope: &Inner, ask: &Ask, name: &str) -> Answer {
    ask.params(&["platform"])?;
    let images = view_of(scope);
    let (id, _) = find(&images, name)?;
    let value = scope
        .shared
        .upstream
        .json(Call::get(format!("/images/{id}/history")))
        .await?;
    ok(&view::images::history(value, &images))
}

pub(crate) async fn tag(scope: &Inner, ask: Ask, name: &str) -> Answer {
    // Engines of long ago moved a tag only by force, and clients still send the word.
    let params = ask.params(&["repo", "tag", "force"])?;
    let note = ask.note.clone();
    ask.no_body().await?;
    let repository = params.text("repo").unwrap_or_default();
    let wanted = match params.text("tag") {
        Some(tag) => format!("{repository}:{tag}"),
        None => repository.to_owned(),
    };
    note.object(format!("{name} {wanted}"));
    let Some(reference @ Reference::Named { .. }) = Reference::parse(&wanted) else {
        return Err(invalid(&wanted));
    };
    let id = resolve(scope, name)?;
    keep(scope, &id).await?;
    scope
        .record(vec![Change::Tag {
            reference: reference.familiar(),
            id,
        }])
        .await?;
    let mut response = Response::new(crate::upstream::full(""));
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Makes sure that the engine keeps an image for this scope: a tag of ours holds it.
pub(crate) async fn keep(scope: &Inner, id: &str) -> Result<(), Fault> {
    if scope.state().images.values().any(|image| image.id == id) {
        return Ok(());
    }
    let repository = names::keep_repository(&scope.shared.instance, &scope.name);
    let tag = names::random(16);
    let keep = format!("{repository}:{tag}");
    let limit = scope.limits().images;
    scope
        .reserve(|state| {
            if state.images.len() >= limit as usize {
                return Err(images_full(limit));
            }
            Ok((
                vec![Change::Image(Image {
                    keep: keep.clone(),
                    id: id.to_owned(),
                })],
                (),
            ))
        })
        .await?;
    let query = Query::new().with("repo", repository).with("tag", tag);
    let tagged = scope
        .shared
        .upstream
        .json(Call::post(format!("/images/{id}/tag")).query(query))
        .await;
    if tagged.is_err() {
        scope.record(vec![Change::DropImage(keep)]).await?;
    }
    tagged.map(drop)
}

pub(crate) fn images_full(limit: u32) -> Fault {
    Fault::limit(
        "images of its own",
        limit,
        "remove one with docker rmi, or docker image prune",
    )
}
