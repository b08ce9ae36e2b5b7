//! Images: list, inspect, history, tag, remove, prune. The catalogue is shared and only ever hidden.

use super::{Answer, Ask, ok};
use crate::error::Fault;
use crate::ledger::{Change, Image};
use crate::names;
use crate::policy::pattern::glob;
use crate::policy::query::Query;
use crate::policy::reference::Reference;
use crate::scope::Inner;
use crate::upstream::Call;
use crate::view;
use crate::view::images::{Found, Images};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

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
            None => Err(Fault::bad("invalid reference format")),
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

pub(crate) async fn list(scope: &Inner, ask: &Ask) -> Answer {
    let params = ask.params(&[
        "all",
        "filters",
        "digests",
        "filter",
        "shared-size",
        "manifests",
    ])?;
    let mut filters = params.filters()?;
    if let Some(name) = params.text("filter") {
        filters
            .entry("reference".to_owned())
            .or_default()
            .push(name.to_owned());
    }
    const KNOWN: [&str; 4] = ["dangling", "label", "reference", "until"];
    if let Some(key) = filters.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(match key.as_str() {
            "before" | "since" => Fault::refused(format!("the filter {key:?} on images")),
            _ => Fault::bad(format!("Invalid filter '{key}'")),
        });
    }
    let mut shown = listed(scope).await?;
    for (key, wanted) in &filters {
        shown.retain_mut(|image| match key.as_str() {
            "dangling" => wanted
                .iter()
                .any(|want| is_dangling(image) == matches!(want.as_str(), "true" | "1")),
            "label" => wanted
                .iter()
                .all(|want| super::networks::label_matches(&image["Labels"], want)),
            "reference" => {
                // The engine shows only those references that the filter names.
                if let Some(tags) = image["RepoTags"].as_array_mut() {
                    tags.retain(|tag| {
                        wanted
                            .iter()
                            .any(|want| reference_matches(want, tag.as_str().unwrap_or("")))
                    });
                }
                image["RepoTags"]
                    .as_array()
                    .is_some_and(|tags| !tags.is_empty())
            }
            _ => true,
        });
    }
    ok(&Value::Array(shown))
}

fn is_dangling(image: &Value) -> bool {
    image["RepoTags"][0] == "<none>:<none>"
}

/// A reference filter: `name`, `name:tag`, with `*` for anything within one part.
fn reference_matches(pattern: &str, reference: &str) -> bool {
    let (repository, _) = reference.rsplit_once(':').unwrap_or((reference, ""));
    glob(pattern, reference) || glob(pattern, repository)
}

pub(crate) async fn inspect(scope: &Inner, ask: &Ask, name: &str) -> Answer {
    ask.params(&["manifests", "platform"])?;
    let images = view_of(scope);
    let (id, _) = find(&images, name)?;
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
    let params = ask.params(&["repo", "tag"])?;
    let note = ask.note.clone();
    ask.no_body().await?;
    let repository = params.text("repo").unwrap_or_default();
    let wanted = match params.text("tag") {
        Some(tag) => format!("{repository}:{tag}"),
        None => repository.to_owned(),
    };
    note.object(format!("{name} {wanted}"));
    let Some(reference @ Reference::Named { .. }) = Reference::parse(&wanted) else {
        return Err(Fault::bad("invalid reference format"));
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

pub(crate) async fn remove(scope: &Inner, ask: Ask, name: &str) -> Answer {
    let params = ask.params(&["force", "noprune", "platforms*"])?;
    ask.no_body().await?;
    let force = params.flag("force");
    let images = view_of(scope);
    let (id, reference) = find(&images, name)?;
    let references: Vec<String> = match reference {
        Some(reference) => vec![reference],
        None => {
            let all: Vec<String> = images
                .references_of(&id)
                .into_iter()
                .map(str::to_owned)
                .collect();
            if all.len() > 1 && !force {
                return Err(Fault::conflict(format!(
                    "conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
                    names::short(&id)
                )));
            }
            all
        }
    };
    let last = images.references_of(&id).len() <= references.len();
    if last {
        check_unused(scope, name, &id, force).await?;
    }
    let mut answer: Vec<Value> = references
        .iter()
        .map(|reference| json!({ "Untagged": reference }))
        .collect();
    answer.extend(drop_references(scope, &id, &references, last).await?);
    ok(&Value::Array(answer))
}

/// Says no while a container of the scope uses the image, as the engine does.
async fn check_unused(scope: &Inner, name: &str, id: &str, force: bool) -> Result<(), Fault> {
    let users: Vec<String> = {
        let state = scope.state();
        state
            .containers
            .values()
            .filter(|c| c.image_id == id)
            .filter_map(|c| c.id.clone())
            .collect()
    };
    let running = users
        .iter()
        .find(|user| scope.running().contains(*user))
        .cloned();
    let short = names::short(id);
    match (running, users.first()) {
        (Some(user), _) => Err(Fault::conflict(format!(
            "conflict: unable to remove repository reference \"{name}\" (cannot be forced) - \
             image {short} is being used by running container {}",
            names::short(&user)
        ))),
        (None, Some(user)) if !force => Err(Fault::conflict(format!(
            "conflict: unable to remove repository reference \"{name}\" (must force) - \
             container {} is using its referenced image {short}",
            names::short(user)
        ))),
        _ => Ok(()),
    }
}

/// Takes references away: own ones from the books, the catalogue's from sight. The last one takes the image with it.
pub(crate) async fn drop_references(
    scope: &Inner,
    id: &str,
    references: &[String],
    last: bool,
) -> Result<Vec<Value>, Fault> {
    let catalogue = scope.shared.catalogue();
    let mut changes = Vec::new();
    for reference in references {
        if scope.state().tags.contains_key(reference) {
            changes.push(Change::DropTag(reference.clone()));
        }
        if catalogue.0.get(reference).is_some_and(|image| image.listed) {
            changes.push(Change::Hide(reference.clone()));
        }
    }
    scope.record(changes).await?;
    if !last {
        return Ok(Vec::new());
    }
    let keeps: Vec<String> = scope
        .state()
        .images
        .values()
        .filter(|image| image.id == id)
        .map(|image| image.keep.clone())
        .collect();
    let mut deleted = Vec::new();
    for keep in keeps {
        deleted.extend(delete_keep(scope, &keep).await?);
    }
    if deleted.is_empty() {
        // Others still use the layers; the learner has seen the last of the image all the same.
        deleted.push(json!({ "Deleted": id }));
    }
    Ok(deleted)
}

/// Removes one of our tags from the engine, and with the last one the image.
pub(crate) async fn delete_keep(scope: &Inner, keep: &str) -> Result<Vec<Value>, Fault> {
    let call = Call::delete(format!("/images/{keep}")).query(Query::new().with("force", "1"));
    let answer = match scope.shared.upstream.json(call).await {
        Ok(answer) => answer,
        Err(fault) if fault.status == StatusCode::NOT_FOUND => Value::Null,
        Err(fault) => return Err(fault),
    };
    scope.disk.changed();
    scope
        .record(vec![Change::DropImage(keep.to_owned())])
        .await?;
    let lines = answer.as_array().cloned().unwrap_or_default();
    Ok(lines
        .into_iter()
        .filter(|line| line["Deleted"].is_string())
        .collect())
}

pub(crate) async fn prune(scope: &Inner, ask: Ask) -> Answer {
    let mut filters = ask.params(&["filters"])?.filters()?;
    ask.no_body().await?;
    let dangling_only = filters.remove("dangling").is_none_or(|values| {
        values
            .iter()
            .all(|value| matches!(value.as_str(), "true" | "1"))
    });
    let labels = super::containers::prune_filters(&filters)?;
    let (mut deleted, mut space) = (Vec::new(), 0);
    for image in listed(scope).await? {
        let id = image["Id"].as_str().unwrap_or_default().to_owned();
        let (used, own) = {
            let state = scope.state();
            (
                state
                    .containers
                    .values()
                    .any(|container| container.image_id == id),
                state.images.values().any(|own| own.id == id),
            )
        };
        // The catalogue's images stay: they take no room of the learner's.
        if used || !own || (dangling_only && !is_dangling(&image)) || !labels.fits(&image["Labels"])
        {
            continue;
        }
        let tags: Vec<String> = {
            let state = scope.state();
            state
                .tags
                .iter()
                .filter(|(_, one)| **one == id)
                .map(|(reference, _)| reference.clone())
                .collect()
        };
        deleted.extend(tags.iter().map(|tag| json!({ "Untagged": tag })));
        deleted.extend(drop_references(scope, &id, &tags, true).await?);
        space += image["Size"].as_i64().unwrap_or(0);
    }
    ok(&json!({ "ImagesDeleted": deleted, "SpaceReclaimed": space }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_filters_work_as_on_the_engine() {
        assert!(reference_matches("app", "app:1"));
        assert!(reference_matches("app:1", "app:1"));
        assert!(reference_matches("a*", "app:1"));
        assert!(reference_matches("me/*", "me/app:1"));
        assert!(!reference_matches("*", "me/app:1"));
        assert!(!reference_matches("ap", "app:1"));
    }
}
