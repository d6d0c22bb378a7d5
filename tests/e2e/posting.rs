//! Programs that post with a token over HTTP.

use std::{
    io::{Read as _, Write as _},
    path::Path,
    time::Duration,
};

use protocol::{EventKind, MessageText, RoomEvent};
use serde_json::Value;
use tests::{
    Launch, ServerProcess, TestClient,
    http::{HttpAnswer, HttpRequest, HttpStream, connect},
    rigs::small_disk,
    run_to_end,
};

const LIMIT: Duration = Duration::from_secs(30);
const LOBBY: &str = "/rooms/lobby/messages";

/// A new token of the hub in this directory.
pub(crate) fn new_token(data: &Path, arguments: &[&str]) -> String {
    let data = data.to_str().expect("UTF-8");
    let words = [&["token", "new", "--data", data], arguments].concat();
    let home = tempfile::tempdir().expect("a directory");
    let finished = run_to_end("hubbub-server", &words, home.path(), LIMIT);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    finished.stdout.trim_end().to_owned()
}

/// A hub with a directory of its own, and a token for all rooms.
struct Hub {
    data: tempfile::TempDir,
    server: ServerProcess,
    token: String,
}

impl Hub {
    fn start(flags: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let server = ServerProcess::start(Some(data.path()), flags);
        let token = new_token(data.path(), &["Builds"]);
        Self { data, server, token }
    }

    fn post(&self, target: &str, body: &str) -> HttpAnswer {
        HttpRequest::post(target, body).bearer(&self.token).send(self.server.address())
    }
}

fn code(answer: &HttpAnswer) -> Value {
    answer.json()["error"]["code"].clone()
}

fn text_of(event: &RoomEvent) -> &str {
    event.text.as_ref().map_or("", MessageText::as_str)
}

#[tokio::test]
async fn a_post_is_told_once_however_often_it_is_sent() {
    let hub = Hub::start(&[]);
    let mut ana = TestClient::guest(hub.server.address(), "Ana").await;
    ana.join("lobby").await;
    let body = r#"{"text":"build 7 is green","id":"build-7"}"#;
    let first = hub.post(LOBBY, body);
    assert_eq!(first.status, 201, "{first:?}");
    let (told, event) = (first.json(), ana.event().await);
    assert_eq!((event.from.as_str(), text_of(&event)), ("Builds", "build 7 is green"));
    assert_eq!((&told["room"], &told["id"]), (&"lobby".into(), &"build-7".into()));
    assert_eq!((&told["seq"], &told["at"]), (&event.seq.get().into(), &event.at.0.into()));
    assert_eq!(event.kind, EventKind::Message);

    let again = hub.post(LOBBY, body);
    assert_eq!((again.status, again.json()), (201, told));
    let other = hub.post(LOBBY, r#"{"text":"build 7 is red","id":"build-7"}"#);
    assert_eq!((other.status, code(&other)), (409, "id_reused".into()));
    let next = ana.say_acked("lobby", "thanks").await;
    assert_eq!(next.seq, event.seq.next(), "nothing came between");
}

#[tokio::test]
async fn a_post_without_an_id_gets_one_and_may_answer_a_message() {
    let hub = Hub::start(&[]);
    let mut ana = TestClient::guest(hub.server.address(), "Ana").await;
    ana.join("lobby").await;
    let asked = ana.say_acked("lobby", "is it green?").await.seq.get();
    let answers = format!(r#"{{"text":"it is","reply_to":{asked},"colour":"green"}}"#);
    let told = hub.post("/rooms/%23Lobby/messages", &answers).json();
    let event = ana.event_saying("it is").await;
    assert_eq!(event.reply_to.map(protocol::Seq::get), Some(asked));
    assert_eq!(told["id"], event.id.as_str());
    let twice = hub.post(LOBBY, r#"{"text":"it is"}"#).json();
    assert_ne!(twice["id"], told["id"]);
}

#[test]
fn what_is_wrong_with_a_post_is_said() {
    let hub = Hub::start(&[]);
    let long = format!(r#"{{"text":"{}"}}"#, "a".repeat(4097));
    let huge = format!(r#"{{"text":"{}"}}"#, "a".repeat(70_000));
    for (target, body, status, code, says) in [
        (LOBBY, "text=hello", 400, "bad_json", "JSON"),
        (LOBBY, "{}", 400, "bad_frame", "text"),
        (LOBBY, r#"{"text":7}"#, 400, "bad_frame", "text"),
        (LOBBY, r#"{"text":""}"#, 400, "text_empty", "text"),
        (LOBBY, r#"{"text":"a","id":"b c"}"#, 400, "id_invalid", "id"),
        (LOBBY, r#"{"text":"\u001b[2J"}"#, 400, "text_forbidden", "U+001B"),
        (LOBBY, r#"{"text":"a","reply_to":99}"#, 400, "no_such_message", ""),
        (LOBBY, &long, 413, "text_too_long", "4096"),
        (LOBBY, &huge, 413, "text_too_long", "65536"),
        ("/rooms/nowhere/messages", r#"{"text":"a"}"#, 404, "not_in_room", "no room"),
        ("/rooms/no%20room/messages", r#"{"text":"a"}"#, 404, "not_in_room", "no room"),
        ("/rooms/%ff/messages", r#"{"text":"a"}"#, 404, "not_in_room", "no room"),
        ("/announce", r#"{"text":"a","room":"nowhere"}"#, 404, "not_in_room", "no room"),
        ("/rooms/lobby/messages?token=t", r#"{"text":"a"}"#, 400, "forbidden", "logs"),
    ] {
        let answer = hub.post(target, body);
        let found = (answer.status, answer.json()["error"]["code"].clone());
        assert_eq!(found, (status, code.into()), "{target} {answer:?}");
        assert!(answer.body.contains(says), "{target} {says} {answer:?}");
    }
    let private = format!("/rooms/dm:{}/messages", "0".repeat(32));
    assert_eq!(hub.post(&private, r#"{"text":"psst"}"#).status, 404);
    let fine = hub.post(LOBBY, r#"{"text":"still here"}"#);
    assert_eq!((fine.status, &fine.json()["seq"]), (201, &1.into()), "nothing was stored");
}

#[test]
fn who_posts_needs_a_token_that_is_for_the_room() {
    let hub = Hub::start(&[]);
    let address = hub.server.address();
    let post = HttpRequest::post(LOBBY, r#"{"text":"a"}"#);
    let without = post.send(address);
    assert_eq!((without.status, code(&without)), (401, "forbidden".into()));
    assert!(without.header("WWW-Authenticate").is_some_and(|value| value.starts_with("Bearer")));
    assert_eq!(post.clone().header("Authorization", "Basic YTpi").send(address).status, 401);
    assert_eq!(post.clone().bearer("hubbub_wrong").send(address).status, 403);

    let games = new_token(hub.data.path(), &["Score", "--room", "games"]);
    let elsewhere = post.clone().bearer(&games).send(address);
    assert_eq!((elsewhere.status, code(&elsewhere)), (403, "forbidden".into()));
    let announce = HttpRequest::post("/announce", r#"{"text":"a"}"#);
    assert_eq!(announce.bearer(&games).send(address).status, 403);
    assert_eq!(hub.post(LOBBY, r#"{"text":"a"}"#).json()["seq"], 1, "nothing was stored");
}

#[test]
fn a_revoked_token_is_refused_at_once() {
    let hub = Hub::start(&[]);
    assert_eq!(hub.post(LOBBY, r#"{"text":"a"}"#).status, 201);
    let data = hub.data.path().to_str().expect("UTF-8");
    let words = ["token", "revoke", "builds", "--data", data];
    let finished = run_to_end("hubbub-server", &words, hub.data.path(), LIMIT);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let refused = hub.post(LOBBY, r#"{"text":"b"}"#);
    assert_eq!((refused.status, code(&refused)), (403, "forbidden".into()));
}

#[tokio::test]
async fn what_was_answered_survives_a_kill_and_so_does_its_id() {
    let mut hub = Hub::start(&[]);
    let body = r#"{"text":"build 7 is green","id":"build-7"}"#;
    let told = hub.post(LOBBY, body).json();
    hub.server.kill();
    hub.server.restart();
    let again = hub.post(LOBBY, body);
    assert_eq!((again.status, again.json()), (201, told));
    let mut ana = TestClient::guest(hub.server.address(), "Ana").await;
    assert_eq!(ana.join("lobby").await.head.get(), 1);
}

#[tokio::test]
async fn a_token_announces_to_a_room_and_to_everyone() {
    let hub = Hub::start(&[]);
    let mut ana = TestClient::guest(hub.server.address(), "Ana").await;
    ana.join("lobby").await;
    let told = hub.post("/announce", r#"{"text":"the hub moves at noon"}"#);
    assert_eq!((told.status, &told.json()["room"]), (201, &"announcements".into()));
    let event = ana.event_saying("the hub moves at noon").await;
    assert_eq!((event.kind, event.room.as_str()), (EventKind::Announcement, "announcements"));
    hub.post("/announce", r#"{"text":"only here","room":"lobby"}"#);
    let event = ana.event_saying("only here").await;
    assert_eq!((event.kind, event.room.as_str()), (EventKind::Announcement, "lobby"));
}

#[test]
fn a_token_that_posts_too_fast_is_told_when_to_go_on() {
    let hub = Hub::start(&["--rate", "1"]);
    let body = |number: u32| format!(r#"{{"text":"{number}","id":"{number}"}}"#);
    let refused = (0..100).find(|number| hub.post(LOBBY, &body(*number)).status != 201);
    let answer = hub.post(LOBBY, &body(refused.expect("a limit")));
    assert_eq!((answer.status, code(&answer)), (429, "rate_limited".into()));
    assert_eq!(answer.header("Retry-After"), Some("1"));
}

#[test]
fn a_page_of_another_site_posts_nothing_and_none_posts_a_form() {
    let hub = Hub::start(&[]);
    let address = hub.server.address();
    let post = HttpRequest::post(LOBBY, r#"{"text":"a"}"#).bearer(&hub.token);
    let evil = post.clone().header("Origin", "https://evil.example").send(address);
    assert_eq!(evil.status, 403);
    let own = post.header("Origin", &format!("http://{address}"));
    let form = own.clone().header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(form.send(address).status, 415);
    assert_eq!(own.send(address).json()["seq"], 1);
}

#[test]
fn curl_may_call_a_body_a_form() {
    let hub = Hub::start(&[]);
    let post = HttpRequest::post(LOBBY, r#"{"text":"a"}"#).bearer(&hub.token);
    let form = post.header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(form.send(hub.server.address()).status, 201);
}

#[test]
fn what_is_no_post_is_told_how_to_read() {
    let hub = Hub::start(&[]);
    for target in [LOBBY, "/announce"] {
        let answer = HttpRequest::get(target).send(hub.server.address());
        assert_eq!((answer.status, code(&answer)), (405, "bad_frame".into()), "{target}");
        assert_eq!(answer.header("Allow"), Some("POST"), "{target}");
        assert!(answer.body.contains("/events"), "{answer:?}");
    }
}

#[test]
fn of_a_body_by_a_stranger_nothing_is_read() {
    let hub = Hub::start(&[]);
    let mut socket = connect(hub.server.address());
    let head = format!(
        "POST {LOBBY} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer hubbub_wrong\r\n\
         Content-Length: 60000\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).expect("write");
    assert_eq!(HttpStream::read(socket).status, 403, "before there is any of it");
}

#[test]
fn a_body_that_is_told_to_be_too_large_is_not_waited_for() {
    let hub = Hub::start(&[]);
    let mut socket = connect(hub.server.address());
    let head = format!(
        "POST {LOBBY} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 1000000\r\n\r\n",
        hub.token
    );
    socket.write_all(head.as_bytes()).expect("write");
    assert_eq!(HttpStream::read(socket).status, 413);
}

#[test]
fn a_body_that_grows_too_large_is_not_read_to_its_end() {
    let hub = Hub::start(&[]);
    let mut socket = connect(hub.server.address());
    let head = format!(
        "POST {LOBBY} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        hub.token
    );
    socket.write_all(head.as_bytes()).expect("write");
    for _ in 0..9 {
        socket.write_all(format!("2000\r\n{}\r\n", "a".repeat(0x2000)).as_bytes()).expect("write");
    }
    assert_eq!(HttpStream::read(socket).status, 413);
}

#[test]
fn a_body_that_trickles_costs_nobody_else_anything() {
    let hub = Hub::start(&[]);
    let mut slow = connect(hub.server.address());
    let head = format!(
        "POST {LOBBY} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 100\r\n\r\n{{",
        hub.token
    );
    slow.write_all(head.as_bytes()).expect("write");
    assert_eq!(hub.post(LOBBY, r#"{"text":"a"}"#).status, 201);
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest); // However it ends, it ends.
    assert!(rest.is_empty(), "no answer to what was not all there");
}

#[tokio::test]
async fn a_hub_that_stops_takes_no_posts() {
    let hub = Hub::start(&[]);
    let mut socket = connect(hub.server.address());
    socket.write_all(b"GET /readyz HTTP/1.1\r\nHost: hub\r\n\r\n").expect("write");
    let mut seen = Vec::new();
    while !seen.ends_with(b"connections.\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).expect("the answer");
        seen.push(byte[0]);
    }
    // One who hears the goodbye and does not go: the hub waits for them.
    let mut ana = TestClient::guest(hub.server.address(), "Ana").await;
    hub.server.terminate();
    ana.wait_for("bye", |frame| matches!(frame, protocol::ServerFrame::Bye(_)).then_some(())).await;
    let post = HttpRequest::post(LOBBY, r#"{"text":"a"}"#).bearer(&hub.token);
    socket.write_all(&post.bytes(hub.server.address())).expect("write");
    let answer = HttpStream::read(socket).rest();
    assert_eq!((answer.status, code(&answer)), (503, "server_full".into()));
    assert_eq!(answer.header("Retry-After"), Some("1"));
}

#[test]
fn a_full_disk_is_said_with_when_to_try_again() {
    let home = tempfile::tempdir().expect("a directory");
    let mount = home.path().to_str().expect("UTF-8");
    let fill = "mkdir \"$0/data\" && head -c 1048576 /dev/zero > \"$0/ballast\" && exec \"$@\"";
    let Some(disk) = small_disk("2m", mount) else { return };
    let wrapper = disk.into_iter().chain([mount, "sh", "-c", fill, mount]);
    let launch = Launch::new(None, &["--rate", "0"]).keeping(&home.path().join("data"));
    let server = ServerProcess::launch(launch.inside(wrapper).quiet());
    // The hub is the only process that sees its file system, but for this way in.
    let inside = format!("/proc/{}/root{mount}", server.id());
    let token = new_token(&Path::new(&inside).join("data"), &["Builds"]);
    let body = |number: u32| {
        let text = "a".repeat(4000);
        format!(r#"{{"text":"{text}","id":"{number}"}}"#)
    };
    let post =
        |number: u32| HttpRequest::post(LOBBY, body(number)).bearer(&token).send(server.address());
    let refused = (0..1000).find(|number| post(*number).status != 201).expect("a full disk");
    let answer = post(refused);
    assert_eq!((answer.status, code(&answer)), (503, "storage".into()));
    assert!(answer.header("Retry-After").is_some());
    std::fs::remove_file(format!("{inside}/ballast")).expect("make room");
    assert_eq!(post(refused).json()["seq"], refused + 1);
}
