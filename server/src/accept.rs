//! From a listening socket to a WebSocket: accept, HTTP, upgrade.
//!
//! The whole way has one deadline of five seconds that fires whatever the client does: hyper's
//! own header timeout is not enough (it needs a timer, and ends with the headers). Nothing of
//! the HTTP server is left in memory once a connection is a WebSocket.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    time::{sleep, timeout},
};

use crate::{
    connection::{self, Arrived, Services},
    dialect::Dialect,
    files,
    handshakes::{Handshake, Handshakes},
    http::{Arrival, Doors, Entry, Upgrade},
    sabotage::Fault,
};

/// From the first byte of TCP to the last of the 101.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Most connections at once that are not WebSockets yet. Beyond it one waits here, the others in
/// the kernel.
const HANDSHAKES_MAX: usize = 4096;
/// Most bytes of a request's head; hyper takes no less.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// Most headers of a request.
const HEADERS_MAX: usize = 64;
/// How long to wait after accepting failed (no file descriptors left, say): first, at most.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// What everything that accepts shares.
#[derive(Clone, Debug)]
pub(crate) struct Acceptor {
    router: Router,
    doors: Arc<Doors>,
    services: Arc<Services>,
    handshakes: Handshakes,
}

/// Most connections that are not WebSockets yet, of a process that may have so many files: they
/// leave most of them to those that are.
fn handshakes_max(files: usize) -> usize {
    (files / 4).clamp(1, HANDSHAKES_MAX)
}

impl Acceptor {
    /// Accepts for these doors, and brings what becomes a WebSocket to these services.
    pub(crate) fn new(doors: Arc<Doors>, services: Arc<Services>) -> Self {
        Self {
            router: crate::http::router(Arc::clone(&doors)),
            doors,
            services,
            handshakes: Handshakes::new(handshakes_max(files::limit())),
        }
    }

    /// Accepts until the task is ended from outside. An error costs nobody but who met it.
    pub(crate) async fn accept(self, listener: TcpListener) {
        let mut back_off = BACK_OFF[0];
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => {
                    back_off = BACK_OFF[0];
                    let room = self.handshakes.begin(peer.ip()).await;
                    tokio::spawn(self.clone().handshake(socket, peer, room));
                }
                Err(why) => {
                    tracing::warn!("accepting a connection failed: {why}");
                    if files::are_used_up(&why) {
                        self.handshakes.make_room();
                    }
                    if Fault::AcceptsNoMore.is_on() {
                        return std::future::pending().await;
                    }
                    sleep(back_off).await;
                    back_off = (back_off * 2).min(BACK_OFF[1]);
                }
            }
        }
    }

    /// A task of its own, so that all it needed is freed before the connection's task begins.
    async fn handshake(self, socket: TcpStream, peer: SocketAddr, mut room: Handshake) {
        let upgraded = select! {
            upgraded = timeout(HANDSHAKE, self.speak_http(socket, peer)) => upgraded,
            () = room.ended() => {
                return tracing::debug!(%peer, "no connection: others needed the room");
            }
        };
        drop(room);
        match upgraded {
            Ok(Ok(Some((entry, socket)))) => self.enter(entry, socket).await,
            Ok(Ok(None)) => {}
            Ok(Err(why)) => tracing::debug!(%peer, "no connection: {why}"),
            Err(_) => tracing::debug!(%peer, "no connection: the handshake took too long"),
        }
    }

    async fn enter(self, entry: Entry, Upgraded { socket, read }: Upgraded) {
        let place = match entry {
            Entry::In(place) => place,
            Entry::TurnedAway(why, _permit) => {
                return connection::turn_away(socket, read, Dialect::Typed, why).await;
            }
        };
        let guest = match crate::http::random_identity() {
            Ok(guest) => guest,
            Err(why) => return tracing::warn!("no connection: no random numbers: {why}"),
        };
        let session = self.doors.next_session();
        let arrived = Arrived { session, guest, socket, read, dialect: Dialect::Typed, place };
        // If the hub is gone, the process is about to end.
        if let Ok(reader) = connection::begin(self.services, arrived).await {
            tokio::spawn(reader.run());
        }
    }

    /// Answers requests until one becomes a WebSocket, or the client goes.
    async fn speak_http(
        &self,
        socket: TcpStream,
        peer: SocketAddr,
    ) -> io::Result<Option<(Entry, Upgraded)>> {
        socket.set_nodelay(true)?;
        let arrival = Arrival::new(peer);
        let router = TowerToHyperService::new(self.router.clone());
        let answer = {
            let arrival = arrival.clone();
            service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(arrival.clone());
                router.call(request.map(Body::new))
            })
        };
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HANDSHAKE)
            .max_buf_size(HEAD_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(TokioIo::new(socket), answer)
            .with_upgrades()
            .await
            .map_err(io::Error::other)?;
        match arrival.take_upgrade() {
            Some(upgrade) => upgraded(upgrade).await.map(Some),
            None => Ok(None),
        }
    }
}

/// A socket that has become a WebSocket, and what was read from it together with the request.
struct Upgraded {
    socket: TcpStream,
    read: Vec<u8>,
}

async fn upgraded(upgrade: Upgrade) -> io::Result<(Entry, Upgraded)> {
    let upgraded = upgrade.when_ready.await.map_err(io::Error::other)?;
    let parts = upgraded
        .downcast::<TokioIo<TcpStream>>()
        .map_err(|_| io::Error::other("the upgraded connection is not a TCP socket"))?;
    let (socket, read) = (parts.io.into_inner(), parts.read_buf.to_vec());
    Ok((upgrade.entry, Upgraded { socket, read }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_not_in_yet_leave_files_to_those_who_are() {
        assert_eq!(handshakes_max(1024), 256);
        assert_eq!(handshakes_max(usize::MAX), HANDSHAKES_MAX);
        assert_eq!(handshakes_max(1), 1);
    }
}
