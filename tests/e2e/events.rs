//! Rooms as Server-Sent Events: what is told, from where, and to whom.

use std::time::{Duration, Instant};

use protocol::server::GapReason;
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::{
    Launch, ServerProcess, TestClient, TestServer,
    http::{HttpAnswer, HttpRequest},
    run_to_end, signal,
    watcher::Watcher,
};

use crate::posting::new_token;

mod stream;

const LIMIT: Duration = Duration::from_secs(30);
const EVENTS: &str = "/rooms/lobby/events";

/// Somebody in the lobby of this hub.
async fn ana_at(hub: &ServerProcess) -> TestClient {
    let mut ana = TestClient::person(hub.address(), "Ana", 1).await;
    ana.join("lobby").await;
    ana
}

/// Says `m1`, `m2` and so on, and waits until all are stored.
async fn say_many(ana: &mut TestClient, count: u64) {
    let mut ids = Vec::new();
    for number in 1..=count {
        ids.push(ana.say("lobby", &format!("m{number}")).await);
        if number % 50 == 0 {
            for id in ids.drain(..) {
                ana.ack(&id).await;
            }
        }
    }
    for id in ids {
        ana.ack(&id).await;
    }
}

fn seqs(watcher: &mut Watcher, from: u64, to: u64) {
    for seq in from..=to {
        let event = watcher.event();
        assert_eq!((&event["seq"], &event["text"]), (&json!(seq), &json!(format!("m{seq}"))));
    }
}

fn refused(request: &HttpRequest, hub: &ServerProcess, status: u16, sentence: &str) -> HttpAnswer {
    let answer = request.send(hub.address());
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.body.contains(sentence), "{answer:?}");
    assert!(answer.body.ends_with('\n') && answer.body.lines().count() == 1, "{answer:?}");
    answer
}

#[tokio::test]
async fn what_is_said_is_told_as_the_event_of_a_frame() {
    let hub = ServerProcess::start(None, &[]);
    let mut ana = ana_at(&hub).await;
    let mut watcher = Watcher::at(hub.address(), EVENTS);
    for (name, value) in [
        ("cache-control", "no-store"),
        ("connection", "close"),
        ("x-accel-buffering", "no"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(watcher.header(name), Some(value));
    }
    assert_eq!(watcher.header("content-length"), None);
    assert!(watcher.begin().ends_with(".0"));
    ana.say("lobby", "hello\nid: 7\n\ndata: forged").await;
    let told = watcher.event();
    let event = ana.event().await;
    assert_eq!(told, serde_json::to_value(&event).expect("JSON"));
    let edited = ana.edit_acked("lobby", 1, "hello").await;
    let told = watcher.event();
    assert_eq!((&told["kind"], &told["target"]), (&json!("edit"), &json!(1)));
    assert_eq!((&told["text"], &told["seq"]), (&json!("hello"), &json!(edited.seq.get())));
    ana.delete_acked("lobby", 1).await;
    let told = watcher.event();
    assert_eq!((&told["kind"], &told["target"]), (&json!("delete"), &json!(1)));
    // Who comes later is told how it is by now.
    let mut later = Watcher::at(hub.address(), &format!("{EVENTS}?after=0"));
    later.begin();
    let told = later.event();
    assert_eq!((&told["text"], &told["deleted"]["seq"]), (&Value::Null, &json!(3)));
}

#[tokio::test]
async fn a_history_is_told_from_its_beginning_and_from_its_middle() {
    let data = tempfile::tempdir().expect("a directory");
    let mut hub = ServerProcess::start(Some(data.path()), &["--rate", "0"]);
    let mut ana = ana_at(&hub).await;
    say_many(&mut ana, 3000).await;
    let mut watcher = Watcher::at(hub.address(), &format!("{EVENTS}?after=0"));
    watcher.begin();
    seqs(&mut watcher, 1, 1500);
    let middle = watcher.last_id.clone();
    seqs(&mut watcher, 1501, 3000);
    // What was got counts more than where the page begins.
    let again = HttpRequest::get(&format!("{EVENTS}?after=0")).header("Last-Event-ID", &middle);
    let mut again = Watcher::of(again.stream(hub.address()));
    assert_eq!(again.begin(), middle);
    seqs(&mut again, 1501, 3000);
    ana.say("lobby", "live").await;
    watcher.until("live");
    again.until("live");
    // A hub that died and came back goes on where each was.
    hub.kill();
    assert_eq!((watcher.block(), again.block()), (None, None));
    hub.restart();
    let mut back = Watcher::resume(hub.address(), "lobby", &watcher.last_id);
    let mut middle = Watcher::resume(hub.address(), "lobby", &middle);
    let mut ana = ana_at(&hub).await;
    ana.say("lobby", "after the end").await;
    back.begin();
    assert_eq!(back.event()["text"], "after the end");
    middle.begin();
    seqs(&mut middle, 1501, 3000);
    assert_eq!(middle.event()["text"], "live");
    assert_eq!(middle.event()["text"], "after the end");
}

#[tokio::test]
async fn who_was_told_nothing_yet_resumes_where_the_stream_began() {
    let data = tempfile::tempdir().expect("a directory");
    let mut hub = ServerProcess::start(Some(data.path()), &[]);
    let mut ana = ana_at(&hub).await;
    ana.say_acked("lobby", "before").await;
    let begun = Watcher::live(hub.address(), "lobby").last_id;
    ana.say_acked("lobby", "missed").await;
    hub.kill();
    hub.restart();
    let mut back = Watcher::resume(hub.address(), "lobby", &begun);
    back.begin();
    assert_eq!(back.event()["text"], "missed");
}

#[tokio::test]
async fn another_log_is_told_as_a_gap_and_once() {
    let mut hub = ServerProcess::start(None, &[]);
    let mut ana = ana_at(&hub).await;
    ana.say_acked("lobby", "gone").await;
    let mut watcher = Watcher::live(hub.address(), "lobby");
    ana.say("lobby", "gone, too").await;
    watcher.until("gone, too");
    hub.kill();
    hub.restart();
    let mut ana = ana_at(&hub).await;
    ana.say_acked("lobby", "m1").await;
    let mut back = Watcher::resume(hub.address(), "lobby", &watcher.last_id);
    let gap = back.gap();
    assert_eq!(gap, json!({"room": "lobby", "from": 1, "to": 1, "reason": GapReason::Epoch}));
    let mut again = Watcher::resume(hub.address(), "lobby", &back.last_id);
    assert_eq!(again.begin(), back.last_id, "told once");
    ana.say("lobby", "m2").await;
    seqs(&mut back, 2, 2);
    seqs(&mut again, 2, 2);
    // A place behind the head is of another log, too.
    let mut ahead = Watcher::at(hub.address(), &format!("{EVENTS}?after=700"));
    assert_eq!(ahead.gap()["reason"], "epoch");
}

#[tokio::test]
async fn what_is_no_longer_kept_is_told_as_a_gap() {
    let data = tempfile::tempdir().expect("a directory");
    let mut hub = ServerProcess::start(Some(data.path()), &["--rate", "0"]);
    let mut ana = ana_at(&hub).await;
    say_many(&mut ana, 20).await;
    let mut watcher = Watcher::at(hub.address(), &format!("{EVENTS}?after=0"));
    watcher.begin();
    seqs(&mut watcher, 1, 3);
    hub.kill();
    hub.relaunch(Launch::new(Some(data.path()), &["--retention", "5"]));
    hub.restart();
    let mut ana = TestClient::person(hub.address(), "Ana", 1).await;
    let deadline = Instant::now() + LIMIT;
    while ana.join("lobby").await.oldest.get() != 16 {
        assert!(Instant::now() < deadline, "nothing was removed");
    }
    for mut back in [
        Watcher::resume(hub.address(), "lobby", &watcher.last_id),
        Watcher::at(hub.address(), &format!("{EVENTS}?after=3")),
    ] {
        let gap = back.gap();
        assert_eq!(gap, json!({"room": "lobby", "from": 4, "to": 15, "reason": "retention"}));
        seqs(&mut back, 16, 20);
    }
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused_with_a_sentence() {
    let hub = ServerProcess::start(None, &[]);
    let mut ana = ana_at(&hub).await;
    TestClient::person(hub.address(), "Bob", 2).await.join("lobby").await;
    ana.send_text(r#"{"type":"direct","to":"Bob","id":"1","text":"psst"}"#).await;
    let private = ana.event_saying("psst").await.room;
    let get = HttpRequest::get;
    let private = format!("/rooms/{private}/events");
    for path in ["/rooms/nowhere/events", &private, "/rooms/%20/events", "/rooms/%ff/events"] {
        refused(&get(path), &hub, 404, "There is no such room");
    }
    refused(&get(&format!("{EVENTS}?after=soon")), &hub, 400, "no place in a room");
    for id in ["garbage", "7", "0123456789abcdef.-1", "0123456789ABCDEF.1.2", "\u{e9}.1"] {
        refused(&get(EVENTS).header("Last-Event-ID", id), &hub, 400, "EPOCH.SEQ");
    }
    let posted = refused(&HttpRequest::post(EVENTS, "{}"), &hub, 405, "with GET");
    assert_eq!(posted.header("allow"), Some("GET, HEAD, OPTIONS"));
    let head = HttpRequest::new("HEAD", EVENTS).stream(hub.address());
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(head.header("content-length"), None);
    // Nobody made a room by asking for it.
    refused(&get("/rooms/nowhere/events"), &hub, 404, "There is no such room");
    drop(Watcher::live(hub.address(), "announcements"));
}

#[tokio::test]
async fn a_hub_with_a_password_wants_a_token() {
    let data = tempfile::tempdir().expect("a directory");
    let file = data.path().join("password");
    std::fs::write(&file, "mellon").expect("write");
    let flags = ["--password-file", file.to_str().expect("UTF-8")];
    let hub = ServerProcess::start(None, &flags);
    let answer = refused(&HttpRequest::get(EVENTS), &hub, 401, "Bearer");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    refused(&HttpRequest::get(EVENTS).bearer("mellon"), &hub, 403, "not known");
    refused(&HttpRequest::get(&format!("{EVENTS}?token=mellon")), &hub, 400, "ends up in logs");
}

#[test]
fn a_revoked_token_ends_what_it_lets_one_watch() {
    let data = tempfile::tempdir().expect("a directory");
    let file = data.path().join("password");
    std::fs::write(&file, "mellon").expect("write");
    let flags = ["--password-file", file.to_str().expect("UTF-8")];
    let hub = ServerProcess::start(Some(data.path()), &flags);
    let token = new_token(data.path(), &["Board"]);
    let watch = HttpRequest::get(EVENTS).bearer(&token);
    let mut watcher = Watcher::of(watch.stream(hub.address()));
    assert!(watcher.block().is_some(), "where it begins");
    let words = ["token", "revoke", "Board", "--data", data.path().to_str().expect("UTF-8")];
    let finished = run_to_end("hubbub-server", &words, data.path(), LIMIT);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(watcher.block(), None);
    refused(&watch, &hub, 403, "not known");
}

#[tokio::test]
async fn watchers_are_nobody() {
    let hub = TestServer::in_memory();
    let address = hub.address();
    let mut watcher = tokio::task::spawn_blocking(move || Watcher::live(address, "lobby"));
    let watcher = (&mut watcher).await.expect("a watcher");
    let mut ana = hub.guest("Ana").await;
    let joined = ana.join("lobby").await;
    assert_eq!((joined.count, joined.members.len()), (1, 1));
    drop(watcher);
    let frames = ana.frames_so_far().await;
    assert!(!format!("{frames:?}").contains("Presence"), "{frames:?}");
}

#[tokio::test]
async fn pages_of_other_sites_watch_where_they_are_allowed() {
    let site = "http://leaderboard.example";
    let hub = ServerProcess::start(None, &["--allow-origin", site]);
    let from = |origin: &str| HttpRequest::get(EVENTS).header("Origin", origin);
    let watcher = Watcher::of(from(site).stream(hub.address()));
    assert_eq!(watcher.header("access-control-allow-origin"), Some(site));
    for stranger in ["http://elsewhere.example", "null"] {
        refused(&from(stranger), &hub, 403, "Pages of other sites");
    }
}

#[test]
fn a_page_whose_name_was_made_to_mean_this_machine_reads_nothing() {
    let hub = ServerProcess::start(None, &["--allow-origin", "https://friend.example"]);
    let by_name = |name: &str| HttpRequest::get(EVENTS).header("Host", name);
    // For a page of the same site browsers send no `Origin` when they only read.
    for name in ["evil.example:8080", "evil.example", "evil!.example"] {
        refused(&by_name(name), &hub, 403, "not known to the hub by that name");
    }
    for name in ["localhost", "127.0.0.1:8080", "friend.example"] {
        assert_eq!(by_name(name).stream(hub.address()).status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_hub_that_stops_says_when_to_come_back() {
    let mut hub = ServerProcess::start(None, &[]);
    let mut ana = ana_at(&hub).await;
    let mut watcher = Watcher::live(hub.address(), "lobby");
    ana.say_acked("lobby", "last words").await;
    signal(hub.id(), Signal::TERM);
    assert_eq!(watcher.event()["text"], "last words");
    let retry = watcher.block().expect("when to come back").retry.expect("a time");
    assert!(retry.parse::<u64>().expect("milliseconds") <= 5000);
    assert_eq!(watcher.block(), None);
    assert_eq!(hub.wait().code(), Some(0));
}
