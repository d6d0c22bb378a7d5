//! `POST /rooms/{room}/messages` and `POST /announce`: a program says something without being
//! connected. Answered when what it said is durable and told, as a connection's `ack` is.

use std::{io, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, ORIGIN, RETRY_AFTER,
            WWW_AUTHENTICATE,
        },
    },
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use protocol::{ErrorCode, Identity, Refusal, RequestId, RoomName, server::Ack};
use serde_json::json;

use super::{
    Doors,
    bearer::{self, NoToken},
    named,
    posted::Posted,
};
use crate::{
    asks::Unanswered,
    hub::{
        asking::{Answer, Question},
        posting::{NO_SUCH_ROOM, Post, Saying},
    },
    ledger::TokenHash,
};

/// Largest body in bytes: as a frame. The longest text needs 24 KiB with all of it escaped.
const BODY_BYTES_MAX: usize = protocol::FRAME_BYTES_MAX;
/// When to try again after the hub was too busy, or about to stop, in milliseconds.
const AGAIN_MS: u64 = 1000;

/// Says something in a room.
pub(super) async fn message(
    State(doors): State<Arc<Doors>>,
    room: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let saying = |posted: &Posted| {
        // A name that no room can have is that of a room that is not there.
        let room = named(room).ok_or_else(no_such_room)?;
        Ok((room, Saying::Message { reply_to: posted.reply_to }))
    };
    answer(post(&doors, request, saying).await)
}

/// Has everyone in a room notice something, or everyone there is.
pub(super) async fn announcement(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    let saying = |posted: &Posted| {
        let room = posted.room.clone().unwrap_or_else(RoomName::announcements);
        Ok((room, Saying::Announcement))
    };
    answer(post(&doors, request, saying).await)
}

/// What is no post, where there are only posts.
pub(super) async fn not_posted() -> Response {
    let why = "only POST is known here; to read a room, GET /rooms/ROOM/events";
    answer(Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::BadFrame, why)))
}

async fn post(
    doors: &Doors,
    request: Request,
    saying: impl FnOnce(&Posted) -> Result<(RoomName, Saying), Refused>,
) -> Result<Ack, Refused> {
    let token = bearer::token(request.uri(), request.headers())?;
    check_type(request.headers())?;
    check_token(doors, token).await?;
    let posted = Posted::read(&body(request).await?)?;
    let (room, saying) = saying(&posted)?;
    let id = posted.id.map_or_else(random_id, Ok)?;
    let question = Question::Post(Post { token, room, id, text: posted.text, saying });
    match doors.asks().ask(question).await? {
        Answer::Told(ack) => Ok(ack),
        Answer::Refused { refusal, retry_after_ms, .. } => {
            Err(Refused { retry_after_ms, ..refusal.into() })
        }
        // A post has no other answer.
        _ => Err(Unanswered::Stopping.into()),
    }
}

/// Refuses a token that counts nowhere before there is anything of the body in memory: strangers
/// could have a great many bodies wait there for their ends. The post itself asks again.
async fn check_token(doors: &Doors, token: TokenHash) -> Result<(), Refused> {
    match doors.asks().ask(Question::KnowToken(token)).await? {
        Answer::Refused { refusal, .. } => Err(refusal.into()),
        _ => Ok(()),
    }
}

/// Curl says of whatever is given to `-d` that it is a form, so what a body is called does not
/// count. But a page of any site can have a browser send a form, or plain text, without asking
/// (for JSON it asks first, see CORS): with an `Origin`, a body must be called what it is.
fn check_type(headers: &HeaderMap) -> Result<(), Refused> {
    let called = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let called = called.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if !headers.contains_key(ORIGIN) || called.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let why = "a browser's post must be application/json; set the Content-Type header";
    Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::BadFrame, why))
}

/// Reads the body, or as much of it as shows that it is too large. How long that takes is limited
/// by the deadline of every connection that is no WebSocket.
async fn body(request: Request) -> Result<Vec<u8>, Refused> {
    let told = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let told = told.and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
    if told > BODY_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let mut parts = request.into_body().into_data_stream();
    let mut body = Vec::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| cut_off())?;
        if body.len() + part.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// An id for a post that has none: nobody can ask again under it before it is told.
fn random_id() -> io::Result<RequestId> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|why| io::Error::other(why.to_string()))?;
    let hex = Identity::from_bytes(bytes).to_string();
    RequestId::parse(hex.trim_start_matches('~')).map_err(io::Error::other)
}

/// Why a post was not carried out.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    refusal: Refusal,
    retry_after_ms: Option<u64>,
}

impl Refused {
    fn new(status: StatusCode, code: ErrorCode, text: impl Into<String>) -> Self {
        Self { status, refusal: Refusal::new(code, text), retry_after_ms: None }
    }
}

impl From<NoToken> for Refused {
    fn from(why: NoToken) -> Self {
        let status = match why {
            NoToken::Missing => StatusCode::UNAUTHORIZED,
            NoToken::InAddress => StatusCode::BAD_REQUEST,
        };
        Self::new(status, ErrorCode::Forbidden, why.to_string())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { status: status_of(refusal.code), refusal, retry_after_ms: None }
    }
}

impl From<Unanswered> for Refused {
    fn from(why: Unanswered) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let refused = Self::new(status, ErrorCode::ServerFull, why.to_string());
        Self { retry_after_ms: Some(AGAIN_MS), ..refused }
    }
}

impl From<io::Error> for Refused {
    fn from(_: io::Error) -> Self {
        Self::from(Unanswered::Busy)
    }
}

/// The status that says to programs that know no codes what these say.
fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::TextTooLong => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::IdReused => StatusCode::CONFLICT,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Forbidden | ErrorCode::Muted | ErrorCode::Banned => StatusCode::FORBIDDEN,
        ErrorCode::NotInRoom => StatusCode::NOT_FOUND,
        ErrorCode::Storage | ErrorCode::ServerFull => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn no_such_room() -> Refused {
    Refusal::new(ErrorCode::NotInRoom, NO_SUCH_ROOM).into()
}

fn too_large() -> Refused {
    let why = format!("the body has more than {BODY_BYTES_MAX} bytes; shorten it");
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::TextTooLong, why)
}

fn cut_off() -> Refused {
    Refusal::new(ErrorCode::BadJson, "the body ended too early; send all of it").into()
}

fn answer(outcome: Result<Ack, Refused>) -> Response {
    let (status, body, more) = match outcome {
        Ok(Ack { id, room, seq, at }) => {
            let body = json!({ "room": room, "seq": seq, "at": at, "id": id });
            (StatusCode::CREATED, body, None)
        }
        Err(Refused { status, refusal, retry_after_ms }) => {
            let body = json!({ "error": { "code": refusal.code, "text": refusal.text } });
            (status, body, more_about(status, retry_after_ms))
        }
    };
    let mut response = (status, Body::from(format!("{body}\n"))).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // All that a connection does before it is a WebSocket has one deadline: a second post on this
    // one would have less time, and could lose its answer.
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.extend(more);
    response
}

/// The header that goes with a status.
fn more_about(
    status: StatusCode,
    retry_after_ms: Option<u64>,
) -> Option<(HeaderName, HeaderValue)> {
    if status == StatusCode::UNAUTHORIZED {
        return Some((WWW_AUTHENTICATE, bearer::CHALLENGE));
    }
    // In whole seconds (RFC 9110, section 10.2.3), rounded up.
    retry_after_ms.map(|ms| (RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000).max(1))))
}
