//! What the hub says over HTTP: how it is, its page, the events of its rooms, what programs post;
//! and `/ws`.

mod bearer;
mod census;
mod cors;
mod events;
pub(crate) mod origin;
mod page;
mod posted;
mod posting;
mod upgrade;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    routing::{any, get, post},
};
use protocol::{HubId, Identity, PATH, RoomName, SessionId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::{
    census::Full,
    origin::{Origins, Stranger},
};
pub(crate) use self::{
    census::{Census, Place, counted_as},
    events::Watch,
};
use crate::{asks::Asks, config::Config, dialect::talk::Talk};

/// Most connections at once that are told over WebSocket that there is no place for them. Who
/// comes beyond that gets a short answer over HTTP.
const TURNED_AWAY_MAX: usize = 256;

/// What the hub is for the web.
#[derive(Debug)]
pub(crate) struct Site {
    /// Whose pages may use it, besides its own.
    origins: Origins,
    /// Whether it has a page of its own.
    has_page: bool,
    /// Whether it speaks TLS itself.
    is_tls: bool,
}

impl Site {
    /// As it is configured.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            origins: Origins::new(config.allow_origins.clone()),
            has_page: config.has_page,
            is_tls: config.tls.is_some(),
        }
    }
}

/// What all HTTP answers depend on.
#[derive(Debug)]
pub(crate) struct Doors {
    hub: HubId,
    census: Census,
    site: Site,
    asks: Asks,
    is_ready: AtomicBool,
    sessions: AtomicU64,
    turned_away: Arc<Semaphore>,
}

impl Doors {
    /// Open doors of this hub.
    pub(crate) fn new(hub: HubId, census: Census, site: Site, asks: Asks) -> Self {
        Self {
            hub,
            census,
            site,
            asks,
            is_ready: AtomicBool::new(true),
            sessions: AtomicU64::new(0),
            turned_away: Arc::new(Semaphore::new(TURNED_AWAY_MAX)),
        }
    }

    /// From now on the hub is not ready.
    pub(crate) fn close(&self) {
        self.is_ready.store(false, Ordering::Release);
    }

    /// The number of a new connection.
    pub(crate) fn next_session(&self) -> SessionId {
        SessionId(self.sessions.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Who is here.
    pub(crate) fn census(&self) -> &Census {
        &self.census
    }

    /// Asks the hub, for what is no WebSocket.
    pub(crate) fn asks(&self) -> &Asks {
        &self.asks
    }

    /// A place for a connection from this address, or for being told that there is none.
    fn enter(&self, arrival: &Arrival) -> Result<Entry, Full> {
        self.census.enter(arrival.peer.ip()).map(Entry::In).or_else(|full| {
            let permit = Arc::clone(&self.turned_away).try_acquire_owned();
            permit.map(|permit| Entry::TurnedAway(full.why(), permit)).map_err(|_| full)
        })
    }

    /// Refuses what a browser asks for a page that may not use the hub.
    fn check_origin(&self, arrival: &Arrival, headers: &HeaderMap) -> Result<(), Stranger> {
        self.site.origins.check(headers, arrival.peer.ip())
    }

    /// Refuses what a browser may ask, without saying so, for a page that may not use the hub.
    fn check_host(&self, arrival: &Arrival, headers: &HeaderMap) -> Result<(), Stranger> {
        self.site.origins.check_host(headers, arrival.peer.ip())
    }

    fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire)
    }
}

/// Who made the request, and where it is left what the connection is to become.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    peer: SocketAddr,
    becoming: Arc<Mutex<Option<Becoming>>>,
}

/// What becomes of a connection that is to be no HTTP any more.
#[derive(Debug)]
pub(crate) enum Becoming {
    /// A WebSocket, once the HTTP server has answered so.
    WebSocket(Upgrade),
    /// A stream of events, at once: the HTTP server answers nothing.
    Events(Watch),
}

/// A connection that becomes a WebSocket.
#[derive(Debug)]
pub(crate) struct Upgrade {
    /// Whether it gets in.
    pub(crate) entry: Entry,
    /// What it says that does not speak the typed dialect.
    pub(crate) talk: Option<Box<Talk>>,
}

/// Whether a connection gets in.
#[derive(Debug)]
pub(crate) enum Entry {
    /// It does, and this is its place.
    In(Place),
    /// It is told why not; few are at once.
    TurnedAway(&'static str, OwnedSemaphorePermit),
}

impl Arrival {
    /// A connection from this address.
    pub(crate) fn new(peer: SocketAddr) -> Self {
        Self { peer, becoming: Arc::default() }
    }

    /// Whether it is to be taken from the HTTP server before that answers.
    pub(crate) fn is_to_be_taken(&self) -> bool {
        matches!(*self.becoming(), Some(Becoming::Events(_)))
    }

    /// Takes what the connection becomes, if it is to be no HTTP any more.
    pub(crate) fn take(&self) -> Option<Becoming> {
        self.becoming().take()
    }

    fn put(&self, becoming: Becoming) {
        *self.becoming() = Some(becoming);
    }

    fn becoming(&self) -> MutexGuard<'_, Option<Becoming>> {
        self.becoming.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every path.
pub(crate) fn router(doors: Arc<Doors>) -> Router {
    // What pages of other sites use, too, where they are allowed: events and posts.
    let open = Router::new()
        .route("/rooms/{room}/events", any(events::answer))
        .route("/rooms/{room}/messages", post(posting::message).fallback(posting::not_posted))
        .route("/announce", post(posting::announcement).fallback(posting::not_posted));
    let open = cors::guarded(open, &doors);
    Router::new()
        .route("/livez", get(live))
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .route(PATH, any(upgrade::answer))
        .merge(page::paths(doors.site.has_page))
        .merge(open)
        .fallback(nothing_here)
        .method_not_allowed_fallback(only_read)
        .with_state(doors)
}

/// The room that is named in a path; none if no room can have that name.
fn named(room: Result<Path<String>, PathRejection>) -> Option<RoomName> {
    room.ok().and_then(|Path(room)| RoomName::parse(&room).ok())
}

/// An identity for a guest, in case the next connection is one.
pub(crate) fn random_identity() -> io::Result<Identity> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|why| io::Error::other(why.to_string()))?;
    Ok(Identity::from_bytes(bytes))
}

async fn live() -> &'static str {
    "The hub is running.\n"
}

async fn ready(State(doors): State<Arc<Doors>>) -> (StatusCode, &'static str) {
    if doors.is_ready() {
        (StatusCode::OK, "The hub takes connections.\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "The hub is stopping; try again soon.\n")
    }
}

async fn only_read() -> (StatusCode, &'static str) {
    (StatusCode::METHOD_NOT_ALLOWED, "This can only be read, with GET; the chat is at /ws.\n")
}

async fn nothing_here() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "There is nothing here; the chat is at /ws.\n")
}
