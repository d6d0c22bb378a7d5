//! How far one has read: the same on all of one's devices, and after a restart.

use std::path::Path;

use protocol::{
    Seq, ServerFrame,
    server::{ByeReason, ReadMarker, RoomSummary},
};
use rusqlite::{Connection, OptionalExtension};
use tests::{PATIENCE, ServerProcess, TestClient, TestServer, secret};
use tokio::time::timeout;

#[tokio::test]
async fn what_is_read_on_one_device_is_read_on_the_others() {
    let server = TestServer::in_memory();
    let mut laptop = TestClient::person(server.address(), "Ana", 1).await;
    let mut phone = TestClient::person(server.address(), "Ana", 1).await;
    let mut tablet = TestClient::person(server.address(), "Ana", 1).await;
    let mut bob = server.guest("Bob").await;
    assert_eq!(laptop.join("lobby").await.read, None);
    for client in [&mut phone, &mut bob] {
        client.join("lobby").await;
    }
    for text in ["one", "two", "three"] {
        laptop.say_acked("lobby", text).await;
    }
    laptop.read_up_to("lobby", 2).await;
    assert_eq!(told(&mut phone).await, ("lobby".to_owned(), 2));
    for client in [&mut laptop, &mut bob, &mut tablet] {
        assert_eq!(markers(&client.frames_so_far().await), []);
    }
    assert_eq!(tablet.join("lobby").await.read, Seq::new(2));
    // Never back, never beyond what there is.
    tablet.read_up_to("lobby", 1).await;
    tablet.read_up_to("lobby", 99).await;
    assert_eq!(told(&mut phone).await, ("lobby".to_owned(), 3));
    assert_eq!(told(&mut laptop).await, ("lobby".to_owned(), 3));
}

#[tokio::test]
async fn a_restart_keeps_how_far_one_has_read() {
    let home = tempfile::tempdir().unwrap();
    let server = TestServer::in_directory(home.path());
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    read_two_of_three(&mut ana).await;
    ana.alive().await;
    server.stop(ByeReason::Restart).await;
    let server = TestServer::in_directory(home.path());
    still_has_read_two(TestClient::connect(server.address()).await).await;
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    assert_eq!(bob.join("lobby").await.read, None);
}

#[tokio::test]
async fn what_was_kept_survives_a_kill() {
    let home = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(Some(home.path()), &[]);
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    read_two_of_three(&mut ana).await;
    timeout(PATIENCE, kept(home.path(), &mut ana)).await.expect("kept in time");
    server.kill();
    server.restart();
    still_has_read_two(TestClient::connect(server.address()).await).await;
}

#[tokio::test]
async fn a_guest_has_read_nothing_on_the_next_connection() {
    let server = TestServer::in_memory();
    let mut gus = server.guest("Gus").await;
    read_two_of_three(&mut gus).await;
    assert_eq!(gus.join("lobby").await.read, Seq::new(2));
    gus.close().await;
    let mut gus = server.guest("Gus").await;
    assert_eq!(gus.join("lobby").await.read, None);
}

async fn read_two_of_three(client: &mut TestClient) {
    client.join("lobby").await;
    for text in ["one", "two", "three"] {
        client.say_acked("lobby", text).await;
    }
    client.read_up_to("lobby", 2).await;
}

/// A new connection of the same person knows it.
async fn still_has_read_two(mut client: TestClient) {
    let welcome = client.hello("Ana", Some(secret(1))).await.unwrap();
    let lobby = |room: &&RoomSummary| room.room.as_str() == "lobby";
    assert_eq!(welcome.rooms.iter().find(lobby).unwrap().read, Seq::new(2));
    assert_eq!(client.join("lobby").await.read, Seq::new(2));
}

/// Waits until the marker is in the database; looks after each sign of life, which are not many.
async fn kept(home: &Path, client: &mut TestClient) {
    let database = Connection::open(home.join("hub.sqlite3")).unwrap();
    loop {
        let sql = "SELECT seq FROM read_marker";
        let found: Option<i64> = database.query_row(sql, [], |row| row.get(0)).optional().unwrap();
        if found == Some(2) {
            return;
        }
        client.alive().await;
    }
}

async fn told(client: &mut TestClient) -> (String, u64) {
    client.wait_for("a read marker", |frame| marker(frame).map(shown)).await
}

fn markers(frames: &[ServerFrame]) -> Vec<(String, u64)> {
    frames.iter().filter_map(marker).map(shown).collect()
}

fn marker(frame: &ServerFrame) -> Option<&ReadMarker> {
    match frame {
        ServerFrame::Read(marker) => Some(marker),
        _ => None,
    }
}

fn shown(marker: &ReadMarker) -> (String, u64) {
    (marker.room.to_string(), marker.seq.get())
}
