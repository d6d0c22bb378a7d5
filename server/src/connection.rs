//! The reading half of a connection: one task for each socket.
//!
//! It decodes frames and sends them to the hub, one after the other, and waits there if need be.
//! It never writes: pongs and close replies go to the shard through the connection's [`Gate`].
//! Whoever is too fast is not told so: their frames stay in their socket.

mod frames;
mod full;
mod half;
mod hearing;
pub(crate) mod watching;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use protocol::{FRAME_BYTES_MAX, Identity, SessionId};
use tokio::{
    net::TcpStream,
    task::consume_budget,
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

pub(crate) use self::full::turn_away;
pub use self::hearing::must_be_answered;
use self::{
    frames::Frames,
    half::{Half, READ_BUFFER_BYTES},
};
use crate::{
    dialect::{Dialect, talk::Talk},
    fanout::{
        Fanout,
        command::{Command, Open},
        gate::{Ended, Gate},
    },
    http::Place,
    hub::{
        HubGone, HubHandle,
        input::Input,
        limits::{Limits, Rates},
    },
    tls::relay::Stake,
};

/// Pongs and close replies that wait within the WebSocket until the gate takes them.
const WRITE_BUFFER_BYTES_MAX: usize = 1024;
/// RFC 6455: all is well.
const NORMAL: u16 = 1000;
/// How long a client may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// How long a connection that has got its close frame is listened to.
const LINGER: Duration = Duration::from_secs(2);

/// What connections share.
#[derive(Debug)]
pub(crate) struct Services {
    /// Where frames go.
    pub(crate) hub: HubHandle,
    /// Where writing happens.
    pub(crate) fanout: Fanout,
    /// How fast each may send.
    pub(crate) rates: Rates,
    /// From when on their time counts.
    pub(crate) start: Instant,
}

/// A connection that is about to begin.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// Its number.
    pub(crate) session: SessionId,
    /// The identity it gets if it is a guest.
    pub(crate) guest: Identity,
    /// Its socket, which has become a WebSocket.
    pub(crate) socket: TcpStream,
    /// What was read from it together with the request.
    pub(crate) read: Vec<u8>,
    /// What it says, if it does not speak the typed dialect, or may not.
    pub(crate) talk: Option<Box<Talk>>,
    /// Its place among the connections.
    pub(crate) place: Stake<Place>,
}

/// Makes a connection known to its shard and to the hub. Who is served then has nothing in memory
/// that only the beginning needed.
pub(crate) async fn begin(services: Arc<Services>, arrived: Arrived) -> Result<Reader, HubGone> {
    let Arrived { session, guest, socket, read, talk, place } = arrived;
    let dialect = talk.as_ref().map_or(Dialect::Typed, |talk| talk.dialect());
    let needs_hello = talk.as_ref().is_none_or(|talk| talk.is_undecided());
    let socket = Arc::new(socket);
    let gate = Arc::new(Gate::new(session, services.fanout.hints(session)));
    let open = Open { socket: Arc::clone(&socket), gate: Arc::clone(&gate), dialect, first: None };
    // In this order: the shard knows the connection before the hub can say anything to it.
    let opened = services.fanout.send(session, Command::Open(Box::new(open))).await;
    opened.map_err(|_| HubGone)?;
    services.hub.send(Input::Connected { session, guest }).await?;
    if let Some(begin) = talk.as_ref().and_then(|talk| talk.begin(session)) {
        services.hub.send(begin).await?;
    }
    Ok(Reader {
        limits: Limits::default(),
        services,
        frames: Frames::new(Half::new(socket, gate), read),
        hello: needs_hello.then(|| Box::pin(sleep(HELLO))),
        talk,
        pause: None,
        waits_for_answers: false,
        place,
    })
}

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With a close frame of the client.
    Goodbye,
    /// With a word of the client.
    Quit,
    /// Without.
    Lost,
    /// The client sent what it must not; the close code and why.
    Forbidden(u16, &'static str),
    /// By the shard.
    Shard(Ended),
    /// The hub is gone.
    HubGone,
}

/// Why there is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pause {
    /// No whole one is there yet.
    Empty,
    /// There will be none.
    End(End),
}

/// What is to be done next.
enum Next {
    /// Read on.
    Read,
    /// Wait until the hub has room for this.
    Offer(Box<Input>),
    /// Wait until something has changed, or bytes have come, if they may be read.
    Wait { for_bytes: bool },
}

/// The reading half of a connection.
pub(crate) struct Reader {
    services: Arc<Services>,
    frames: Frames,
    limits: Limits,
    /// What it says, if it does not speak the typed dialect, or may not.
    talk: Option<Box<Talk>>,
    /// Until when hello must have been answered with a welcome; gone after that.
    hello: Option<Pin<Box<Sleep>>>,
    /// Until when nothing is read, because it was too fast.
    pause: Option<Pin<Box<Sleep>>>,
    /// Whether nothing is read before everything asked is answered.
    waits_for_answers: bool,
    place: Stake<Place>,
}

impl Reader {
    /// Reads until the connection ends.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` has room for its arguments twice")]
    pub(crate) fn run(mut self) -> impl Future<Output = ()> + Send {
        async move {
            let end = self.read_to_end().await;
            // Boxed, so that there is no room for it while the connection lives.
            Box::pin(self.end(end)).await;
        }
    }

    async fn read_to_end(&mut self) -> End {
        loop {
            // A socket that always has something must not keep others from their turn.
            consume_budget().await;
            if let Some(ended) = self.gate().ended() {
                return End::Shard(ended);
            }
            if self.is_hello_overdue() {
                // Boxed, like all that is rare, so that there is no room for it otherwise.
                Box::pin(self.hello_overdue()).await;
            }
            let for_bytes = match self.read_on() {
                Ok(Next::Read) => continue,
                Ok(Next::Offer(input)) => {
                    if let Err(end) = Box::pin(self.send(*input)).await {
                        return end;
                    }
                    continue;
                }
                Ok(Next::Wait { for_bytes }) => for_bytes,
                Err(end) => return end,
            };
            poll_fn(|context| self.poll_wait(context, for_bytes)).await;
        }
    }

    /// Reads a frame, if one may be read and is there, and hands it to the hub, if that has room.
    fn read_on(&mut self) -> Result<Next, End> {
        if !self.may_read() {
            return Ok(Next::Wait { for_bytes: false });
        }
        match self.read() {
            // The shard has to know first what is spoken from here on.
            Ok(Some(input @ Input::Visit(_))) => Ok(Next::Offer(Box::new(input))),
            Ok(Some(input)) => Ok(match self.services.hub.offer(input) {
                Ok(()) => Next::Read,
                Err(input) => Next::Offer(Box::new(input)),
            }),
            Ok(None) => Ok(Next::Read),
            Err(Pause::Empty) => {
                self.frames.shrink();
                Ok(Next::Wait { for_bytes: true })
            }
            Err(Pause::End(end)) => Err(end),
        }
    }

    /// Sends a request to the hub, and waits until it has room. That is rare: it is to be boxed.
    async fn send(&mut self, input: Input) -> Result<(), End> {
        if let (Input::Visit(_), Some(talk)) = (&input, &self.talk) {
            let (session, dialect) = (self.session(), talk.dialect());
            let spoken = self.services.fanout.send(session, Command::Speak { session, dialect });
            spoken.await.map_err(|_| End::HubGone)?;
        }
        self.services.hub.send(input).await.map_err(|HubGone| End::HubGone)
    }

    fn gate(&self) -> &Gate {
        &self.frames.half().gate
    }

    fn session(&self) -> SessionId {
        self.gate().session()
    }

    /// Whether the next frame may be read now.
    fn may_read(&mut self) -> bool {
        if self.waits_for_answers && self.gate().is_answered() {
            self.waits_for_answers = false;
        }
        self.pause.is_none() && !self.waits_for_answers && self.gate().is_open()
    }

    /// Waits until something has changed: bytes, if any may be read, the gate, or the time.
    /// Polled by hand, because futures for each of these would be most of an idle connection.
    fn poll_wait(&mut self, context: &mut Context<'_>, for_bytes: bool) -> Poll<()> {
        let half = self.frames.half();
        let has_bytes = for_bytes && half.socket.poll_read_ready(context).is_ready();
        let is_changed = half.gate.poll_changed(context).is_ready();
        let is_pause_over = is_over(&mut self.pause, context);
        if is_pause_over {
            self.pause = None;
        }
        let is_hello_over = is_over(&mut self.hello, context);
        if has_bytes || is_changed || is_pause_over || is_hello_over {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Whether it has said no hello in time. Asked here, too, because who sends without a pause is
    /// never waited for.
    fn is_hello_overdue(&mut self) -> bool {
        if self.hello.is_some() && self.gate().is_welcome() {
            self.hello = None;
        }
        self.hello.as_ref().is_some_and(|hello| hello.deadline() <= Instant::now())
    }

    async fn hello_overdue(&mut self) {
        self.hello = None;
        let session = self.session();
        // If the hub is gone, the next frame finds that out.
        let _ = self.send(Input::HelloOverdue { session }).await;
    }

    async fn end(self, end: End) {
        let session = self.session();
        let half = self.frames.half();
        let is_clean = matches!(end, End::Goodbye | End::Quit | End::Shard(Ended::Closed));
        let _ = self.services.hub.send(Input::Closed { session, clean: is_clean }).await;
        let why = match end {
            End::Forbidden(code, why) => Some((code, why)),
            End::Quit => Some((NORMAL, "goodbye")),
            End::Goodbye | End::Lost | End::Shard(_) | End::HubGone => None,
        };
        if let Some((code, why)) = why {
            let close = Command::Close { session, code, reason: why };
            let _ = self.services.fanout.send(session, close).await;
        }
        if why.is_some() || end == End::Shard(Ended::Closed) {
            let _ = timeout(LINGER, half.linger()).await;
        }
        let _ = self.services.fanout.send(session, Command::Gone(session)).await;
        drop(self.place);
    }
}

fn is_over(timer: &mut Option<Pin<Box<Sleep>>>, context: &mut Context<'_>) -> bool {
    timer.as_mut().is_some_and(|timer| timer.as_mut().poll(context).is_ready())
}

fn web_socket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_of_an_idle_connection_is_small() {
        fn size<F>(_: impl FnOnce(Reader) -> F) -> usize {
            size_of::<F>()
        }
        // With what the runtime adds it is a multiple of 128 bytes: three times that.
        assert!(size(Reader::run) <= 256, "{} of {}", size(Reader::run), size_of::<Reader>());
    }
}
