//! From a listening socket to a WebSocket or a stream of events: accept, TLS if there is to be
//! any, HTTP, and what comes of it.
//!
//! The whole way has one deadline of five seconds that fires whatever the client does: hyper's
//! own header timeout is not enough (it needs a timer, and ends with the headers). Nothing of
//! the HTTP server is left in memory once a connection is no HTTP any more.

use std::{future::poll_fn, io, net::SocketAddr, pin::Pin, sync::Arc, task::Poll, time::Duration};

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
#[cfg(target_os = "linux")]
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    select,
    time::{sleep, timeout},
};

use crate::{
    connection::{self, Arrived, Services, watching},
    fanout::SILENCE_SECONDS,
    files,
    handshakes::{Handshake, Handshakes},
    http::{Arrival, Becoming, Doors, Entry, Upgrade, Watch},
    sabotage::Fault,
    tls::{
        Tls,
        relay::{self, Secure, Stake},
    },
};

/// From the first byte of TCP to the last of the 101, or of an answer that is none.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Most connections at once that are neither WebSockets nor watch. Beyond it one waits here, the
/// others in the kernel.
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
        let taken = select! {
            taken = timeout(HANDSHAKE, self.shake_hands(socket, peer)) => taken,
            () = room.ended() => {
                return tracing::debug!(%peer, "no connection: others needed the room");
            }
        };
        drop(room);
        match taken {
            Ok(Ok(Some(taken))) => {
                if let Err(why) = self.enter(taken).await {
                    tracing::warn!("no connection: {why}");
                }
            }
            Ok(Ok(None)) => {}
            Ok(Err(why)) => tracing::debug!(%peer, "no connection: {why}"),
            Err(_) => tracing::debug!(%peer, "no connection: the handshake took too long"),
        }
    }

    async fn enter(self, Taken { becoming, wire, read }: Taken) -> io::Result<()> {
        match becoming {
            Becoming::WebSocket(upgrade) => self.enter_web_socket(upgrade, wire, read).await,
            Becoming::Events(watch) => self.enter_watcher(watch, wire, read.len()).await,
        }
    }

    async fn enter_watcher(self, watch: Watch, wire: Wire, read: usize) -> io::Result<()> {
        wire.limit_silence();
        let Watch { place, head, room, since, token } = watch;
        let (socket, place) = wire.into_socket(place)?;
        let session = self.doors.next_session();
        let arrived = watching::Arrived { session, socket, read, head, room, since, token, place };
        // If the hub is gone, the process is about to end.
        if let Ok(watcher) = watching::begin(self.services, arrived).await {
            tokio::spawn(watcher.run());
        }
        Ok(())
    }

    async fn enter_web_socket(
        self,
        Upgrade { entry, talk }: Upgrade,
        wire: Wire,
        read: Vec<u8>,
    ) -> io::Result<()> {
        let place = match entry {
            Entry::In(place) => place,
            Entry::TurnedAway(why, permit) => {
                let (socket, _permit) = wire.into_socket(permit)?;
                connection::turn_away(socket, read, talk, why).await;
                return Ok(());
            }
        };
        let (socket, place) = wire.into_socket(place)?;
        let guest = crate::http::random_identity()?;
        let session = self.doors.next_session();
        let arrived = Arrived { session, guest, socket, read, talk, place };
        // If the hub is gone, the process is about to end.
        if let Ok(reader) = connection::begin(self.services, arrived).await {
            tokio::spawn(reader.run());
        }
        Ok(())
    }

    /// Everything until a client has its WebSocket or its events, or goes.
    async fn shake_hands(&self, socket: TcpStream, peer: SocketAddr) -> io::Result<Option<Taken>> {
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

    /// Answers requests until one becomes something else than HTTP, or the client goes.
    async fn speak_http<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        into_wire: impl FnOnce(S) -> Wire,
    ) -> io::Result<Option<Taken>>
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
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HANDSHAKE)
            .max_buf_size(HEAD_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(TokioIo::new(stream), answer);
        poll_fn(|context| match Pin::new(&mut connection).poll(context) {
            // It reads a request when the answer to the one before is out, so that nothing is left
            // behind in it. (But behind a post that it answered before all of it had come: who
            // sends that, and reads nothing meanwhile, may lack the rest of that answer.)
            Poll::Pending if arrival.is_to_be_taken() => Poll::Ready(Ok(())),
            poll => poll,
        })
        .await
        .map_err(io::Error::other)?;
        Ok(arrival.take().map(|becoming| {
            let parts = connection.into_parts();
            let wire = into_wire(parts.io.into_inner());
            Taken { becoming, wire, read: parts.read_buf.to_vec() }
        }))
    }
}

/// A connection that was taken from the HTTP server.
struct Taken {
    becoming: Becoming,
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
    /// Has the system end the connection when what was written to the client is not acknowledged
    /// for as long as one may be silent. A watcher says nothing by which it could be heard.
    fn limit_silence(&self) {
        #[cfg(target_os = "linux")]
        {
            let socket = match self {
                Self::Plain(socket) => socket,
                Self::Secure(secure) => secure.get_ref().0,
            };
            // Without it the system takes a quarter of an hour.
            let _ = set_tcp_user_timeout(socket, SILENCE_SECONDS * 1000);
        }
    }

    /// The socket for the hub, and what the connection keeps until it is over.
    fn into_socket<T: Send + 'static>(self, stake: T) -> io::Result<(TcpStream, Stake<T>)> {
        match self {
            Self::Plain(socket) => Ok((socket, Stake::Own(stake))),
            Self::Secure(secure) => relay::start(secure, stake),
        }
    }
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
