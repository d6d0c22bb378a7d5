//! The connection of a watcher: what it costs, what is sent on it that says nothing, its end.

use std::{
    io::{Read as _, Write as _},
    time::Instant,
};

use socket2::{Domain, Socket, Type};
use tests::{
    Certificate, PATIENCE, ServerProcess, TestClient,
    http::{self, HttpRequest, HttpStream},
    watcher::Watcher,
};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use super::{EVENTS, LIMIT, ana_at, refused, say_many, seqs};

/// As little as a socket takes.
const NARROW_BYTES: usize = 4096;

#[tokio::test]
async fn watchers_have_places_as_others_and_give_them_back() {
    let hub = ServerProcess::start(None, &["--max-connections", "1"]);
    let watcher = Watcher::live(hub.address(), "lobby");
    let answer = refused(&HttpRequest::get(EVENTS), &hub, 503, "full");
    assert_eq!(answer.header("retry-after"), Some("10"));
    drop(watcher);
    let deadline = Instant::now() + LIMIT;
    while HttpRequest::get(EVENTS).stream(hub.address()).status != 200 {
        assert!(Instant::now() < deadline, "its place is not free again");
    }
    let hub = ServerProcess::start(None, &["--per-address", "1"]);
    let _watcher = Watcher::live(hub.address(), "lobby");
    refused(&HttpRequest::get(EVENTS), &hub, 503, "from your address");
}

#[tokio::test]
async fn who_reads_nothing_holds_up_nobody() {
    let hub = ServerProcess::start(None, &["--rate", "0"]);
    let mut ana = ana_at(&hub).await;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(NARROW_BYTES).expect("a small buffer");
    socket.connect(&hub.address().into()).expect("connect");
    let mut stalled = std::net::TcpStream::from(socket);
    stalled.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stalled.write_all(&HttpRequest::get(EVENTS).bytes(hub.address())).expect("ask");
    let mut stalled = Watcher::of(HttpStream::read(stalled));
    stalled.begin();
    let mut live = Watcher::live(hub.address(), "lobby");
    let long = "x".repeat(4000);
    for _ in 0..40 {
        for _ in 0..50 {
            ana.say("lobby", &long).await;
        }
        ana.say_acked("lobby", "and?").await;
        live.until("and?");
    }
    // It was not cut off, and lacks nothing.
    for seq in 1..=2040 {
        assert_eq!(stalled.event()["seq"], seq);
    }
}

#[tokio::test]
async fn what_a_watcher_sends_says_nothing() {
    let hub = ServerProcess::start(None, &[]);
    let mut ana = ana_at(&hub).await;
    let mut socket = http::connect(hub.address());
    socket.write_all(&HttpRequest::get(EVENTS).bytes(hub.address())).expect("ask");
    let mut watcher = Watcher::of(HttpStream::read(socket.try_clone().expect("a handle")));
    watcher.begin();
    socket.write_all(b"{\"type\":\"say\"}\r\n\r\n\0\xff GET / HTTP/1.1\r\n\r\n").expect("send");
    ana.say_acked("lobby", "still here").await;
    watcher.until("still here");
    // But there is an end to it.
    let deadline = Instant::now() + LIMIT;
    while socket.write_all(&[b'x'; 1024]).is_ok() {
        assert!(Instant::now() < deadline, "it is listened to for ever");
    }
    ana.alive().await;
}

#[tokio::test]
async fn requests_before_it_are_answered_and_those_behind_it_are_not() {
    let hub = ServerProcess::start(None, &[]);
    let mut ana = ana_at(&hub).await;
    let get = |path: &str| HttpRequest::get(path).bytes(hub.address());
    let mut socket = http::connect(hub.address());
    let pipelined = [get("/livez"), get("/readyz"), get(EVENTS), get("/livez")].concat();
    socket.write_all(&pipelined).expect("ask");
    let mut told = String::new();
    while !told.ends_with(".0\n\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).expect("the answers");
        told.push(char::from(byte[0]));
    }
    let heads: Vec<_> = told.match_indices("HTTP/1.1 200 OK\r\n").collect();
    assert_eq!(heads.len(), 3, "{told}");
    assert!(told.contains("The hub is running.\nHTTP/1.1 200 OK\r\n"), "{told}");
    assert!(told.contains("The hub takes connections.\nHTTP/1.1 200 OK\r\n"), "{told}");
    ana.say_acked("lobby", "hi").await;
    let mut rest = [0; 4];
    socket.read_exact(&mut rest).expect("the event");
    assert_eq!(&rest, b"id: ");
}

#[tokio::test]
async fn an_old_client_is_told_as_well() {
    let hub = ServerProcess::start(None, &[]);
    let mut ana = ana_at(&hub).await;
    let mut socket = http::connect(hub.address());
    socket.write_all(format!("GET {EVENTS} HTTP/1.0\r\n\r\n").as_bytes()).expect("ask");
    let mut watcher = Watcher::of(HttpStream::read(socket));
    watcher.begin();
    ana.say_acked("lobby", "hi").await;
    watcher.until("hi");
}

#[tokio::test]
async fn a_burst_arrives_whole_at_everyone() {
    let hub = ServerProcess::start(None, &["--rate", "0"]);
    let mut ana = ana_at(&hub).await;
    let watchers = (0..20).map(|_| Watcher::live(hub.address(), "lobby"));
    let mut watchers: Vec<_> = watchers.collect();
    say_many(&mut ana, 500).await;
    for watcher in &mut watchers {
        seqs(watcher, 1, 500);
    }
}

#[tokio::test]
async fn a_stream_goes_through_tls_and_ends_with_the_client() {
    let certificate = Certificate::new();
    let (cert, key) = (certificate.cert(), certificate.key());
    let flags =
        ["--tls-cert", cert.to_str().expect("UTF-8"), "--tls-key", key.to_str().expect("UTF-8")];
    let hub = ServerProcess::start(None, &[&flags[..], &["--max-connections", "2"]].concat());
    let mut ana: TestClient = certificate.person(hub.address(), "Ana", 1).await;
    ana.join("lobby").await;
    let mut stream = certificate.connect(hub.address()).await;
    stream.write_all(&HttpRequest::get(EVENTS).bytes(hub.address())).await.expect("ask");
    let mut lines = BufReader::new(stream).lines();
    let mut next = async || {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("in time");
        line.expect("no error").expect("no end")
    };
    assert_eq!(next().await, "HTTP/1.1 200 OK");
    while !next().await.starts_with("id: ") {}
    ana.say_acked("lobby", "through TLS").await;
    while !next().await.contains("through TLS") {}
    drop(lines);
    // Its place is free again.
    let deadline = Instant::now() + LIMIT;
    loop {
        let mut other =
            TestClient::over(certificate.connect(hub.address()).await, hub.address()).await;
        if other.hello("Bob", None).await.is_ok() {
            return;
        }
        assert!(Instant::now() < deadline, "its place is not free again");
    }
}
