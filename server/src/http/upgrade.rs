//! `GET /ws`: from a request to a WebSocket.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::SEC_WEBSOCKET_PROTOCOL},
    response::{IntoResponse as _, Response},
};
use protocol::{HUB_ID_HEADER, SUBPROTOCOL};
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::{Arrival, Doors, Upgrade};

/// Answers 101 and leaves the upgrade with the arrival, or says why not.
pub(super) async fn answer(
    State(doors): State<Arc<Doors>>,
    Extension(arrival): Extension<Arrival>,
    mut request: Request,
) -> Response {
    match upgrade(&doors, &arrival, &mut request) {
        Ok(response) => response,
        Err((status, why)) => (status, format!("{why}\n")).into_response(),
    }
}

/// Why a request does not become a WebSocket.
type Refused = (StatusCode, String);

fn upgrade(doors: &Doors, arrival: &Arrival, request: &mut Request) -> Result<Response, Refused> {
    // Before anything else: a page of another site learns nothing about the hub.
    doors
        .check_origin(arrival, request.headers())
        .map_err(|why| (StatusCode::FORBIDDEN, why.to_string()))?;
    let is_subprotocol_offered = check_subprotocol(request.headers())?;
    let mut response = create_response_with_body(request, Body::empty).map_err(|why| {
        (StatusCode::BAD_REQUEST, format!("This is a WebSocket endpoint ({why}); run: hubbub"))
    })?;
    if !doors.is_ready() {
        let why = "The hub is stopping; try again soon.";
        return Err((StatusCode::SERVICE_UNAVAILABLE, why.to_owned()));
    }
    let headers = response.headers_mut();
    if is_subprotocol_offered {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    if let Ok(id) = HeaderValue::from_str(doors.hub.as_str()) {
        headers.insert(HUB_ID_HEADER, id);
    }
    let entry = doors
        .enter(arrival)
        .map_err(|full| (StatusCode::SERVICE_UNAVAILABLE, full.why().to_owned()))?;
    let when_ready = hyper::upgrade::on(request);
    arrival.put_upgrade(Upgrade { entry, when_ready });
    Ok(response)
}

/// Whether our subprotocol is offered; refuses if only others are.
fn check_subprotocol(headers: &HeaderMap) -> Result<bool, Refused> {
    let mut offered = headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .peekable();
    if offered.peek().is_none() {
        return Ok(false);
    }
    if offered.any(|one| one == SUBPROTOCOL) {
        return Ok(true);
    }
    let why = format!("None of these subprotocols is spoken here. Spoken: {SUBPROTOCOL}");
    Err((StatusCode::BAD_REQUEST, why))
}
