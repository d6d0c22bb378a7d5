//! Deadlines on a real socket, in simulated time: whenever nobody has anything to do, the clock
//! goes on to the next deadline.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails should say where")]

use std::{net::SocketAddr, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use protocol::{
    ClientFrame, ServerFrame, UserName, client::Hello, client::Ping, codec, server::ByeReason,
};
use server::{Config, Running, Storage, listen};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, interval},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message},
};

/// How exact a deadline is: the shards look around once a second.
const GRAIN: Duration = Duration::from_secs(2);

async fn hub() -> SocketAddr {
    let listeners = listen::bind("127.0.0.1", 0).await.unwrap();
    let address = listeners[0].local_addr().unwrap();
    let hub = Running::start(listeners, Config::new(Storage::Memory)).await.unwrap();
    tokio::spawn(hub.run(std::future::pending::<ByeReason>()));
    tokio::time::pause();
    address
}

async fn connect(hub: SocketAddr) -> WebSocketStream<TcpStream> {
    let tcp = TcpStream::connect(hub).await.unwrap();
    client_async(format!("ws://{hub}/ws"), tcp).await.unwrap().0
}

/// A guest, whose hello needs no ledger and so no real time.
async fn guest(hub: SocketAddr) -> WebSocketStream<TcpStream> {
    let mut socket = connect(hub).await;
    let hello = Hello {
        id: None,
        name: UserName::parse("Ana").unwrap(),
        secret: None,
        password: None,
        agent: None,
    };
    send(&mut socket, ClientFrame::Hello(hello)).await;
    assert!(matches!(next(&mut socket).await, ServerFrame::Welcome(_)));
    socket
}

async fn send(socket: &mut WebSocketStream<TcpStream>, frame: ClientFrame) {
    socket.send(Message::text(codec::encode_client(&frame))).await.unwrap();
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> ServerFrame {
    match socket.next().await.unwrap().unwrap() {
        Message::Text(text) => codec::decode_server(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let hub = hub().await;
    for half in ["", "GET /ws HTT", "GET /ws HTTP/1.1\r\nhost: hub\r\n"] {
        let mut socket = TcpStream::connect(hub).await.unwrap();
        socket.write_all(half.as_bytes()).await.unwrap();
        let before = Instant::now();
        let mut answer = Vec::new();
        // However it ends: with an answer, without, or with a reset.
        let _ = socket.read_to_end(&mut answer).await;
        let waited = before.elapsed();
        assert!(waited <= Duration::from_secs(5) + GRAIN, "{half:?}: {waited:?}");
        assert!(waited >= Duration::from_secs(4), "{half:?}: {waited:?}");
    }
}

#[tokio::test]
async fn bytes_that_drip_in_do_not_stretch_the_handshake() {
    let hub = hub().await;
    let (mut reading, mut writing) = TcpStream::connect(hub).await.unwrap().into_split();
    let before = Instant::now();
    let drip = tokio::spawn(async move {
        let requests = ["GET /livez HTTP/1.1\r\n\r\n", "GET /livez HTTP/1.1\r\n"];
        let mut seconds = interval(Duration::from_secs(1));
        for line in requests.into_iter().chain(std::iter::repeat("x: y\r\n")) {
            seconds.tick().await;
            if writing.write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    let mut answer = Vec::new();
    let _ = reading.read_to_end(&mut answer).await;
    assert!(before.elapsed() <= Duration::from_secs(5) + GRAIN, "{:?}", before.elapsed());
    drip.abort();
}

#[tokio::test]
async fn without_hello_a_connection_is_closed_after_10_seconds() {
    let hub = hub().await;
    let mut socket = connect(hub).await;
    let before = Instant::now();
    let Message::Close(Some(close)) = socket.next().await.unwrap().unwrap() else { panic!() };
    assert_eq!(u16::from(close.code), 4401);
    assert_eq!(before.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn who_answers_pings_stays() {
    let hub = hub().await;
    let mut socket = guest(hub).await;
    let mut pings = 0;
    while pings < 10 {
        // Reading also answers.
        pings += u32::from(matches!(socket.next().await, Some(Ok(Message::Ping(_)))));
    }
    send(&mut socket, ClientFrame::Ping(Ping { id: None, nonce: None })).await;
    assert!(matches!(next(&mut socket).await, ServerFrame::Pong(_)));
}

#[tokio::test]
async fn who_gives_no_sign_of_life_is_reset_after_55_seconds() {
    let hub = hub().await;
    // A client that answers no pings, because it never reads: the frames are looked at below.
    let mut socket = guest(hub).await.into_inner();
    let before = Instant::now();
    let mut bytes = Vec::new();
    let end = socket.read_to_end(&mut bytes).await;
    let waited = before.elapsed();
    assert!(waited >= Duration::from_secs(54) && waited <= Duration::from_secs(57), "{waited:?}");
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert!(bytes.ends_with(&[0x89, 0, 0x89, 0]), "two pings");
}

#[tokio::test]
async fn who_only_watches_stays_and_hears_a_comment_every_25_seconds() {
    let hub = hub().await;
    let mut socket = TcpStream::connect(hub).await.unwrap();
    let request = format!("GET /rooms/lobby/events HTTP/1.1\r\nhost: {hub}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let before = Instant::now();
    let mut told = Vec::new();
    while !told.ends_with(&b":\n\n".repeat(20)) {
        assert_ne!(socket.read_buf(&mut told).await.unwrap(), 0, "it ended");
    }
    let waited = before.elapsed();
    assert!((500..=540).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test]
async fn who_is_too_fast_is_read_later_and_loses_nothing() {
    let hub = hub().await;
    let mut socket = guest(hub).await;
    let before = Instant::now();
    // 100 at once and 20 a second: the last of them is read after 10 seconds.
    for _ in 0..300 {
        send(&mut socket, ClientFrame::Ping(Ping { id: None, nonce: None })).await;
    }
    let mut pongs = 0;
    while pongs < 300 {
        match socket.next().await.unwrap() {
            Ok(Message::Text(text)) => pongs += u32::from(text.contains(r#""pong""#)),
            Ok(Message::Ping(_)) => {}
            Err(tungstenite::Error::ConnectionClosed) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pongs, 300);
    assert!((9..=11).contains(&before.elapsed().as_secs()), "{:?}", before.elapsed());
}
