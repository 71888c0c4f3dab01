//! Passes a request to the handler of its route (P1).

use serde::Serialize;
use validiant_core::request::head::RequestHead;
use validiant_core::request::origin::Origins;
use validiant_core::request::route::{self, MAX_URL_BYTES, Route, RouteError};
use validiant_core::request::subprotocol;
use validiant_core::settings::{Problem, Settings};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;
use worker::Env;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};

use crate::gate::Gate;
use crate::log::{self, Line};
use crate::runtime;
use crate::{config, reply, signature};

/// Returns a `Response`, or a `Promise` of one.
pub fn handle(request: &Request, env: &Env) -> JsValue {
    let settings = &*config::settings(env);
    let head = runtime::head(request);
    let head = &RequestHead::parse(&head);
    if head.url.len() > MAX_URL_BYTES {
        return not_routed(ErrorCode::URL_TOO_LONG.into(), settings).into();
    }
    let (path, query) = route::split_url(head.url);
    let Some(path) = below_base(settings, path) else {
        let refused = not_routed(ErrorCode::NOT_FOUND.into(), settings);
        return readable_by(settings, request, head.url, refused.into());
    };
    let gate = Gate { env, settings, request, head };
    let answer = match route::route(head.method, path, head.wants_websocket()) {
        Err(error) => not_routed(error, settings).into(),
        Ok(Route::Health) => health(settings),
        Ok(Route::Preflight) => reply::preflight(request).into(),
        Ok(Route::Connect(project)) => gate.connect(&project, None, query),
        Ok(Route::ConnectToNone(reason)) => gate.connect_to_none(reason),
        Ok(Route::Publish(project)) => gate.publish(&project),
        Ok(Route::PublishToMany) => gate.publish_to_many(),
        Ok(Route::RemoveUser(project, user)) => gate.remove_user(&project, user, query),
        Ok(Route::Erase(project)) => gate.erase(&project, query),
        Ok(Route::Revoke(project)) => gate.revoke(&project),
        Ok(Route::RaiseKeyEpoch(project)) => gate.raise_key_epoch(&project),
        Ok(Route::State(project)) => gate.state(&project),
        Ok(Route::Document(project, document, asked)) => {
            gate.document(&project, &document, asked, query)
        }
        Ok(Route::Console) => console(request, env, settings, path),
    };
    readable_by(settings, request, head.url, answer)
}

/// Answers that the room is unavailable. For a client, it closes the socket (P6.1).
#[inline(never)]
pub fn unavailable(request: &Request, env: &Env) -> JsValue {
    let head = runtime::head(request);
    let head = &RequestHead::parse(&head);
    if head.wants_websocket() {
        let subprotocol = subprotocol::select(head.websocket_protocol);
        return reply::close_at_once(CloseCode::TRY_AGAIN.into(), subprotocol).into();
    }
    let refusal = reply::refusal(&ErrorCode::ROOM_UNAVAILABLE.into()).into();
    readable_by(&config::settings(env), request, head.url, refusal)
}

/// The part of a path below the server's base path (P1.11).
fn below_base<'a>(settings: &Settings, path: &'a str) -> Option<&'a str> {
    settings.base_path.as_ref().map_or(Some(path), |base| base.strip(path))
}

/// If origins are restricted, only lets the requesting page read the answer, and only if its origin is in the list
/// (P10.6).
fn readable_by(settings: &Settings, request: &Request, url: &str, answer: JsValue) -> JsValue {
    if !matches!(settings.origins, Origins::Listed(_)) {
        return answer;
    }
    let origin = runtime::origin(request);
    let is_allowed = !origin.is_empty() && settings.origins.allow(&origin, url);
    runtime::allow_only(&answer, is_allowed.then_some(&origin)).into()
}

fn not_routed(error: RouteError, settings: &Settings) -> Response {
    log::write(
        settings.log_level,
        &Line::Refusal { project_id: None, code: error.code.code, reason: None },
    );
    reply::not_routed(&error)
}

/// A file of the console, or the answer to an unknown path (P1.10).
#[inline(never)]
fn console(request: &Request, env: &Env, settings: &Settings, path: &str) -> JsValue {
    if !settings.console {
        return not_routed(ErrorCode::NOT_FOUND.into(), settings).into();
    }
    let below = settings.base_path.as_ref().map(|_| path);
    if let (Some(base), Some("")) = (&settings.base_path, below) {
        // The page finds its files and the server by relative paths, so its address must end in a slash.
        return runtime::json_with_header(308, "{}", "Location", &[base.as_str(), "/"].concat())
            .into();
    }
    let not_found = reply::standing_refusal(ErrorCode::NOT_FOUND);
    runtime::asset(env, request, below, &not_found).into()
}

#[derive(Serialize)]
struct Health<'a> {
    status: &'static str,
    version: &'static str,
    problems: Vec<&'a Problem>,
}

/// Names the settings that are missing or wrong (P1.8). Whether public keys can be used is only known after they have
/// been fetched and imported, which takes a promise.
#[inline(never)]
fn health(settings: &Settings) -> JsValue {
    let problems = settings.problems();
    let (status, code) = if problems.is_empty() { ("ok", 200) } else { ("misconfigured", 503) };
    let health = Health { status, version: env!("CARGO_PKG_VERSION"), problems };
    let health = serde_json::to_string(&health).unwrap_or_default();
    match signature::public_keys(settings) {
        Some(keys) => runtime::health_with_keys(&keys, &health).into(),
        None => runtime::json(code, &health).into(),
    }
}
