//! What a browser is told about who may read an answer (the Fetch standard, "CORS protocol"):
//! a layer around the paths that pages of other sites use, too, where they are allowed.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
            ORIGIN, VARY,
        },
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};

use super::{Arrival, Doors};

/// What may be done from another site.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// What a request may carry from there.
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, last-event-id");
/// For how many seconds a browser need not ask again; a hub started without an origin is obeyed
/// at once all the same, as the request itself is looked at, too.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// These paths, which nobody reaches from another site but where the hub allows it.
pub(super) fn guarded(paths: Router<Arc<Doors>>, doors: &Arc<Doors>) -> Router<Arc<Doors>> {
    paths.layer(from_fn_with_state(Arc::clone(doors), guard))
}

async fn guard(
    State(doors): State<Arc<Doors>>,
    Extension(arrival): Extension<Arrival>,
    request: Request,
    next: Next,
) -> Response {
    if let Err(why) = doors.check_origin(&arrival, request.headers()) {
        return (StatusCode::FORBIDDEN, [(VARY, "origin")], format!("{why}\n")).into_response();
    }
    let allowed = doors.site.origins.allowed(request.headers());
    let mut response = match &allowed {
        Some(_) if is_preflight(&request) => preflight(),
        _ => next.run(request).await,
    };
    if let Some(origin) = allowed {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response.headers_mut().append(VARY, HeaderValue::from(ORIGIN));
    response
}

/// Whether a browser asks what it may ask.
fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    (StatusCode::NO_CONTENT, headers).into_response()
}
