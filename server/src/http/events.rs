//! `GET /rooms/{room}/events`: a room as Server-Sent Events (WHATWG HTML §9.2).
//!
//! The answer is not the HTTP server's: what is asked is looked at here, and then the connection
//! is left to the fan-out, which writes the head of the answer and goes on with the room. Such a
//! stream has a cursor, a place and a heartbeat as a WebSocket has, and ends with its connection.

use std::{future::pending, io, sync::Arc};

use axum::{
    Extension,
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, ORIGIN,
            RETRY_AFTER, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse as _, Response},
};
use bytes::{BufMut as _, Bytes, BytesMut};
use futures::stream;
use protocol::{Epoch, RoomName, Seq};

use super::{
    Arrival, Becoming, Doors, Place,
    bearer::{self, NoToken},
    named,
    origin::Stranger,
};
use crate::{
    asks::Unanswered,
    hub::{visiting::Since, watching::Watchable},
    ledger::TokenHash,
};

/// Where a browser that was cut off says what it has.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Where others say it, and a browser at its first visit.
const AFTER: &str = "after=";
/// What tells a proxy not to hold back what comes.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// What can be asked for here.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
/// When to try again where there was no place or no time, in seconds.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("10");

/// A connection that becomes a stream of events.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Its place among the connections.
    pub(crate) place: Place,
    /// The head of the answer, yet to be written.
    pub(crate) head: Bytes,
    /// What is watched.
    pub(crate) room: RoomName,
    /// From where on.
    pub(crate) since: Since,
    /// By which token, where one was given.
    pub(crate) token: Option<TokenHash>,
}

/// Why a request does not become a stream of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("Events are asked for with GET; to say something, POST to /rooms/ROOM/messages.")]
    Method,
    #[error("{0}")]
    Stranger(Stranger),
    #[error("{0}")]
    Unanswered(Unanswered),
    #[error("{0}")]
    Full(&'static str),
    #[error(
        "That is no place in a room: Last-Event-ID is EPOCH.SEQ, as in the ids of events, and \
         ?after= is a number, 0 for everything."
    )]
    Place,
    #[error(
        "There is no such room; the first to join it makes it, as with: hubbub --room ROOM HOST"
    )]
    NoRoom,
    #[error("This hub asks for a password, or for a token in its place: {0}")]
    NoToken(NoToken),
    #[error("This token is not known here, or was revoked, or is for other rooms.")]
    BadToken,
}

/// Leaves the connection to the fan-out, or says why not.
pub(super) async fn answer(
    State(doors): State<Arc<Doors>>,
    Extension(arrival): Extension<Arrival>,
    room: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    match head.method {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return (StatusCode::NO_CONTENT, [(ALLOW, METHODS)]).into_response(),
        _ => return Refused::Method.into_response(),
    }
    match watch(&doors, &arrival, named(room), (&head.uri, &head.headers)).await {
        Ok(_) if head.method == Method::HEAD => (fields(), endless()).into_response(),
        Ok(watch) => {
            arrival.put(Becoming::Events(watch));
            // Nobody waits for this: the connection is about to be taken from the HTTP server.
            pending().await
        }
        Err(refused) => refused.into_response(),
    }
}

async fn watch(
    doors: &Doors,
    arrival: &Arrival,
    room: Option<RoomName>,
    (uri, headers): (&Uri, &HeaderMap),
) -> Result<Watch, Refused> {
    doors.check_host(arrival, headers).map_err(Refused::Stranger)?;
    let since = since(uri, headers).ok_or(Refused::Place)?;
    // A name that no room can have is that of a room that is not there.
    let room = room.ok_or(Refused::NoRoom)?;
    let token = bearer::token(uri, headers);
    let watchable = doors.asks().watchable(room.clone(), token.as_ref().ok().copied()).await;
    match watchable.map_err(Refused::Unanswered)? {
        Watchable::Yes => {}
        Watchable::NoSuchRoom => return Err(Refused::NoRoom),
        Watchable::Locked => {
            return Err(token.map_or_else(Refused::NoToken, |_| Refused::BadToken));
        }
    }
    let place =
        doors.census().enter(arrival.peer.ip()).map_err(|full| Refused::Full(full.why()))?;
    let mut fields = fields();
    if let Some(origin) = doors.site.origins.allowed(headers) {
        fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    fields.insert(VARY, HeaderValue::from(ORIGIN));
    Ok(Watch { place, head: as_bytes(&fields), room, since, token: token.ok() })
}

/// From where on a room is to be told; none if that is no place. What a browser has got counts
/// more than where the page has it begin.
fn since(uri: &Uri, headers: &HeaderMap) -> Option<Since> {
    // A browser that has no id sends none; some libraries send an empty one.
    if let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) {
        let (epoch, seq) = id.to_str().ok()?.split_once('.')?;
        return Some(Since::After(Some(Epoch::parse(epoch).ok()?), seq_of(seq)?));
    }
    let query = uri.query().unwrap_or_default();
    match query.split('&').find_map(|field| field.strip_prefix(AFTER)) {
        Some(after) => Some(Since::After(None, seq_of(after)?)),
        None => Some(Since::Last(0)),
    }
}

fn seq_of(digits: &str) -> Option<Seq> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).and_then(Seq::new)
}

/// What the answer says of itself. How long it is nobody knows: it ends with its connection.
fn fields() -> HeaderMap {
    [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONNECTION, HeaderValue::from_static("close")),
        (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
    .into_iter()
    .collect()
}

/// A body of which nobody knows how long it is, where only its head is asked for.
fn endless() -> Body {
    Body::from_stream(stream::empty::<io::Result<Bytes>>())
}

/// The head of the answer, as it is written.
fn as_bytes(fields: &HeaderMap) -> Bytes {
    let mut head = BytesMut::new();
    head.put_slice(b"HTTP/1.1 200 OK\r\n");
    for (name, value) in fields {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.put_slice(part);
        }
    }
    head.put_slice(b"\r\n");
    head.freeze()
}

impl Refused {
    fn into_response(self) -> Response {
        let why = format!("{self}\n");
        match self {
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, METHODS)], why).into_response()
            }
            Self::Unanswered(_) | Self::Full(_) => {
                let later = [(RETRY_AFTER, RETRY_SECONDS)];
                (StatusCode::SERVICE_UNAVAILABLE, later, why).into_response()
            }
            Self::Place | Self::NoToken(NoToken::InAddress) => {
                (StatusCode::BAD_REQUEST, why).into_response()
            }
            Self::NoRoom => (StatusCode::NOT_FOUND, why).into_response(),
            Self::NoToken(NoToken::Missing) => {
                (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, bearer::CHALLENGE)], why)
                    .into_response()
            }
            Self::Stranger(_) | Self::BadToken => (StatusCode::FORBIDDEN, why).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, id: Option<&str>) -> Option<Since> {
        let uri = format!("/rooms/lobby/events{query}").parse().unwrap();
        let id = id.map(|id| (LAST_EVENT_ID, HeaderValue::from_str(id).unwrap()));
        since(&uri, &id.into_iter().collect())
    }

    fn after(epoch: Option<&str>, seq: u64) -> Since {
        let epoch = epoch.map(|epoch| Epoch::parse(epoch).unwrap());
        Since::After(epoch, Seq::new(seq).unwrap())
    }

    const EPOCH: &str = "0123456789abcdef";

    #[test]
    fn without_a_place_a_room_is_told_from_now_on() {
        assert_eq!(asked("", None), Some(Since::Last(0)));
        assert_eq!(asked("?before=7", Some("")), Some(Since::Last(0)));
    }

    #[test]
    fn what_was_got_counts_more_than_where_the_page_begins() {
        assert_eq!(asked("?after=0", None), Some(after(None, 0)));
        let both = asked("?a=b&after=7", Some(&format!("{EPOCH}.12")));
        assert_eq!(both, Some(after(Some(EPOCH), 12)));
    }

    #[test]
    fn garbage_is_no_place() {
        for query in ["?after=", "?after=x", "?after=-1", "?after=+1", "?after=1e3"] {
            assert_eq!(asked(query, None), None, "{query}");
        }
        let large = format!("{EPOCH}.9007199254740992");
        for id in ["x", "7", ".7", "0123.7", &format!("{EPOCH}."), &format!("{EPOCH}.-1"), &large] {
            assert_eq!(asked("?after=0", Some(id)), None, "{id}");
        }
    }

    #[test]
    fn the_head_is_that_of_an_answer_without_an_end() {
        let head = as_bytes(&fields());
        let head = std::str::from_utf8(&head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"));
        assert!(head.ends_with("\r\n\r\n") && !head.contains("content-length"));
    }
}
