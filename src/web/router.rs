//! Every route of the server.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::set_header::SetResponseHeaderLayer;

use super::{AppState, access, assets, door, exercises, files, pages, sandbox, search, terminal};

/// What applies where a handler sets no policy of its own (pages do, with their nonce).
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// A request body may have 2 MiB: a file of 1 MiB, with room for its JSON escapes.
const BODY: usize = 2 << 20;

/// The whole application.
pub(super) fn router(app: AppState) -> Router {
    let private = Router::new()
        .route("/", get(pages::show_map))
        .route("/{lang}/lessons/{id}", get(pages::show_lesson))
        .route("/{lang}/search", get(search::show_search))
        .route("/api/status", get(sandbox::get_status))
        .route("/api/events", get(sandbox::stream_events))
        .route("/api/sandbox/start", post(sandbox::start_sandbox))
        .route("/api/sandbox/reset", post(sandbox::reset_sandbox))
        .route("/api/files", get(files::list_files))
        .route(
            "/api/files/{*path}",
            get(files::read_file).put(files::save_file),
        )
        .route("/api/lint", post(files::lint_text))
        .route("/api/progress", get(exercises::list_progress))
        .route("/api/exercises/{*id}", get(exercises::get_exercise))
        .route("/api/exercise/start/{*id}", post(exercises::start_exercise))
        .route("/api/exercise/check/{*id}", post(exercises::check_exercise))
        .route("/api/exercise/hint/{*id}", post(exercises::show_hint))
        .route("/api/exercise/give-up/{*id}", post(exercises::give_up))
        .route("/api/exercise/reset/{*id}", post(exercises::reset_exercise))
        .route("/api/exercise/solution/{*id}", get(exercises::get_solution))
        .route("/ws/terminal/{n}", get(terminal::open_terminal))
        .fallback(door::show_not_found)
        .layer(from_fn_with_state(app.clone(), access::check_token))
        .layer(from_fn_with_state(app.clone(), access::check_origin));
    Router::new()
        .route("/enter", get(door::enter))
        .route("/assets/{*path}", get(assets::get_asset))
        .merge(private)
        .layer(DefaultBodyLimit::max(BODY))
        // A compressor would hold back the lines of a check that is running.
        .layer(CompressionLayer::new().compress_when(
            DefaultPredicate::new().and(NotForContentType::const_new("application/x-ndjson")),
        ))
        .layer(from_fn_with_state(app.clone(), access::check_host))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            NOTHING,
        ))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "no-referrer"))
        .layer(always(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .layer(always(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .with_state(app)
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
