//! Messages are edited and taken back: live, in pages, when resuming, and on the disk.

use std::{fs, path::Path};

use protocol::{ErrorCode, EventKind, RoomEvent};
use tests::{ServerProcess, TestClient, TestServer, fresh_id};

#[tokio::test]
async fn an_edit_is_told_to_the_room_and_shown_in_its_history() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("lobby").await;
    bob.join("lobby").await;
    ana.say_acked("lobby", "hello, wrold").await;
    let ack = ana.edit_acked("lobby", 1, "hello, world").await;
    assert_eq!(ack.seq.get(), 2);
    let told = bob.event_saying("hello, world").await;
    assert_eq!((told.kind, told.target, told.seq), (EventKind::Edit, seq(1), ack.seq));
    let page = bob.history("lobby", None, 10).await;
    assert_eq!(texts(&page.events), ["hello, world", "hello, world"]);
    let edited = page.events[0].edited.as_ref().expect("edited");
    assert_eq!((edited.seq, edited.at, page.as_of), (ack.seq, ack.at, ack.seq));
}

#[tokio::test]
async fn a_deletion_is_told_without_text_and_leaves_none_in_the_history() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("lobby").await;
    bob.join("lobby").await;
    ana.say_acked("lobby", "never mind").await;
    ana.edit_acked("lobby", 1, "never mind that").await;
    let ack = ana.delete_acked("lobby", 1).await;
    let told = bob.events_until(ack.seq.get()).await.pop().expect("an event");
    assert_eq!((told.kind, told.target, &told.text), (EventKind::Delete, seq(1), &None));
    let page = bob.history("lobby", None, 10).await;
    assert_eq!(texts(&page.events), ["-", "-", "-"]);
    let deleted = page.events[0].deleted.as_ref().expect("deleted");
    assert_eq!((deleted.seq, &deleted.by), (ack.seq, &told.by));
}

#[tokio::test]
async fn what_is_anothers_or_gone_cannot_be_changed() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("lobby").await;
    bob.join("lobby").await;
    ana.say_acked("lobby", "mine").await;
    bob.edit(&fresh_id(), "lobby", 1, "yours").await;
    bob.refused(ErrorCode::Forbidden).await;
    bob.delete(&fresh_id(), "lobby", 1).await;
    bob.refused(ErrorCode::Forbidden).await;
    ana.edit(&fresh_id(), "lobby", 2, "nothing there").await;
    ana.refused(ErrorCode::NoSuchMessage).await;
    ana.delete_acked("lobby", 1).await;
    ana.edit(&fresh_id(), "lobby", 1, "too late").await;
    ana.refused(ErrorCode::NoSuchMessage).await;
    assert_eq!(ana.history("lobby", None, 10).await.as_of.get(), 2, "nothing else is stored");
}

#[tokio::test]
async fn a_change_sent_again_gets_its_first_ack() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    let said = ana.say("lobby", "hello").await;
    ana.ack(&said).await;
    let (edit, delete) = (fresh_id(), fresh_id());
    for expected in [[1, 2, 3], [1, 2, 3]] {
        ana.say_as(&said, "lobby", "hello").await;
        ana.edit(&edit, "lobby", 1, "hello!").await;
        ana.delete(&delete, "lobby", 1).await;
        let acks = [ana.ack(&said).await, ana.ack(&edit).await, ana.ack(&delete).await];
        assert_eq!(acks.map(|ack| ack.seq.get()), expected);
    }
    ana.edit(&delete, "lobby", 1, "hello!").await;
    ana.refused(ErrorCode::IdReused).await;
    assert_eq!(ana.history("lobby", None, 10).await.as_of.get(), 3);
}

#[tokio::test]
async fn who_resumes_across_a_deletion_has_every_event_and_not_the_text() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    ana.say_acked("lobby", "one").await;
    ana.say_acked("lobby", "a secret").await;
    let mut early = server.guest("Early").await;
    early.join_after("lobby", Some(0)).await;
    assert_eq!(texts(&early.events_until(2).await), ["one", "a secret"]);
    ana.edit_acked("lobby", 2, "another secret").await;
    ana.delete_acked("lobby", 2).await;
    ana.say_acked("lobby", "five").await;
    assert_eq!(texts(&early.events_until(5).await), ["another secret", "-", "five"]);
    let mut late = server.guest("Late").await;
    late.join_after("lobby", Some(0)).await;
    let events = late.events_until(5).await;
    assert_eq!(texts(&events), ["one", "-", "-", "-", "five"]);
    let deleted = events[1].deleted.as_ref().expect("it says that it is deleted");
    assert_eq!(deleted.seq.get(), 4);
}

#[tokio::test]
async fn what_was_deleted_is_in_no_file_when_the_hub_has_stopped() {
    let data = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(data.path()), &[]);
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    ana.say_acked("lobby", "the first secret").await;
    ana.edit_acked("lobby", 1, "the second secret").await;
    // One that is longer than a page of the database.
    ana.say_acked("lobby", &"a long secret ".repeat(290)).await;
    ana.say_acked("lobby", "no mystery").await;
    ana.delete_acked("lobby", 1).await;
    ana.delete_acked("lobby", 3).await;
    server.terminate();
    server.wait();
    assert_eq!(files_with(data.path(), "no mystery"), ["hub.sqlite3"]);
    assert_eq!(files_with(data.path(), "secret"), [""; 0]);

    server.restart();
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    bob.join_after("lobby", Some(0)).await;
    let events = bob.events_until(6).await;
    assert_eq!(texts(&events), ["-", "-", "-", "no mystery", "-", "-"]);
    assert!(events[0].deleted.is_some() && events[2].deleted.is_some());
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    ana.edit_acked("lobby", 4, "a riddle").await;
    assert_eq!(bob.event().await.target, seq(4));
}

fn seq(number: u64) -> Option<protocol::Seq> {
    protocol::Seq::new(number)
}

fn texts(events: &[RoomEvent]) -> Vec<&str> {
    events.iter().map(|event| event.text.as_ref().map_or("-", |text| text.as_str())).collect()
}

/// The files in a directory that have these words.
fn files_with(directory: &Path, words: &str) -> Vec<String> {
    let files = fs::read_dir(directory).expect("the directory").map(|file| file.expect("a file"));
    let has_words = |bytes: &[u8]| bytes.windows(words.len()).any(|it| it == words.as_bytes());
    let files = files.filter(|file| has_words(&fs::read(file.path()).expect("its contents")));
    files.map(|file| file.file_name().into_string().expect("a plain name")).collect()
}
