//! Hubs that do not keep to the protocol: each ends the conversation with a sentence, or is
//! waited for no longer than is named.

use tokio::io::AsyncWriteExt as _;

use super::*;

/// A hub that has let the client in, and the client.
async fn live() -> (FakeHub, Guest, Client) {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.welcome("Ana").await;
    client.next_frame().await;
    (hub, guest, client)
}

/// What the user is told of the hub, and why there is no further attempt.
async fn trouble(client: &mut Client) -> (String, String) {
    let trouble = client.next_that(|event| matches!(event, LinkEvent::Trouble { .. })).await;
    let LinkEvent::Trouble { why } = trouble else { panic!() };
    let LinkEvent::Stopped { why: stopped } = client.next().await else { panic!("no stop") };
    (why, stopped)
}

#[tokio::test]
async fn what_is_not_of_the_protocol_stops_the_connection_with_a_sentence() {
    let frame = |bytes: &[u8]| [&[0x81, bytes.len() as u8], bytes].concat();
    let huge = [&[0x81, 127][..], &(1_u64 << 20).to_be_bytes()].concat();
    for (bytes, expected) in [
        (frame(b"{}"), "a frame that cannot be read came (bad_frame)"),
        (frame(b"hello"), "a frame that cannot be read came (bad_json)"),
        (frame(br#"{"type":"left","room":"a b"}"#), "a frame that cannot be read came (room_inva"),
        (frame(b"\xff"), "a text came that is not UTF-8"),
        (vec![0x82, 1, b'x'], "a frame came that is no text"),
        (huge, "a frame came that is larger than 64 KiB"),
        (b"HTTP/1.1 200 OK\r\n".repeat(20), "bytes came that are no frames"),
    ] {
        let (hub, mut guest, mut client) = live().await;
        guest.0.get_mut().write_all(&bytes).await.unwrap();
        let (why, stopped) = trouble(&mut client).await;
        assert!(why.starts_with(expected), "{why}");
        assert_eq!(stopped, format!("{} sends what is not hubbub's protocol", hub.address()));
        client.link.tell(LinkCommand::Reconnect);
        hub.accept().await.hear_hello().await;
    }
}

#[tokio::test]
async fn what_a_newer_hub_says_is_passed_over() {
    let (_hub, mut guest, mut client) = live().await;
    guest.0.send(Message::text(r#"{"type":"poll","room":"lobby"}"#)).await.unwrap();
    guest.say(ServerFrame::Bye(Bye { reason: ByeReason::Restart, retry_after_ms: None })).await;
    assert!(matches!(client.next_frame().await, ServerFrame::Bye(_)));
}

#[tokio::test]
async fn a_hub_that_breaks_off_in_a_frame_is_tried_again() {
    let (_hub, mut guest, mut client) = live().await;
    guest.0.get_mut().write_all(&[0x81, 126, 0x10]).await.unwrap();
    drop(guest);
    client.lost().await;
}

#[tokio::test]
async fn a_hub_that_lives_and_does_not_answer_hello_is_tried_again() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    client.next_that(|event| matches!(event, LinkEvent::Introduced { .. })).await;
    time::pause();
    for _ in 0..4 {
        guest.0.send(Message::Ping("".into())).await.unwrap();
        assert!(matches!(guest.0.next().await, Some(Ok(Message::Pong(_)))));
        time::advance(Duration::from_secs(6)).await;
    }
    let next = client.next().await;
    let LinkEvent::Trouble { why } = next else { panic!("{next:?}") };
    assert_eq!(why, format!("{} does not answer; it is tried again", hub.address()));
    client.lost().await;
}

#[tokio::test]
async fn half_a_frame_is_waited_for_as_long_as_silence() {
    let (_hub, mut guest, mut client) = live().await;
    guest.0.get_mut().write_all(&[0x81, 126, 0x10, 0, b'{']).await.unwrap();
    time::pause();
    let begun = Instant::now();
    client.lost().await;
    assert!(begun.elapsed() >= Duration::from_secs(54), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn nothing_is_heard_before_the_welcome_but_an_error() {
    let hub = FakeHub::new().await;
    let mut client = Client::start(&hub);
    let mut guest = hub.accept().await;
    guest.hear_hello().await;
    guest.0.send(Message::text(r#"{"type":"left","room":"lobby"}"#)).await.unwrap();
    guest.welcome("Ana").await;
    assert!(matches!(client.next_frame().await, ServerFrame::Welcome(_)));
}

#[tokio::test]
async fn a_second_welcome_ends_it() {
    let (_hub, mut guest, mut client) = live().await;
    guest.welcome("Eve").await;
    let LinkEvent::Stopped { why } = client.next().await else { panic!("no end") };
    assert!(why.ends_with("is not a hubbub"), "{why}");
}

#[tokio::test]
async fn whatever_number_a_close_has_the_client_comes_back_or_says_why_not() {
    for code in [1000, 1001, 1002, 1006, 1011, 1012, 1013, 4000, 4401, 4403, 4408, 4429, 4999] {
        let (hub, mut guest, mut client) = live().await;
        let bytes = [&[0x88, 2][..], &u16::to_be_bytes(code)].concat();
        guest.0.get_mut().write_all(&bytes).await.unwrap();
        drop(guest);
        let is_end =
            |event: &LinkEvent| matches!(event, LinkEvent::Lost { .. } | LinkEvent::Stopped { .. });
        let end = client.next_that(is_end).await;
        assert_eq!(matches!(end, LinkEvent::Stopped { .. }), code == close::FORBIDDEN, "{code}");
        client.link.tell(LinkCommand::Reconnect);
        hub.accept().await.hear_hello().await;
    }
}
