//! From a listening socket to a WebSocket: accept, TLS if there is to be any, HTTP, upgrade.
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
    io::{AsyncRead, AsyncWrite},
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
    tls::{
        Tls,
        relay::{self, Secure, Stake},
    },
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
    tls: Option<Tls>,
}

/// Most connections that are not WebSockets yet, of a process that may have so many files: they
/// leave most of them to those that are.
fn handshakes_max(files: usize) -> usize {
    (files / 4).clamp(1, HANDSHAKES_MAX)
}

impl Acceptor {
    /// Accepts for these doors, with nothing but TLS if there is a certificate, and brings what
    /// becomes a WebSocket to these services.
    pub(crate) fn new(doors: Arc<Doors>, services: Arc<Services>, tls: Option<Tls>) -> Self {
        Self {
            router: crate::http::router(Arc::clone(&doors)),
            doors,
            services,
            handshakes: Handshakes::new(handshakes_max(files::limit())),
            tls,
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
            upgraded = timeout(HANDSHAKE, self.shake_hands(socket, peer)) => upgraded,
            () = room.ended() => {
                return tracing::debug!(%peer, "no connection: others needed the room");
            }
        };
        drop(room);
        match upgraded {
            Ok(Ok(Some(upgraded))) => {
                if let Err(why) = self.enter(upgraded).await {
                    tracing::warn!("no connection: {why}");
                }
            }
            Ok(Ok(None)) => {}
            Ok(Err(why)) => tracing::debug!(%peer, "no connection: {why}"),
            Err(_) => tracing::debug!(%peer, "no connection: the handshake took too long"),
        }
    }

    async fn enter(self, Upgraded { entry, wire, read }: Upgraded) -> io::Result<()> {
        let dialect = Dialect::Typed;
        let place = match entry {
            Entry::In(place) => place,
            Entry::TurnedAway(why, permit) => {
                let (socket, _permit) = wire.into_socket(permit)?;
                connection::turn_away(socket, read, why).await;
                return Ok(());
            }
        };
        let (socket, place) = wire.into_socket(place)?;
        let guest = crate::http::random_identity()?;
        let session = self.doors.next_session();
        let arrived = Arrived { session, guest, socket, read, dialect, place };
        // If the hub is gone, the process is about to end.
        if let Ok(reader) = connection::begin(self.services, arrived).await {
            tokio::spawn(reader.run());
        }
        Ok(())
    }

    /// Everything until a client has its WebSocket, or goes.
    async fn shake_hands(
        &self,
        socket: TcpStream,
        peer: SocketAddr,
    ) -> io::Result<Option<Upgraded>> {
        socket.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return self.speak_http(socket, peer, Wire::Plain).await;
        };
        // Boxed, so that there is no room for it where there is no TLS.
        Box::pin(async {
            let secure = tls.accept(socket).await?;
            self.speak_http(secure, peer, Wire::Secure).await
        })
        .await
    }

    /// Answers requests until one becomes a WebSocket, or the client goes.
    async fn speak_http<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        into_wire: impl FnOnce(S) -> Wire,
    ) -> io::Result<Option<Upgraded>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
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
            .serve_connection(TokioIo::new(stream), answer)
            .with_upgrades()
            .await
            .map_err(io::Error::other)?;
        match arrival.take_upgrade() {
            Some(upgrade) => upgraded(upgrade, into_wire).await.map(Some),
            None => Ok(None),
        }
    }
}

/// What has become a WebSocket.
struct Upgraded {
    entry: Entry,
    wire: Wire,
    /// What was read from it together with the request.
    read: Vec<u8>,
}

/// What a client is connected by.
enum Wire {
    Plain(TcpStream),
    Secure(Secure),
}

impl Wire {
    /// The socket for the hub, and what the connection keeps until it is over.
    fn into_socket<T: Send + 'static>(self, stake: T) -> io::Result<(TcpStream, Stake<T>)> {
        match self {
            Self::Plain(socket) => Ok((socket, Stake::Own(stake))),
            Self::Secure(secure) => relay::start(secure, stake),
        }
    }
}

async fn upgraded<S>(upgrade: Upgrade, into_wire: impl FnOnce(S) -> Wire) -> io::Result<Upgraded>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let upgraded = upgrade.when_ready.await.map_err(io::Error::other)?;
    let parts = upgraded
        .downcast::<TokioIo<S>>()
        .map_err(|_| io::Error::other("the upgraded connection is not what it was"))?;
    let (wire, read) = (into_wire(parts.io.into_inner()), parts.read_buf.to_vec());
    Ok(Upgraded { entry: upgrade.entry, wire, read })
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
