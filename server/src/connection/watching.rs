//! The reading half of a watcher: who follows a room by Server-Sent Events. All that is said comes
//! from the hub; what is read is only that the client has gone.

use std::{
    future::poll_fn,
    io::ErrorKind,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use protocol::{Identity, RoomName, SessionId};
use tokio::{net::TcpStream, task::consume_budget, time::timeout};

use super::{LINGER, READ_BUFFER_BYTES, Services, half::Half};
use crate::{
    dialect::Dialect,
    fanout::{
        command::{Command, Open},
        gate::{Ended, Gate},
    },
    http::Place,
    hub::{
        HubGone,
        input::Input,
        visiting::{Ear, Listen, Since},
    },
    ledger::TokenHash,
    tls::relay::Stake,
};

/// Most bytes that a watcher may send after its request, which all say nothing: another request
/// behind the first one, say.
const READ_BYTES_MAX: usize = 16 * 1024;

/// A watcher that is about to begin.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// Its number.
    pub(crate) session: SessionId,
    /// Its socket, which was taken from the HTTP server.
    pub(crate) socket: TcpStream,
    /// How many bytes were read behind its request.
    pub(crate) read: usize,
    /// The head of the answer to it.
    pub(crate) head: Bytes,
    /// What is watched.
    pub(crate) room: RoomName,
    /// From where on.
    pub(crate) since: Since,
    /// By which token.
    pub(crate) token: Option<TokenHash>,
    /// Its place among the connections.
    pub(crate) place: Stake<Place>,
}

/// The reading half of a watcher.
#[derive(Debug)]
pub(crate) struct Watcher {
    services: Arc<Services>,
    half: Half,
    read: usize,
    place: Stake<Place>,
}

/// Makes a watcher known to its shard and to the hub.
pub(crate) async fn begin(services: Arc<Services>, arrived: Arrived) -> Result<Watcher, HubGone> {
    let Arrived { session, socket, read, head, room, since, token, place } = arrived;
    let socket = Arc::new(socket);
    let gate = Arc::new(Gate::new(session, services.fanout.hints(session)));
    let open = Open {
        socket: Arc::clone(&socket),
        gate: Arc::clone(&gate),
        dialect: Dialect::Events,
        first: Some(head),
    };
    // In this order: the shard knows the connection before the hub can say anything to it.
    let opened = services.fanout.send(session, Command::Open(Box::new(open))).await;
    opened.map_err(|_| HubGone)?;
    // It is nobody, and cannot become somebody.
    let guest = Identity::from_bytes([0; 16]);
    services.hub.send(Input::Connected { session, guest }).await?;
    let listen = Listen { session, room, since, ear: Ear::Events { token } };
    services.hub.send(Input::Listen(Box::new(listen))).await?;
    Ok(Watcher { services, half: Half::new(socket, gate), read, place })
}

impl Watcher {
    /// Waits for the end of the connection, whoever ends it.
    pub(crate) async fn run(mut self) {
        while self.half.gate.ended().is_none() && self.read_on() {
            consume_budget().await;
            poll_fn(|context| self.poll_wait(context)).await;
        }
        // Boxed, so that there is no room for it while the connection lives.
        Box::pin(self.end()).await;
    }

    /// Throws away what has come, and says whether the client is still there.
    fn read_on(&mut self) -> bool {
        let mut scratch = [0; READ_BUFFER_BYTES];
        while self.read <= READ_BYTES_MAX {
            match self.half.socket.try_read(&mut scratch) {
                Ok(0) => return false,
                Ok(read) => self.read += read,
                Err(why) => return why.kind() == ErrorKind::WouldBlock,
            }
        }
        false
    }

    fn poll_wait(&self, context: &mut Context<'_>) -> Poll<()> {
        let has_bytes = self.half.socket.poll_read_ready(context).is_ready();
        let is_changed = self.half.gate.poll_changed(context).is_ready();
        if has_bytes || is_changed { Poll::Ready(()) } else { Poll::Pending }
    }

    async fn end(self) {
        let session = self.half.gate.session();
        // Nobody sees a watcher come or go: its going is always a clean one.
        let _ = self.services.hub.send(Input::Closed { session, clean: true }).await;
        if self.half.gate.ended() == Some(Ended::Closed) {
            let _ = timeout(LINGER, self.half.linger()).await;
        }
        let _ = self.services.fanout.send(session, Command::Gone(session)).await;
        drop(self.place);
    }
}
