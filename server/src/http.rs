//! What the hub says over HTTP: whether it lives, whether it is ready, and `/ws`.

mod census;
mod upgrade;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{any, get},
};
use hyper::upgrade::OnUpgrade;
use protocol::{HubId, Identity, PATH, SessionId};

pub(crate) use self::census::{Census, Place};

/// What all HTTP answers depend on.
#[derive(Debug)]
pub(crate) struct Doors {
    hub: HubId,
    census: Census,
    is_ready: AtomicBool,
    sessions: AtomicU64,
}

impl Doors {
    /// Open doors of this hub.
    pub(crate) fn new(hub: HubId, census: Census) -> Self {
        Self { hub, census, is_ready: AtomicBool::new(true), sessions: AtomicU64::new(0) }
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

    fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire)
    }
}

/// Who made the request, and where the upgrade goes that comes of it.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    peer: SocketAddr,
    upgrade: Arc<Mutex<Option<Upgrade>>>,
}

/// A connection that becomes a WebSocket.
#[derive(Debug)]
pub(crate) struct Upgrade {
    /// Its place among the connections.
    pub(crate) place: Place,
    /// The socket, once the answer is out.
    pub(crate) when_ready: OnUpgrade,
}

impl Arrival {
    /// A connection from this address.
    pub(crate) fn new(peer: SocketAddr) -> Self {
        Self { peer, upgrade: Arc::default() }
    }

    /// Takes the upgrade, if there was one.
    pub(crate) fn take_upgrade(&self) -> Option<Upgrade> {
        self.upgrade.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put_upgrade(&self, upgrade: Upgrade) {
        *self.upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
    }
}

/// Every path.
pub(crate) fn router(doors: Arc<Doors>) -> Router {
    Router::new()
        .route("/", get(welcome))
        .route("/livez", get(live))
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .route(PATH, any(upgrade::answer))
        .fallback(nothing_here)
        .with_state(doors)
}

/// An identity for a guest, in case the next connection is one.
pub(crate) fn random_identity() -> io::Result<Identity> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|why| io::Error::other(why.to_string()))?;
    Ok(Identity::from_bytes(bytes))
}

async fn welcome() -> &'static str {
    "This is a Hubbub hub: a group chat for the terminal.\n\
     To join, run:  hubbub this.address:port\n\
     Programs connect by WebSocket to /ws (subprotocol hubbub.v1).\n"
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

async fn nothing_here() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "There is nothing here; the chat is at /ws.\n")
}
