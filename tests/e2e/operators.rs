//! Whoever runs a hub tells it who is an operator, and makes tokens, whether it runs or not.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
    time::Duration,
};

use protocol::{
    ClientFrame, ErrorCode, EventKind, Identity, MessageText, RoomName, client, server::Ack,
};
use rustix::process::Signal;
use tests::{
    Finished, Launch, PATIENCE, ServerProcess, TestClient, fresh_id, http::HttpRequest, run_to_end,
    secret, signal,
};

use crate::posting::new_token;

const LIMIT: Duration = Duration::from_secs(30);

/// Runs `hubbub-server` about the hub in this directory.
fn tell(data: &Path, words: &[&str]) -> Finished {
    let data = data.to_str().expect("UTF-8");
    let home = tempfile::tempdir().expect("a directory");
    run_to_end("hubbub-server", &[words, &["--data", data]].concat(), home.path(), LIMIT)
}

/// What it says when all is well.
fn told(data: &Path, words: &[&str]) -> String {
    let finished = tell(data, words);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    finished.stdout
}

/// What it says when not.
fn refused(data: &Path, words: &[&str]) -> String {
    let finished = tell(data, words);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(1), ""), "{finished:?}");
    finished.stderr
}

async fn announce(client: &mut TestClient, room: Option<&str>, text: &str) -> protocol::RequestId {
    let (id, text) = (fresh_id(), MessageText::parse(text).expect("a text"));
    let room = room.map(|room| RoomName::parse(room).expect("a room"));
    client.send(&ClientFrame::Announce(client::Announce { id: id.clone(), text, room })).await;
    id
}

async fn announced(client: &mut TestClient, room: Option<&str>, text: &str) -> Ack {
    let id = announce(client, room, text).await;
    client.ack(&id).await
}

#[tokio::test]
async fn a_person_is_named_operator_while_the_hub_runs() {
    let data = tempfile::tempdir().expect("a directory");
    let server = ServerProcess::start(Some(data.path()), &[]);
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    let mut ben = TestClient::guest(server.address(), "Ben").await;
    ana.join("lobby").await;
    ben.join("lobby").await;
    announce(&mut ana, None, "hear, hear").await;
    ana.refused(ErrorCode::Forbidden).await;

    assert!(told(data.path(), &["operator", "ana"]).starts_with("Ana is an operator"));
    announced(&mut ana, None, "the hub moves at noon").await;
    let event = ben.event_saying("the hub moves at noon").await;
    assert_eq!((event.kind, event.room.as_str()), (EventKind::Announcement, "announcements"));
    announced(&mut ana, Some("lobby"), "only here").await;
    let event = ben.event_saying("only here").await;
    assert_eq!((event.kind, event.room.as_str()), (EventKind::Announcement, "lobby"));

    assert_eq!(told(data.path(), &["operator", "Ana", "--remove"]), "Ana is no operator\n");
    announce(&mut ana, None, "hear, hear").await;
    ana.refused(ErrorCode::Forbidden).await;
}

#[tokio::test]
async fn a_person_is_named_operator_while_the_hub_is_stopped() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(data.path()), &[]);
    TestClient::person(server.address(), "Ana", 1).await.close().await;
    server.terminate();
    server.wait();
    assert!(told(data.path(), &["operator", "Ana"]).contains("next start"));
    server.restart();
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    announced(&mut ana, None, "here I am").await;
}

#[tokio::test]
async fn whoever_comes_later_can_be_named_by_identity_while_the_hub_runs() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(data.path()), &[]);
    let identity = Identity::of(&secret(1)).to_string();
    assert!(told(data.path(), &["operator", &identity]).contains("first time"));
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    announced(&mut ana, None, "here I am").await;
    server.terminate();
    server.wait();
    let nobody = Identity::of(&secret(2)).to_string();
    assert!(refused(data.path(), &["operator", &nobody]).contains("never been here"));
}

#[tokio::test]
async fn who_cannot_be_named_is_said() {
    let data = tempfile::tempdir().expect("a directory");
    let missing = data.path().join("missing");
    assert!(refused(&missing, &["operator", "Ana"]).contains("no hub in"));
    assert!(!missing.exists(), "nothing is made where no hub was");
    let server = ServerProcess::start(Some(data.path()), &[]);
    let _guest = TestClient::guest(server.address(), "Guest").await;
    assert!(refused(data.path(), &["operator", "Ana"]).contains("join once"));
    assert!(refused(data.path(), &["operator", "Guest"]).contains("guest"));
    let usage = tell(data.path(), &["operator", "a b"]);
    assert_eq!(usage.code, Some(2), "{usage:?}");
}

#[test]
fn tokens_are_made_listed_and_revoked_whether_the_hub_runs_or_not() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(data.path()), &[]);
    let finished =
        tell(data.path(), &["token", "new", "Score", "--room", "games", "--room", "#go"]);
    let token = finished.stdout.trim_end();
    assert!(token.starts_with("hubbub_") && token.len() == 50, "{finished:?}");
    assert!(!token.contains('\n') && !finished.stderr.contains(token), "{finished:?}");
    assert!(finished.stderr.contains("Authorization: Bearer"), "{finished:?}");
    assert!(refused(data.path(), &["token", "new", "score"]).contains("score2"));

    server.terminate();
    server.wait();
    let builds = new_token(data.path(), &["Builds"]);
    let list = told(data.path(), &["token", "list"]);
    let lines: Vec<_> = list.lines().collect();
    assert!(lines[0].starts_with("Builds  20") && lines[0].ends_with("  all rooms"), "{list}");
    assert!(lines[1].starts_with("Score   20") && lines[1].ends_with("  games, go"), "{list}");
    assert!(!list.contains("hubbub_"), "{list}");

    server.restart();
    let post = HttpRequest::post("/rooms/lobby/messages", r#"{"text":"a"}"#).bearer(&builds);
    assert_eq!(post.send(server.address()).status, 201);
    let unknown = refused(data.path(), &["token", "revoke", "Nobody"]);
    assert!(unknown.contains("(Builds, Score)"), "{unknown}");
    told(data.path(), &["token", "revoke", "Builds"]);
    assert_eq!(post.send(server.address()).status, 403);
    server.kill();
    server.restart();
    assert_eq!(post.send(server.address()).status, 403, "revoked for good");
}

#[test]
fn a_token_is_nowhere_but_with_who_made_it() {
    let data = tempfile::tempdir().expect("a directory");
    let launch = Launch::new(Some(data.path()), &[]).with_variable("HUBBUB_LOG", "trace").quiet();
    let mut server = ServerProcess::launch(launch);
    let token = new_token(data.path(), &["Builds"]);
    for target in ["/rooms/lobby/messages", "/announce", "/rooms/nowhere/messages"] {
        HttpRequest::post(target, r#"{"text":"a"}"#).bearer(&token).send(server.address());
    }
    let in_address = format!("/announce?token={token}");
    HttpRequest::post(&in_address, r#"{"text":"a"}"#).send(server.address());
    let holds = |bytes: &[u8]| bytes.windows(token.len()).any(|part| part == token.as_bytes());
    for file in files(data.path()) {
        assert!(!holds(&fs::read(&file).expect("a file")), "{file:?}");
    }
    server.terminate();
    server.wait();
    for file in files(data.path()) {
        assert!(!holds(&fs::read(&file).expect("a file")), "{file:?}");
    }
    let log = server.complaints();
    assert!(!log.is_empty() && !holds(log.as_bytes()), "{log}");
}

/// The files in a directory, without sockets.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(directory).expect("the directory").map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).collect()
}

#[test]
fn the_socket_is_for_its_owner_and_goes_with_the_hub() {
    let data = tempfile::tempdir().expect("a directory");
    let directory = data.path().join("hub");
    let mut server = ServerProcess::start(Some(&directory), &[]);
    let socket = directory.join("hub.sock");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&directory), mode(&socket)), (0o700, 0o600));
    server.kill();
    assert!(socket.exists(), "a killed hub leaves it");
    assert!(tell(&directory, &["token", "list"]).stderr.contains("No tokens"));
    server.restart();
    assert!(tell(&directory, &["token", "list"]).stderr.contains("No tokens"));
    server.terminate();
    server.wait();
    assert!(!socket.exists());
}

#[test]
fn who_says_nonsense_or_nothing_at_the_socket_harms_nobody() {
    let data = tempfile::tempdir().expect("a directory");
    let _server = ServerProcess::start(Some(data.path()), &[]);
    let connect = || {
        let stream = UnixStream::connect(data.path().join("hub.sock")).expect("connect");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    };
    let _silent: Vec<_> = (0..4).map(|_| connect()).collect();
    let mut talker = connect();
    let _ = talker.write_all(&vec![b'a'; 1 << 20]);
    drop(talker);
    let mut answer = String::new();
    let mut confused = connect();
    confused.write_all(b"{\"order\":\"dance\"}\n").expect("write");
    confused.read_to_string(&mut answer).expect("an answer");
    assert!(answer.contains("no question"), "{answer}");
    assert!(tell(data.path(), &["token", "list"]).stderr.contains("No tokens"));
}

#[test]
fn a_hub_that_does_not_answer_is_said_to_be_starting_or_stopping() {
    let data = tempfile::tempdir().expect("a directory");
    let server = ServerProcess::start(Some(data.path()), &[]);
    fs::remove_file(data.path().join("hub.sock")).expect("the socket");
    let why = refused(data.path(), &["token", "list"]);
    assert!(why.contains("starting or stopping"), "{why}");
    signal(server.id(), Signal::TERM);
}

#[test]
fn the_path_of_the_directory_may_be_longer_than_that_of_a_socket() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let data = tempfile::tempdir().expect("a directory");
    let deep = data.path().join("d".repeat(100)).join("e".repeat(100));
    let server = ServerProcess::start(Some(&deep), &[]);
    let token = new_token(&deep, &["Builds"]);
    let post = HttpRequest::post("/rooms/lobby/messages", r#"{"text":"a"}"#).bearer(&token);
    assert_eq!(post.send(server.address()).status, 201);
}
