//! From a request to the handler of its route (P1).

use serde::Serialize;
use validiant_core::error_code::ErrorCode;
use validiant_core::route::{self, MAX_URL_BYTES, Route, RouteError};
use validiant_core::settings::{Problem, Settings};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};

use crate::gate::Gate;
use crate::log::{self, Line};
use crate::{config, reply};

/// Answers a `Response`, or a `Promise` of one.
pub fn handle(request: &Request, env: &JsValue) -> JsValue {
    let settings = config::settings(env);
    dispatch(request, env, &settings).unwrap_or_else(|thrown| {
        log::failure(settings.log_level, None, "fetch", &thrown);
        reply::refusal(ErrorCode::INTERNAL_ERROR, None, &[])
            .map_or_else(JsValue::from, JsValue::from)
    })
}

fn dispatch(request: &Request, env: &JsValue, settings: &Settings) -> Result<JsValue, JsValue> {
    let url = request.url();
    if url.len() > MAX_URL_BYTES {
        return not_routed(ErrorCode::URL_TOO_LONG.into(), settings).map(JsValue::from);
    }
    let (path, query) = route::split_url(&url);
    let upgrade = request.headers().get("Upgrade")?;
    let wants_upgrade = route::is_websocket_upgrade(upgrade.as_deref());
    let gate = Gate::new(env, settings);
    match route::route(&request.method(), path, wants_upgrade) {
        Err(error) => not_routed(error, settings).map(JsValue::from),
        Ok(Route::Health) => health(settings).map(JsValue::from),
        Ok(Route::Preflight) => reply::preflight().map(JsValue::from),
        Ok(Route::Connect(project)) => gate.connect(&project, request, query),
        Ok(Route::Publish(project)) => gate.publish(&project, request),
        Ok(Route::State(project)) => gate.state(&project, request),
    }
}

fn not_routed(error: RouteError, settings: &Settings) -> Result<Response, JsValue> {
    log::write(settings.log_level, &Line::Refusal { project_id: None, code: error.code.code });
    reply::refusal(error.code, None, error.allow.map(|allow| ("Allow", allow)).as_slice())
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    problems: Vec<Problem>,
}

/// Settings that are missing or wrong, by name (P1.8).
fn health(settings: &Settings) -> Result<Response, JsValue> {
    let problems = settings.problems();
    let (status, code) = if problems.is_empty() { ("ok", 200) } else { ("misconfigured", 503) };
    let health = Health { status, version: env!("CARGO_PKG_VERSION"), problems };
    reply::json(code, &serde_json::to_string(&health).unwrap_or_default(), &[])
}
