//! Operators announce, to a room and to everyone; each hears it once and in order, also after a
//! kill and after having been away.

use std::path::Path;

use protocol::{
    ClientFrame, ErrorCode, EventKind, Identity, MessageText, RequestId, RoomEvent, RoomName,
    ServerFrame, client::Announce, server::Role,
};
use tests::{PATIENCE, ServerProcess, TestClient, fresh_id, run_to_end, secret};

/// A hub with a log, at which Ana (1) is an operator.
async fn with_operator(data: &Path) -> ServerProcess {
    let server = ServerProcess::start(Some(data), &[]);
    TestClient::person(server.address(), "Ana", 1).await;
    operator(data, &["Ana"]);
    server
}

/// Whoever is at the hub's machine names an operator.
fn operator(data: &Path, arguments: &[&str]) {
    let data = data.to_str().expect("a path that is text");
    let arguments = [&["operator", "--data", data], arguments].concat();
    let done = run_to_end("hubbub-server", &arguments, Path::new(data), PATIENCE);
    assert_eq!(done.code, Some(0), "{done:?}");
}

async fn announce(client: &mut TestClient, id: &RequestId, room: Option<&str>, text: &str) {
    let room = room.map(|room| RoomName::parse(room).expect("a room"));
    let text = MessageText::parse(text).expect("a text");
    let frame = Announce { id: id.clone(), text, room };
    client.send(&ClientFrame::Announce(frame)).await;
}

/// What an event is, as one reads it.
fn told(event: &RoomEvent) -> (EventKind, &str, u64, &str) {
    let text = event.text.as_ref().map_or("-", |text| text.as_str());
    (event.kind, event.room.as_str(), event.seq.get(), text)
}

/// An announcement as one reads it.
fn heard<'a>(room: &'a str, seq: u64, text: &'a str) -> (EventKind, &'a str, u64, &'a str) {
    (EventKind::Announcement, room, seq, text)
}

#[tokio::test]
async fn everyone_hears_an_operator_once_and_in_order_wherever_they_are() {
    let data = tempfile::tempdir().expect("a directory");
    let server = with_operator(data.path()).await;
    let mut ana = TestClient::connect(server.address()).await;
    let welcome = ana.hello("Ana", Some(secret(1))).await.expect("a welcome");
    assert_eq!(welcome.role, Role::Operator);
    ana.join("lobby").await;
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    bob.join("lobby").await;
    let mut gil = TestClient::guest(server.address(), "Gil").await;
    for (room, text) in [(None, "one"), (Some("lobby"), "two"), (None, "three")] {
        let id = fresh_id();
        announce(&mut ana, &id, room, text).await;
        assert_eq!(ana.ack(&id).await.room.as_str(), room.unwrap_or("announcements"));
    }
    for client in [&mut ana, &mut bob] {
        assert_eq!(told(&client.event().await), heard("announcements", 1, "one"));
        assert_eq!(told(&client.event().await), heard("lobby", 1, "two"));
        assert_eq!(told(&client.event().await), heard("announcements", 2, "three"));
    }
    // Who is in no room hears what is for everyone, and nothing else.
    assert_eq!(told(&gil.event().await), heard("announcements", 1, "one"));
    assert_eq!(told(&gil.event().await), heard("announcements", 2, "three"));
    let page = gil.history("announcements", None, 9).await;
    let page: Vec<_> = page.events.iter().map(told).collect();
    assert_eq!(page, [heard("announcements", 1, "one"), heard("announcements", 2, "three")]);
}

#[tokio::test]
async fn others_are_refused_and_told_who_could_change_that() {
    let data = tempfile::tempdir().expect("a directory");
    let server = with_operator(data.path()).await;
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    bob.join("lobby").await;
    for room in [None, Some("lobby")] {
        announce(&mut bob, &fresh_id(), room, "noon").await;
        let error = bob.refused(ErrorCode::Forbidden).await;
        assert!(error.text.contains("`hubbub-server operator Bob`"), "{}", error.text);
    }
    bob.say("announcements", "noon").await;
    bob.refused(ErrorCode::Forbidden).await;
    let page = bob.history("announcements", None, 9).await;
    assert_eq!((page.as_of.get(), page.events.len()), (0, 0), "nothing is stored");
}

#[tokio::test]
async fn announcements_outlive_a_kill_and_a_retry_is_stored_once() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = with_operator(data.path()).await;
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    let ids = [(); 5].map(|()| fresh_id());
    for (number, id) in ids.iter().enumerate() {
        announce(&mut ana, id, None, &format!("n{number}")).await;
    }
    let acks = [ana.ack(&ids[0]).await, ana.ack(&ids[1]).await];
    assert_eq!(told(&bob.event().await), heard("announcements", 1, "n0"));
    server.kill();
    server.restart();

    // Who announced sends all again, not knowing what was stored.
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    for (number, id) in ids.iter().enumerate() {
        announce(&mut ana, id, None, &format!("n{number}")).await;
    }
    for (number, id) in (1..).zip(&ids) {
        let ack = ana.ack(id).await;
        assert_eq!(ack.seq.get(), number);
        assert!(acks.iter().all(|first| first.id != *id || *first == ack), "{ack:?}");
    }
    // Who was away has the rest, from where they were.
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    bob.join_after("announcements", Some(1)).await;
    let events = bob.events_until(5).await;
    let events: Vec<_> = events.iter().map(told).collect();
    let all = (2..).zip(["n1", "n2", "n3", "n4"]);
    let all: Vec<_> = all.map(|(seq, text)| heard("announcements", seq, text)).collect();
    assert_eq!(events, all);
    announce(&mut ana, &ids[0], None, "something else").await;
    ana.refused(ErrorCode::IdReused).await;
}

#[tokio::test]
async fn an_operator_mends_an_announcement_and_takes_it_back() {
    let data = tempfile::tempdir().expect("a directory");
    let server = with_operator(data.path()).await;
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    let id = fresh_id();
    announce(&mut ana, &id, None, "nono").await;
    ana.ack(&id).await;
    bob.edit(&fresh_id(), "announcements", 1, "mine").await;
    bob.refused(ErrorCode::Forbidden).await;
    ana.edit_acked("announcements", 1, "noon").await;
    ana.delete_acked("announcements", 1).await;
    let events = bob.events_until(3).await;
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Announcement, EventKind::Edit, EventKind::Delete]);
    let page = bob.history("announcements", None, 9).await;
    assert!(page.events.iter().all(|event| event.text.is_none()), "{page:?}");
}

#[tokio::test]
async fn who_is_named_while_they_are_here_announces_at_once_until_it_is_taken_back() {
    let data = tempfile::tempdir().expect("a directory");
    let server = with_operator(data.path()).await;
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    bob.join("lobby").await;
    for (arguments, role) in [(&["Bob"][..], Role::Operator), (&["Bob", "--remove"], Role::Member)]
    {
        operator(data.path(), arguments);
        bob.wait_for("Bob to be told what he may do", |frame| match frame {
            ServerFrame::Presence(presence) => {
                presence.joined.iter().any(|member| member.role == role).then_some(())
            }
            _ => None,
        })
        .await;
        let id = fresh_id();
        announce(&mut bob, &id, None, "noon").await;
        match role {
            Role::Operator => drop(bob.ack(&id).await),
            Role::Member => drop(bob.refused(ErrorCode::Forbidden).await),
        }
    }
}

#[tokio::test]
async fn who_is_named_before_they_ever_came_is_welcomed_as_an_operator() {
    let data = tempfile::tempdir().expect("a directory");
    let server = ServerProcess::start(Some(data.path()), &[]);
    operator(data.path(), &[Identity::of(&secret(1)).as_str()]);
    for (number, role) in [(2, Role::Member), (1, Role::Operator)] {
        let mut client = TestClient::connect(server.address()).await;
        let name = format!("p{number}");
        let welcome = client.hello(&name, Some(secret(number))).await.expect("a welcome");
        assert_eq!(welcome.role, role, "{name}");
    }
}
