//! A hub on a real socket, and real WebSocket clients.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails should say where")]

use std::{net::SocketAddr, path::Path};

use futures::{SinkExt as _, StreamExt as _};
use protocol::{
    ClientFrame, ErrorCode, MessageText, RequestId, RoomEvent, RoomName, Secret, Seq, ServerFrame,
    UserName,
    client::{Hello, History, Join, PageLimit, Say},
    codec,
    server::ByeReason,
};
use server::{Config, Error, Storage, listen};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue},
};

/// A hub of the test's own.
struct Hub {
    address: SocketAddr,
    stop: oneshot::Sender<ByeReason>,
    run: JoinHandle<Result<(), Error>>,
}

impl Hub {
    async fn start(config: Config) -> Self {
        let listeners = listen::bind("127.0.0.1", 0).await.unwrap();
        let address = listeners[0].local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap_or(ByeReason::Shutdown) };
        let run = tokio::spawn(server::run(listeners, config, shutdown));
        Self { address, stop, run }
    }

    async fn in_memory() -> Self {
        Self::start(Config::new(Storage::Memory)).await
    }

    async fn in_directory(directory: &Path) -> Self {
        Self::start(Config::new(Storage::Directory(directory.to_owned()))).await
    }

    async fn stop(self, reason: ByeReason) {
        self.stop.send(reason).unwrap();
        self.run.await.unwrap().unwrap();
    }

    /// What the hub answers to a request of this head.
    async fn http(&self, head: &str) -> String {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let request = format!("{head}\r\nhost: hub\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// A client that sends and reads frames.
struct Client {
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    async fn connect(hub: &Hub) -> Self {
        let tcp = TcpStream::connect(hub.address).await.unwrap();
        let url = format!("ws://{}/ws", hub.address);
        let (socket, _) = client_async(url, tcp).await.unwrap();
        Self { socket }
    }

    async fn hello(hub: &Hub, person: &str) -> Self {
        let mut client = Self::connect(hub).await;
        client.send(hello(person)).await;
        assert!(matches!(client.next().await, ServerFrame::Welcome(_)));
        client
    }

    async fn in_lobby(hub: &Hub, person: &str, after: Option<u64>) -> Self {
        let mut client = Self::hello(hub, person).await;
        let after = after.map(|number| Seq::new(number).unwrap());
        let join = Join { id: None, room: lobby(), after, epoch: None };
        client.send(ClientFrame::Join(join)).await;
        assert!(matches!(client.next().await, ServerFrame::Joined(_)));
        client
    }

    async fn send(&mut self, frame: ClientFrame) {
        self.send_raw(Message::text(codec::encode_client(&frame))).await;
    }

    async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    async fn say(&mut self, id: &str, text: &str) {
        self.send(say(id, text)).await;
    }

    /// The next frame that is neither about presence nor about the room that everyone is in.
    async fn next(&mut self) -> ServerFrame {
        loop {
            match self.socket.next().await.unwrap().unwrap() {
                Message::Text(text) => match codec::decode_server(&text).unwrap() {
                    ServerFrame::Presence(_) | ServerFrame::Members(_) => {}
                    ServerFrame::Joined(joined) if joined.room.as_str() == "announcements" => {}
                    frame => return frame,
                },
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn next_event(&mut self) -> RoomEvent {
        loop {
            if let ServerFrame::Event(event) = self.next().await {
                return event;
            }
        }
    }

    /// The code of the close frame, after whatever comes before it.
    async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.socket.next().await.unwrap().unwrap() {
                return frame.unwrap().code.into();
            }
        }
    }
}

fn lobby() -> RoomName {
    RoomName::parse("lobby").unwrap()
}

fn hello(person: &str) -> ClientFrame {
    let mut bytes = [0; 32];
    bytes[..person.len()].copy_from_slice(person.as_bytes());
    ClientFrame::Hello(Hello {
        id: None,
        name: UserName::parse(person).unwrap(),
        secret: Some(Secret::from_bytes(bytes)),
        password: None,
        agent: None,
    })
}

fn say(id: &str, text: &str) -> ClientFrame {
    ClientFrame::Say(Say {
        id: RequestId::parse(id).unwrap(),
        room: lobby(),
        text: MessageText::parse(text).unwrap(),
        reply_to: None,
    })
}

#[tokio::test]
async fn what_one_says_both_are_told() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::in_lobby(&hub, "Ana", None).await;
    let mut ben = Client::in_lobby(&hub, "Ben", None).await;
    ana.say("1", "hi").await;
    let event = ben.next_event().await;
    assert_eq!((event.seq.get(), event.from.as_str()), (1, "Ana"));
    let (mut acks, mut events) = (0, 0);
    while acks + events < 2 {
        match ana.next().await {
            ServerFrame::Ack(ack) => acks += u64::from(ack.seq == event.seq),
            ServerFrame::Event(own) => events += u64::from(own == event),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((acks, events), (1, 1));
    hub.stop(ByeReason::Shutdown).await;
}

#[tokio::test]
async fn history_outlives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let hub = Hub::in_directory(directory.path()).await;
    let mut ana = Client::in_lobby(&hub, "Ana", None).await;
    for n in 1..=20 {
        ana.say(&n.to_string(), &format!("line {n}")).await;
    }
    for n in 1..=20 {
        assert_eq!(ana.next_event().await.seq.get(), n);
    }
    hub.stop(ByeReason::Restart).await;
    assert_eq!(ana.close_code().await, 1012);

    let hub = Hub::in_directory(directory.path()).await;
    let mut ben = Client::in_lobby(&hub, "Ben", Some(3)).await;
    for n in 4..=20 {
        let event = ben.next_event().await;
        assert_eq!((event.seq.get(), event.text.unwrap().as_str()), (n, &*format!("line {n}")));
    }
    hub.stop(ByeReason::Shutdown).await;
    assert_eq!(ben.close_code().await, 1001);
}

/// A client whose system takes few bytes that it has not read.
async fn connect_with_a_small_buffer(hub: &Hub) -> Client {
    let tcp = TcpSocket::new_v4().unwrap();
    tcp.set_recv_buffer_size(128 * 1024).unwrap();
    let tcp = tcp.connect(hub.address).await.unwrap();
    let (socket, _) = client_async(format!("ws://{}/ws", hub.address), tcp).await.unwrap();
    Client { socket }
}

#[tokio::test]
async fn who_stops_reading_is_told_everything_later_and_holds_nobody_up() {
    // More than a ring and all socket buffers hold.
    const EVENTS: u64 = 3000;
    let hub = Hub::start(Config::new(Storage::Memory).with_rate(0)).await;
    let mut slow = connect_with_a_small_buffer(&hub).await;
    slow.send(hello("Slow")).await;
    slow.send(ClientFrame::Join(Join { id: None, room: lobby(), after: None, epoch: None })).await;
    let joined = async |client: &mut Client| {
        while !matches!(client.next().await, ServerFrame::Joined(joined) if joined.room == lobby())
        {
        }
    };
    joined(&mut slow).await;

    let mut ana = Client::in_lobby(&hub, "Ana", None).await;
    let text = "x".repeat(4000);
    for n in 1..=EVENTS {
        ana.say(&n.to_string(), &text).await;
        assert_eq!(ana.next_event().await.seq.get(), n);
    }
    for n in 1..=EVENTS {
        assert_eq!(slow.next_event().await.seq.get(), n);
    }
    ana.say("live", "again").await;
    assert_eq!(slow.next_event().await.seq.get(), EVENTS + 1);
    hub.stop(ByeReason::Shutdown).await;
}

#[tokio::test]
async fn who_asks_without_reading_is_not_read_and_loses_nothing() {
    const ASKED: usize = 500;
    let hub = Hub::start(Config::new(Storage::Memory).with_rate(0)).await;
    let mut ana = Client::in_lobby(&hub, "Ana", None).await;
    let text = "x".repeat(4000);
    for n in 1..=10 {
        ana.say(&n.to_string(), &text).await;
        ana.next_event().await;
    }
    let mut asker = connect_with_a_small_buffer(&hub).await;
    asker.send(hello("Asker")).await;
    asker.send(ClientFrame::Join(Join { id: None, room: lobby(), after: None, epoch: None })).await;
    let history =
        History { id: None, room: lobby(), before: None, after: None, limit: PageLimit::MAX };
    let (mut sink, mut stream) = asker.socket.split();
    let asking = tokio::spawn(async move {
        for _ in 0..ASKED {
            let frame = codec::encode_client(&ClientFrame::History(history.clone()));
            sink.send(Message::text(frame)).await.unwrap();
        }
        sink
    });
    // Meanwhile the others chat.
    ana.say("meanwhile", "hi").await;
    ana.next_event().await;
    let mut pages = 0;
    while pages < ASKED {
        if let Message::Text(text) = stream.next().await.unwrap().unwrap() {
            pages += usize::from(text.starts_with(r#"{"type":"page""#));
        }
    }
    drop(asking.await.unwrap());
}

#[tokio::test]
async fn bye_comes_before_the_close() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::in_lobby(&hub, "Ana", None).await;
    hub.stop(ByeReason::Restart).await;
    let ServerFrame::Bye(bye) = ana.next().await else { panic!() };
    assert_eq!(bye.reason, ByeReason::Restart);
    assert_eq!(ana.close_code().await, 1012);
}

#[tokio::test]
async fn a_binary_frame_costs_the_connection() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::hello(&hub, "Ana").await;
    ana.send_raw(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(ana.close_code().await, 1003);
}

#[tokio::test]
async fn a_frame_above_64_kib_costs_the_connection() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::hello(&hub, "Ana").await;
    ana.send_raw(Message::text("x".repeat(65_537))).await;
    assert_eq!(ana.close_code().await, 1009);
}

#[tokio::test]
async fn a_frame_of_64_kib_costs_nothing() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::hello(&hub, "Ana").await;
    ana.send_raw(Message::text("x".repeat(65_536))).await;
    let ServerFrame::Error(error) = ana.next().await else { panic!() };
    assert_eq!(error.code, ErrorCode::BadJson);
}

#[tokio::test]
async fn text_that_is_not_utf_8_costs_the_connection() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::hello(&hub, "Ana").await;
    // A text frame, masked with zeros, of one byte that is no UTF-8.
    ana.socket.get_mut().write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xff]).await.unwrap();
    assert_eq!(ana.close_code().await, 1007);
}

#[tokio::test]
async fn text_in_fragments_that_is_not_utf_8_costs_the_connection() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::hello(&hub, "Ana").await;
    let fragments = [0x01, 0x81, 0, 0, 0, 0, 0xc3, 0x80, 0x81, 0, 0, 0, 0, 0x28];
    ana.socket.get_mut().write_all(&fragments).await.unwrap();
    assert_eq!(ana.close_code().await, 1007);
}

#[tokio::test]
async fn a_ping_gets_its_pong() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::connect(&hub).await;
    ana.send_raw(Message::Ping("x".into())).await;
    assert_eq!(ana.socket.next().await.unwrap().unwrap(), Message::Pong("x".into()));
}

#[tokio::test]
async fn a_close_gets_its_reply() {
    let hub = Hub::in_memory().await;
    let mut ana = Client::connect(&hub).await;
    ana.socket.close(None).await.unwrap();
    assert!(matches!(ana.socket.next().await, Some(Ok(Message::Close(None)))));
    assert!(ana.socket.next().await.is_none());
}

#[tokio::test]
async fn the_upgrade_says_which_hub_and_echoes_the_subprotocol() {
    let hub = Hub::in_memory().await;
    let tcp = TcpStream::connect(hub.address).await.unwrap();
    let mut request = format!("ws://{}/ws", hub.address).into_client_request().unwrap();
    let offered = HeaderValue::from_static("other, hubbub.v1");
    request.headers_mut().insert("sec-websocket-protocol", offered);
    let (_, response) = client_async(request, tcp).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "hubbub.v1");
    assert_eq!(response.headers()["hubbub-id"].len(), 32);
}

#[tokio::test]
async fn unknown_subprotocols_are_refused_with_the_list() {
    let hub = Hub::in_memory().await;
    let answer = hub.http("GET /ws HTTP/1.1\r\nsec-websocket-protocol: other").await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("hubbub.v1"), "{answer}");
}

#[tokio::test]
async fn http_says_that_the_hub_lives_and_is_ready() {
    let hub = Hub::in_memory().await;
    for (path, status) in [("/livez", 200), ("/readyz", 200), ("/", 200), ("/ws", 400), ("/x", 404)]
    {
        let answer = hub.http(&format!("GET {path} HTTP/1.1")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
}
