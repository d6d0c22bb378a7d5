//! The connection against a hub made by hand: what it says, hears and does at the end.

use protocol::{
    ClientFrame, Epoch, ErrorCode, Identity, SUBPROTOCOL, SessionId, Timestamp,
    client::Ping,
    close, codec,
    server::{
        Bye, ByeReason, Durability, ErrorFrame, Limits, Role, ServerFrame, ServerInfo, Welcome,
    },
};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::*;
use crate::storage::Choice;
use futures::{SinkExt as _, StreamExt as _};

mod hostile;

/// A hub that does as the test says.
struct FakeHub {
    listener: TcpListener,
    id: HubId,
}

struct Guest(WebSocketStream<TcpStream>);

impl FakeHub {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, id: HubId::from_bytes([1; 16]) }
    }

    fn address(&self) -> Address {
        Address::parse(&self.listener.local_addr().unwrap().to_string(), None).unwrap()
    }

    async fn accept(&self) -> Guest {
        let (stream, _) = self.listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let answer = |_: &Request, mut response: Response| {
            let headers = response.headers_mut();
            headers.insert("hubbub-id", self.id.as_str().parse().unwrap());
            headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
            Ok(response)
        };
        Guest(tokio_tungstenite::accept_hdr_async(stream, answer).await.unwrap())
    }
}

impl Guest {
    async fn hear(&mut self) -> ClientFrame {
        let message = self.0.next().await.unwrap().unwrap();
        codec::decode_client(message.to_text().unwrap()).unwrap()
    }

    async fn hear_hello(&mut self) -> protocol::client::Hello {
        match self.hear().await {
            ClientFrame::Hello(hello) => hello,
            other => panic!("{other:?}"),
        }
    }

    async fn say(&mut self, frame: ServerFrame) {
        self.0.send(Message::text(codec::encode_server(&frame))).await.unwrap();
    }

    async fn welcome(&mut self, name: &str) {
        self.say(ServerFrame::Welcome(welcome(name))).await;
    }

    async fn refuse(&mut self, code: ErrorCode, retry_after_ms: Option<u64>) {
        let (text, room, suggest) = (String::new(), None, None);
        let id = RequestId::parse("hello").ok();
        self.say(ServerFrame::Error(ErrorFrame { id, code, text, room, suggest, retry_after_ms }))
            .await;
    }

    async fn close(mut self, code: u16) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
        let _ = self.0.close(Some(frame)).await;
        while let Some(Ok(_)) = self.0.next().await {}
    }
}

fn welcome(as_name: &str) -> Welcome {
    Welcome {
        id: None,
        session: SessionId(1),
        name: name(as_name),
        identity: Identity::from_bytes([0; 16]),
        role: Role::Member,
        server: ServerInfo { name: "hubbub".into(), version: "0".into() },
        hub: HubId::from_bytes([1; 16]),
        epoch: Epoch::from_bytes([0; 8]),
        durability: Durability::Fsync,
        now: Timestamp(0),
        heartbeat_ms: 25_000,
        limits: Limits {
            text: 0,
            frame: 0,
            name: 0,
            room: 0,
            topic: 0,
            note: 0,
            rooms: 0,
            page: 0,
            rate: 0,
            burst: 0,
        },
        rooms: Vec::new(),
    }
}

use protocol::RequestId;

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

struct Client {
    link: Link,
    storage: Storage,
    _home: tempfile::TempDir,
}

impl Client {
    fn start(hub: &FakeHub) -> Self {
        let home = tempfile::tempdir().unwrap();
        let storage = Storage::at(home.path().to_owned());
        let Choice::Be(claim) = storage.choose(&hub.id, None, None, &name("Ana")).unwrap() else {
            panic!("taken");
        };
        Self::start_as(hub, Who::Claimed(claim), storage, home)
    }

    fn start_as(hub: &FakeHub, who: Who, storage: Storage, home: tempfile::TempDir) -> Self {
        let link = Link::start(Start {
            address: hub.address(),
            hub: hub.id.clone(),
            who,
            password: None,
            trust: Trust::default(),
            dialled: None,
            storage: storage.clone(),
            appointer: None,
        });
        Self { link, storage, _home: home }
    }

    async fn next(&mut self) -> LinkEvent {
        self.link.events.recv().await.unwrap()
    }

    /// Up to the first event that `is_it`.
    async fn next_that(&mut self, is_it: impl Fn(&LinkEvent) -> bool) -> LinkEvent {
        loop {
            let event = self.next().await;
            if is_it(&event) {
                return event;
            }
        }
    }

    async fn next_frame(&mut self) -> ServerFrame {
        match self.next_that(|event| matches!(event, LinkEvent::Frame(_))).await {
            LinkEvent::Frame(frame) => *frame,
            other => panic!("{other:?}"),
        }
    }

    async fn lost(&mut self) -> Duration {
        match self.next_that(|event| matches!(event, LinkEvent::Lost { .. })).await {
            LinkEvent::Lost { retry_in } => retry_in,
            other => panic!("{other:?}"),
        }
    }
}

fn ping(nonce: &str) -> ClientFrame {
    ClientFrame::Ping(Ping { id: None, nonce: Some(nonce.to_owned()) })
}

#[tokio::test]
async fn it_says_hello_by_itself_and_keeps_the_name_of_the_welcome() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    let hello = guest.hear_hello().await;
    assert_eq!(hello.name, name("Ana"));
    assert!(hello.secret.is_some());
    assert_eq!(client.next().await, LinkEvent::Connecting);
    assert_eq!(client.next().await, LinkEvent::Opened { hub: hub.id.clone() });
    assert_eq!(client.next().await, LinkEvent::Introduced { name: name("Ana") });
    guest.welcome("Anastasia").await;
    assert!(matches!(client.next().await, LinkEvent::Frame(_)));
    drop(client.link.close().await);
    let again = client.storage.choose(&hub.id, None, None, &name("x")).unwrap();
    assert!(matches!(again, Choice::Be(claim) if claim.name == name("Anastasia")));
    assert_eq!(client.storage.hub_at(&hub.address().to_string()).unwrap(), Some(hub.id.clone()));
}

#[tokio::test]
async fn frames_pass_in_order_after_the_welcome_and_not_before() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    client.link.tell(LinkCommand::Send(ping("early")));
    client.next_that(|event| matches!(event, LinkEvent::Introduced { .. })).await;
    guest.refuse(ErrorCode::NameTaken, None).await;
    client.next_frame().await;
    client.link.tell(LinkCommand::Introduce(name("Ana2")));
    assert_eq!(guest.hear_hello().await.name, name("Ana2"));
    guest.welcome("Ana2").await;
    client.next_frame().await;
    for nonce in ["1", "2", "3"] {
        client.link.tell(LinkCommand::Send(ping(nonce)));
    }
    for nonce in ["1", "2", "3"] {
        assert_eq!(guest.hear().await, ping(nonce));
    }
}

#[tokio::test]
async fn what_is_queued_is_sent_before_the_goodbye() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.welcome("Ana").await;
    client.next_frame().await;
    client.link.tell(LinkCommand::Send(ping("last")));
    let closing = tokio::spawn(client.link.close());
    assert_eq!(guest.hear().await, ping("last"));
    assert!(matches!(guest.0.next().await, Some(Ok(Message::Close(_)))));
    assert!(closing.await.unwrap().is_none());
}

#[tokio::test]
async fn a_lost_connection_is_made_anew_and_now_if_the_user_wants_it() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.welcome("Ana").await;
    drop(guest);
    assert!(client.lost().await <= back_off::FIRST);
    client.link.tell(LinkCommand::Reconnect);
    assert_eq!(hub.accept().await.hear_hello().await.name, name("Ana"));
}

#[tokio::test]
async fn the_wait_that_a_goodbye_asks_for_is_obeyed() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.welcome("Ana").await;
    let (reason, retry_after_ms) = (ByeReason::Restart, Some(90_000));
    guest.say(ServerFrame::Bye(Bye { reason, retry_after_ms })).await;
    guest.close(close::RESTART).await;
    assert!(client.lost().await >= Duration::from_secs(90));
}

#[tokio::test]
async fn who_was_kicked_stays_away_until_the_user_acts() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.welcome("Ana").await;
    guest.close(close::FORBIDDEN).await;
    let stopped = client.next_that(|event| matches!(event, LinkEvent::Stopped { .. })).await;
    let LinkEvent::Stopped { why } = stopped else { panic!() };
    assert_eq!(why, "an operator removed you; /reconnect to come back");
    client.link.tell(LinkCommand::Reconnect);
    hub.accept().await.hear_hello().await;
}

#[tokio::test]
async fn who_was_idle_stays_away_until_the_user_acts() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.welcome("Ana").await;
    guest.say(ServerFrame::Bye(Bye { reason: ByeReason::Idle, retry_after_ms: None })).await;
    guest.close(close::RESTART).await;
    while !matches!(client.next_frame().await, ServerFrame::Bye(_)) {}
    client.link.tell(LinkCommand::Disconnect);
    client.link.tell(LinkCommand::Reconnect);
    let next = client
        .next_that(|event| matches!(event, LinkEvent::Connecting | LinkEvent::Lost { .. }))
        .await;
    assert!(matches!(next, LinkEvent::Connecting), "it is not told as lost: {next:?}");
}

#[tokio::test]
async fn a_user_who_is_asked_for_a_name_is_not_told_that_the_hub_hung_up() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.refuse(ErrorCode::NameTaken, None).await;
    client.next_frame().await;
    guest.close(close::NO_HELLO).await;
    client.link.tell(LinkCommand::Introduce(name("Ana2")));
    assert_eq!(client.next().await, LinkEvent::Connecting, "and not `Lost`");
    assert_eq!(hub.accept().await.hear_hello().await.name, name("Ana2"));
}

#[tokio::test]
async fn a_full_hub_is_tried_again_when_it_says() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.refuse(ErrorCode::ServerFull, Some(60_000)).await;
    let ServerFrame::Error(told) = client.next_frame().await else { panic!("the reason") };
    assert_eq!(told.code, ErrorCode::ServerFull);
    assert!(client.lost().await >= Duration::from_mins(1));
}

#[tokio::test]
async fn a_password_is_sent_with_the_next_hello() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    assert_eq!(guest.hear_hello().await.password, None);
    guest.refuse(ErrorCode::PasswordRequired, None).await;
    client.next_frame().await;
    client.link.tell(LinkCommand::Password("sesame".to_owned()));
    assert_eq!(guest.hear_hello().await.password, Some("sesame".to_owned()));
}

#[tokio::test]
async fn without_a_free_name_the_user_is_asked_before_any_hello() {
    let hub = FakeHub::new().await;
    let home = tempfile::tempdir().unwrap();
    let storage = Storage::at(home.path().to_owned());
    let who = Who::Ask { tried: name("Ana"), suggest: name("Ana2") };
    let mut client = Client::start_as(&hub, who, storage, home);
    let mut guest = hub.accept().await;
    let (tried, suggest) = (name("Ana"), name("Ana2"));
    client.next().await;
    client.next().await;
    assert_eq!(client.next().await, LinkEvent::NeedsName { tried, suggest });
    client.link.tell(LinkCommand::Introduce(name("Bob")));
    assert_eq!(guest.hear_hello().await.name, name("Bob"));
}

#[tokio::test]
async fn who_has_given_a_name_already_is_not_asked_again() {
    let hub = FakeHub::new().await;
    let home = tempfile::tempdir().unwrap();
    let storage = Storage::at(home.path().to_owned());
    let (address, trust) = (hub.address(), Trust::default());
    let (dialled, mut guest) = tokio::join!(dial(&address, &trust, DIAL_DEADLINE), hub.accept());
    let (who, dialled) = (Who::Ask { tried: name("Ana"), suggest: name("Ana2") }, dialled.ok());
    let (hub, password, appointer) = (hub.id.clone(), None, None);
    #[rustfmt::skip]
    let mut link = Link::start(Start {
        address, hub, who, password, trust, dialled, storage, appointer,
    });
    link.tell(LinkCommand::Introduce(name("Ana2")));
    assert_eq!(guest.hear_hello().await.name, name("Ana2"));
    loop {
        match link.events.recv().await.unwrap() {
            LinkEvent::Introduced { .. } => break,
            event => assert!(!matches!(event, LinkEvent::NeedsName { .. })),
        }
    }
}

#[tokio::test]
async fn another_hub_at_the_address_gets_neither_secret_nor_text() {
    let mut hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.welcome("Ana").await;
    client.next_frame().await;
    hub.id = HubId::from_bytes([2; 16]);
    drop(guest);
    client.lost().await;
    client.link.tell(LinkCommand::Reconnect);
    let mut other = hub.accept().await;
    let stopped = client.next_that(|event| matches!(event, LinkEvent::Stopped { .. })).await;
    let LinkEvent::Stopped { why } = stopped else { panic!() };
    assert!(why.starts_with("another hub answers at"), "{why}");
    assert!(!matches!(other.0.next().await, Some(Ok(Message::Text(_)))));
}

#[tokio::test]
async fn before_a_hello_no_error_is_heard_and_a_welcome_ends_it() {
    let hub = FakeHub::new().await;
    let home = tempfile::tempdir().unwrap();
    let storage = Storage::at(home.path().to_owned());
    let who = Who::Ask { tried: name("Ana"), suggest: name("Ana2") };
    let mut client = Client::start_as(&hub, who, storage, home);
    let mut guest = hub.accept().await;
    client.next_that(|event| matches!(event, LinkEvent::NeedsName { .. })).await;
    guest.refuse(ErrorCode::PasswordRequired, None).await;
    guest.welcome("Ana").await;
    let LinkEvent::Stopped { why } = client.next().await else { panic!("no end") };
    assert!(why.ends_with("is not a hubbub"), "{why}");
}
