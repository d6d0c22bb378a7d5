//! One of the crowd: connects again and again, resumes, says what is not acked again under the
//! same id, and keeps a record.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use protocol::{
    ClientFrame, MessageText, RoomEvent, RoomName, Seq, ServerFrame, UserName, client, codec,
    server::{Ack, ErrorFrame, Joined, Welcome},
};
use tokio::{
    net::TcpStream,
    select,
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::{Entry, Kind, ROOMS, Record, Violation, Wish, lock};
use crate::{fresh_id, secret};

/// Between two tries to connect.
const BACK_OFF: Duration = Duration::from_millis(10);

/// The connection is gone.
pub(super) struct Cut;

/// How people talk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The longest pause between two messages of one person.
    pub(super) pause_ms: u64,
    /// The longest message, nearly.
    pub(super) text_bytes: usize,
}

/// One person.
#[derive(Debug)]
pub(super) struct Participant {
    address: SocketAddr,
    number: u8,
    pace: Pace,
    record: Arc<Mutex<Record>>,
    wish: watch::Receiver<Wish>,
    /// What was sent and is not acked, in order.
    unacked: Vec<client::Say>,
    /// Do not send before.
    paused_until: Instant,
}

type Socket = WebSocketStream<TcpStream>;

impl Participant {
    pub(super) fn new(
        address: SocketAddr,
        number: u8,
        pace: Pace,
        record: Arc<Mutex<Record>>,
        wish: watch::Receiver<Wish>,
    ) -> Self {
        let paused_until = Instant::now();
        Self { address, number, pace, record, wish, unacked: Vec::new(), paused_until }
    }

    /// Takes part until everything wished for is done.
    pub(super) async fn run(mut self) {
        while !self.is_done() {
            if self.take_part().await.is_err() {
                sleep_until(Instant::now() + BACK_OFF).await;
            }
        }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        lock(&self.record)
    }

    fn is_done(&self) -> bool {
        let Some(until) = self.wish.borrow().until.clone() else { return false };
        let record = self.record();
        let has = |room: &RoomName| record.rooms.get(room).map_or(0, |seen| seen.events.len());
        until.iter().all(|(room, head)| has(room) as u64 >= *head)
    }

    async fn take_part(&mut self) -> Result<(), Cut> {
        let mut socket = self.connect().await?;
        for say in self.unacked.clone() {
            send(&mut socket, &ClientFrame::Say(say)).await?;
        }
        while !self.is_done() {
            let may_talk = self.may_talk();
            select! {
                frame = next(&mut socket) => self.take(frame?, &mut socket).await?,
                () = sleep_until(self.paused_until), if may_talk => self.talk(&mut socket).await?,
                Ok(()) = self.wish.changed() => {}
            }
        }
        let _ = socket.close(None).await; // It has seen everything.
        Ok(())
    }

    async fn connect(&self) -> Result<Socket, Cut> {
        let stream = TcpStream::connect(self.address).await.map_err(|_| Cut)?;
        let url = format!("ws://{}{}", self.address, protocol::PATH);
        let (mut socket, _) = client_async(url, stream).await.map_err(|_| Cut)?;
        let name = UserName::parse(&format!("p{}", self.number)).expect("a name");
        let secret = Some(secret(self.number));
        let hello = client::Hello { id: None, name, secret, password: None, agent: None };
        send(&mut socket, &ClientFrame::Hello(hello)).await?;
        for room in ROOMS {
            let room = RoomName::parse(room).expect("a room");
            let (after, epoch) = {
                let mut record = self.record();
                let seen = record.rooms.entry(room.clone()).or_default();
                (Seq::new(seen.events.len() as u64), seen.epoch.clone())
            };
            let join = client::Join { id: None, room, after, epoch };
            send(&mut socket, &ClientFrame::Join(join)).await?;
        }
        Ok(socket)
    }

    fn is_free(&self, room: &str) -> bool {
        self.unacked.iter().all(|say| say.room.as_str() != room)
    }

    fn may_talk(&self) -> bool {
        self.record().talks && self.unacked.len() < ROOMS.len() && !self.wish.borrow().hush
    }

    async fn talk(&mut self, socket: &mut Socket) -> Result<(), Cut> {
        self.paused_until =
            Instant::now() + Duration::from_millis(fastrand::u64(0..=self.pace.pause_ms));
        // One in each room, so that whatever happens to it, nothing can overtake it.
        let free: Vec<_> = ROOMS.into_iter().filter(|room| self.is_free(room)).collect();
        let Some(room) = fastrand::choice(free) else { return Ok(()) };
        let room = RoomName::parse(room).expect("a room");
        let text =
            format!("{} {}", self.number, "x".repeat(fastrand::usize(..self.pace.text_bytes)));
        let text = MessageText::parse(&text).expect("a text");
        let say = client::Say { id: fresh_id(), room, text, reply_to: None };
        if !self.remember(&say) {
            return Ok(());
        }
        self.unacked.push(say.clone());
        send(socket, &ClientFrame::Say(say)).await
    }

    /// What nobody must say any more is not: the log may be read already. And who has not been
    /// welcome yet does not know who they are.
    fn remember(&self, say: &client::Say) -> bool {
        let mut record = self.record();
        let Some(by) = record.identity.clone().filter(|_| !self.wish.borrow().hush) else {
            return false;
        };
        let entry = Entry::said(say.id.clone(), by, &say.text);
        record.sent.push((say.room.clone(), entry));
        true
    }

    async fn take(&mut self, frame: ServerFrame, socket: &mut Socket) -> Result<(), Cut> {
        match frame {
            ServerFrame::Welcome(welcome) => self.welcomed(welcome),
            ServerFrame::Joined(joined) => self.joined(joined),
            ServerFrame::Event(event) => self.saw(&event),
            ServerFrame::Ack(ack) => self.acked(&ack),
            ServerFrame::Gap(gap) => {
                self.violated(Kind::Gap, format!("p{}: {gap:?}", self.number));
            }
            ServerFrame::Error(error) => self.refused(error, socket).await?,
            ServerFrame::Bye(_) => return Err(Cut),
            _ => {}
        }
        Ok(())
    }

    fn welcomed(&self, welcome: Welcome) {
        let mut record = self.record();
        record.welcomes += 1;
        record.identity = Some(welcome.identity);
    }

    fn joined(&self, joined: Joined) {
        let mut record = self.record();
        record.rooms.entry(joined.room).or_default().epoch = Some(joined.epoch);
    }

    fn saw(&self, event: &RoomEvent) {
        let mut record = self.record();
        let events = &mut record.rooms.entry(event.room.clone()).or_default().events;
        let (seq, next) = (event.seq.get(), events.len() as u64 + 1);
        if seq == next {
            events.push(Entry::of(event));
            return;
        }
        drop(record);
        let kind = if seq < next { Kind::Overlap } else { Kind::Hole };
        self.violated(
            kind,
            format!("p{}: {seq} of {} where {next} was due", self.number, event.room),
        );
    }

    fn acked(&mut self, ack: &Ack) {
        self.unacked.retain(|say| say.id != ack.id);
        let place = (ack.room.clone(), ack.seq.get());
        let before = self.record().acked.insert(ack.id.clone(), place.clone());
        if before.as_ref().is_some_and(|before| *before != place) {
            let what = format!("{} was acked at {before:?}, then at {place:?}", ack.id);
            self.violated(Kind::Doubled, what);
        }
    }

    /// Only "not now" is expected. It does not read meanwhile: the hub has to bear that, too.
    async fn refused(&mut self, error: ErrorFrame, socket: &mut Socket) -> Result<(), Cut> {
        self.record().refused += 1;
        let again = self.unacked.iter().find(|say| Some(&say.id) == error.id.as_ref()).cloned();
        let (Some(wait), Some(say)) = (error.retry_after_ms, again) else {
            self.violated(Kind::Refused, format!("p{}: {error:?}", self.number));
            return Err(Cut);
        };
        sleep_until(Instant::now() + Duration::from_millis(wait)).await;
        send(socket, &ClientFrame::Say(say)).await
    }

    fn violated(&self, kind: Kind, what: String) {
        self.record().violations.push(Violation::new(kind, what));
    }
}

async fn send(socket: &mut Socket, frame: &ClientFrame) -> Result<(), Cut> {
    socket.send(Message::text(codec::encode_client(frame))).await.map_err(|_| Cut)
}

/// The next frame of the hub; pings are answered on the way.
async fn next(socket: &mut Socket) -> Result<ServerFrame, Cut> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                return Ok(codec::decode_server(&text).expect("a frame of the protocol"));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(_) | Err(_)) | None => return Err(Cut),
        }
    }
}
