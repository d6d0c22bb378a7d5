//! A client for tests: says anything, waits for what it names, forgets nothing that came before.

use std::{collections::VecDeque, fmt, net::SocketAddr};

use futures::{SinkExt, StreamExt};
use protocol::{
    ClientFrame, Epoch, ErrorCode, MessageText, PageLimit, RequestId, RoomEvent, RoomName, Secret,
    Seq, ServerFrame, UserName, client, codec,
    server::{Ack, ErrorFrame, Gap, Joined, Page, Welcome},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message},
};

use crate::PATIENCE;

/// What RFC 6455 calls a close frame without a code.
const NO_CODE: u16 = 1005;

/// What a client is connected by: TCP, or TLS over it.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + fmt::Debug> Wire for T {}

/// One WebSocket connection. Frames that were not asked for yet are kept in the order they came.
#[derive(Debug)]
pub struct TestClient {
    socket: WebSocketStream<Box<dyn Wire>>,
    unread: VecDeque<ServerFrame>,
    closing: Option<Closing>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// With a close frame of this code.
    Code(u16),
    /// Without one.
    Cut,
}

impl TestClient {
    /// Connects and says nothing yet.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connect");
        Self::over(stream, address).await
    }

    /// Upgrades a connection to this address and says nothing yet.
    pub async fn over(stream: impl Wire + 'static, address: SocketAddr) -> Self {
        let url = format!("ws://{address}{}", protocol::PATH);
        let upgrading = client_async(url, Box::new(stream) as Box<dyn Wire>);
        let upgraded = timeout(PATIENCE, upgrading).await.expect("waited for the upgrade");
        let (socket, _) = upgraded.expect("upgrade to a WebSocket");
        Self { socket, unread: VecDeque::new(), closing: None }
    }

    /// Connects and says hello without a secret.
    pub async fn guest(address: SocketAddr, name: &str) -> Self {
        let mut client = Self::connect(address).await;
        client.hello(name, None).await.expect("welcome");
        client
    }

    /// Connects and says hello as whoever holds the secret of this number.
    pub async fn person(address: SocketAddr, name: &str, number: u8) -> Self {
        let mut client = Self::connect(address).await;
        client.hello(name, Some(secret(number))).await.expect("welcome");
        client
    }

    /// Says hello and waits for `welcome` or the error.
    pub async fn hello(
        &mut self,
        name: &str,
        secret: Option<Secret>,
    ) -> Result<Welcome, ErrorFrame> {
        let id = fresh_id();
        let name = UserName::parse(name).expect("a valid name");
        let frame = client::Hello { id: Some(id), name, secret, password: None, agent: None };
        self.send(&ClientFrame::Hello(frame)).await;
        self.wait_for("welcome or an error", |frame| match frame {
            ServerFrame::Welcome(welcome) => Some(Ok(welcome.clone())),
            ServerFrame::Error(error) => Some(Err(error.clone())),
            _ => None,
        })
        .await
    }

    /// Joins a room from its head and waits for `joined`.
    pub async fn join(&mut self, room: &str) -> Joined {
        self.join_after(room, None).await
    }

    /// Joins a room from a place and waits for `joined`.
    pub async fn join_after(&mut self, room: &str, after: Option<u64>) -> Joined {
        let (id, room) = (fresh_id(), room_of(room));
        let after = after.and_then(Seq::new);
        let frame = client::Join { id: Some(id.clone()), room, after, epoch: None };
        self.send(&ClientFrame::Join(frame)).await;
        self.wait_for("joined", |frame| match frame {
            ServerFrame::Joined(joined) if joined.id.as_ref() == Some(&id) => Some(joined.clone()),
            _ => None,
        })
        .await
    }

    /// Joins a room as somebody who was there in this epoch, and waits for `joined`.
    pub async fn rejoin(&mut self, room: &str, after: u64, epoch: &Epoch) -> Joined {
        let (after, epoch) = (Seq::new(after), Some(epoch.clone()));
        let frame = client::Join { id: Some(fresh_id()), room: room_of(room), after, epoch };
        self.send(&ClientFrame::Join(frame)).await;
        self.wait_for("joined", |frame| match frame {
            ServerFrame::Joined(joined) if joined.id.is_some() => Some(joined.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the next gap that was not taken yet.
    pub async fn gap(&mut self) -> Gap {
        self.wait_for("a gap", |frame| match frame {
            ServerFrame::Gap(gap) => Some(gap.clone()),
            _ => None,
        })
        .await
    }

    /// Says something and returns its id, without waiting.
    pub async fn say(&mut self, room: &str, text: &str) -> RequestId {
        let id = fresh_id();
        self.say_as(&id, room, text).await;
        id
    }

    /// Says something under this id, without waiting.
    pub async fn say_as(&mut self, id: &RequestId, room: &str, text: &str) {
        let text = MessageText::parse(text).expect("a valid text");
        let frame = client::Say { id: id.clone(), room: room_of(room), text, reply_to: None };
        self.send(&ClientFrame::Say(frame)).await;
    }

    /// Says something and waits for its `ack`.
    pub async fn say_acked(&mut self, room: &str, text: &str) -> Ack {
        let id = self.say(room, text).await;
        self.ack(&id).await
    }

    /// Has a message read otherwise, under this id, without waiting.
    pub async fn edit(&mut self, id: &RequestId, room: &str, seq: u64, text: &str) {
        let text = MessageText::parse(text).expect("a valid text");
        let (id, room, seq) = (id.clone(), room_of(room), Seq::new(seq).expect("a valid seq"));
        self.send(&ClientFrame::Edit(client::Edit { id, room, seq, text })).await;
    }

    /// Has a message read otherwise and waits for the `ack`.
    pub async fn edit_acked(&mut self, room: &str, seq: u64, text: &str) -> Ack {
        let id = fresh_id();
        self.edit(&id, room, seq, text).await;
        self.ack(&id).await
    }

    /// Takes a message back, under this id, without waiting.
    pub async fn delete(&mut self, id: &RequestId, room: &str, seq: u64) {
        let (id, room, seq) = (id.clone(), room_of(room), Seq::new(seq).expect("a valid seq"));
        self.send(&ClientFrame::Delete(client::Delete { id, room, seq })).await;
    }

    /// Takes a message back and waits for the `ack`.
    pub async fn delete_acked(&mut self, room: &str, seq: u64) -> Ack {
        let id = fresh_id();
        self.delete(&id, room, seq).await;
        self.ack(&id).await
    }

    /// Waits for the `ack` of a request.
    pub async fn ack(&mut self, id: &RequestId) -> Ack {
        self.wait_for(&format!("ack of {id}"), |frame| match frame {
            ServerFrame::Ack(ack) if ack.id == *id => Some(ack.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the next event that was not taken yet.
    pub async fn event(&mut self) -> RoomEvent {
        self.wait_for("an event", |frame| match frame {
            ServerFrame::Event(event) => Some(event.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the event with this text and returns it.
    pub async fn event_saying(&mut self, text: &str) -> RoomEvent {
        self.wait_for(&format!("an event saying {text:?}"), |frame| match frame {
            ServerFrame::Event(event) if text_of(event) == text => Some(event.clone()),
            _ => None,
        })
        .await
    }

    /// Takes events, in the order they come, until one has this seq.
    pub async fn events_until(&mut self, seq: u64) -> Vec<RoomEvent> {
        let mut events = Vec::new();
        while events.last().is_none_or(|event: &RoomEvent| event.seq.get() < seq) {
            events.push(self.event().await);
        }
        events
    }

    /// Asks for a page and waits for it.
    pub async fn history(&mut self, room: &str, before: Option<u64>, limit: u64) -> Page {
        let (id, room) = (fresh_id(), room_of(room));
        let (before, after) = (before.and_then(Seq::new), None);
        let limit = PageLimit::new(limit).expect("1 to 200");
        let frame = client::History { id: Some(id.clone()), room, before, after, limit };
        self.send(&ClientFrame::History(frame)).await;
        self.wait_for("a page", |frame| match frame {
            ServerFrame::Page(page) if page.id.as_ref() == Some(&id) => Some(page.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the next error.
    pub async fn error(&mut self) -> ErrorFrame {
        self.wait_for("an error", |frame| match frame {
            ServerFrame::Error(error) => Some(error.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the next error, which must have this code.
    pub async fn refused(&mut self, code: ErrorCode) -> ErrorFrame {
        let error = self.error().await;
        assert_eq!(error.code, code, "{error:?}");
        error
    }

    /// Says how far one has read a room, without waiting.
    pub async fn read_up_to(&mut self, room: &str, seq: u64) {
        let seq = Seq::new(seq).expect("a seq");
        let frame = client::Read { id: None, room: room_of(room), seq };
        self.send(&ClientFrame::Read(frame)).await;
    }

    /// Says that one is writing in a room, without waiting.
    pub async fn type_in(&mut self, room: &str) {
        self.send(&ClientFrame::Typing(client::Typing { id: None, room: room_of(room) })).await;
    }

    /// Shows that the connection still works: a `ping` gets its `pong`.
    pub async fn alive(&mut self) {
        let id = fresh_id();
        let frame = client::Ping { id: Some(id.clone()), nonce: None };
        self.send(&ClientFrame::Ping(frame)).await;
        self.wait_for("pong", |frame| match frame {
            ServerFrame::Pong(pong) if pong.id.as_ref() == Some(&id) => Some(()),
            _ => None,
        })
        .await;
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ClientFrame) {
        self.send_text(&codec::encode_client(frame)).await;
    }

    /// Sends a text as it stands.
    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("send");
    }

    /// Sends bytes as a binary message.
    pub async fn send_binary(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::binary(bytes)).await.expect("send");
    }

    /// Says goodbye as the WebSocket protocol wants it.
    pub async fn close(mut self) {
        self.socket.close(None).await.expect("close");
        self.closed().await;
    }

    /// The socket itself, for what no well-behaved client does.
    pub fn socket(&mut self) -> &mut WebSocketStream<Box<dyn Wire>> {
        &mut self.socket
    }

    /// Waits for the first frame, among those not taken yet and then those to come, of which
    /// `pick` makes something, and takes it. The others stay.
    pub async fn wait_for<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&ServerFrame) -> Option<T>,
    ) -> T {
        let mut at = 0;
        loop {
            while let Some(frame) = self.unread.get(at) {
                if let Some(picked) = pick(frame) {
                    self.unread.remove(at);
                    return picked;
                }
                at += 1;
            }
            assert!(self.read(what).await, "closed ({:?}) before {what}", self.closing);
        }
    }

    /// Takes the first frame that has come already and of which `pick` makes something.
    pub fn take_unread<T>(&mut self, pick: impl FnMut(&ServerFrame) -> Option<T>) -> Option<T> {
        let (at, picked) =
            self.unread.iter().map(pick).enumerate().find_map(|(at, p)| Some((at, p?)))?;
        self.unread.remove(at);
        Some(picked)
    }

    /// Takes the next frame, whatever it is.
    pub async fn frame(&mut self) -> ServerFrame {
        self.wait_for("a frame", |frame| Some(frame.clone())).await
    }

    /// Takes every frame that came so far or comes before the `pong` of a `ping` sent now.
    pub async fn frames_so_far(&mut self) -> Vec<ServerFrame> {
        self.alive().await;
        self.unread.drain(..).collect()
    }

    /// Waits until the connection is closed; says how.
    pub async fn closed(&mut self) -> Closing {
        while self.read("the close").await {}
        self.closing.expect("read says false only when it is closed")
    }

    /// Reads one more frame, or finds the connection closed.
    async fn read(&mut self, what: &str) -> bool {
        // Pings are no sign of what is waited for.
        let deadline = Instant::now() + PATIENCE;
        while self.closing.is_none() {
            let Ok(message) = timeout_at(deadline, self.socket.next()).await else {
                panic!("waited {PATIENCE:?} for {what}; came: {:?}", self.unread);
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame = codec::decode_server(&text);
                    self.unread.push_back(frame.unwrap_or_else(|why| panic!("{why}: {text}")));
                    return true;
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(NO_CODE, |frame| frame.code.into());
                    self.closing = Some(Closing::Code(code));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("the hub sent {other:?}"),
                Some(Err(Error::ConnectionClosed | Error::Io(_) | Error::Protocol(_))) | None => {
                    self.closing = Some(Closing::Cut);
                }
                Some(Err(other)) => panic!("reading: {other}"),
            }
        }
        false
    }
}

/// An id that nobody has used.
pub fn fresh_id() -> RequestId {
    RequestId::parse(&uuid::Uuid::now_v7().to_string()).expect("a valid id")
}

/// A secret for tests; equal numbers are the same person.
pub fn secret(number: u8) -> Secret {
    Secret::from_bytes([number; 32])
}

fn room_of(room: &str) -> RoomName {
    RoomName::parse(room).expect("a valid room")
}

fn text_of(event: &RoomEvent) -> &str {
    event.text.as_ref().map_or("", MessageText::as_str)
}
