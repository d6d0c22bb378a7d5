//! Sending against a hub that refuses, forgets, delays and goes away: every line is stored once, in
//! the order of the input, or said to be refused.

use protocol::{Timestamp, codec::decode_server};

use super::*;

mod fates;

fn now(seconds: u64) -> Now {
    Now { mono: Duration::from_secs(seconds), wall: Timestamp(1_764_338_700_000) }
}

fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

fn sending(rooms: &[&str]) -> Sending {
    let destinations = rooms.iter().map(|name| Destination::Room(room(name))).collect();
    Sending::new(destinations, Some(Duration::from_secs(30)), 1, now(0))
}

fn line(number: u64) -> Line {
    Line { number: Some(number), text: Ok(MessageText::parse(&number.to_string()).unwrap()) }
}

fn frame(json: &str) -> ServerFrame {
    decode_server(json).unwrap()
}

fn welcome() -> ServerFrame {
    frame(
        r#"{"type":"welcome","session":1,"name":"Ana","role":"member",
            "identity":"~00112233445566778899aabbccddeeff","server":{"name":"hubbub","version":"0"},
            "hub":"00000000000000000000000000000007","epoch":"9d2b4a1c00ffe3a7",
            "durability":"fsync","now":1,"heartbeat_ms":25000,
            "limits":{"text":4096,"frame":65536,"name":32,"room":64,"topic":300,"note":100,
                      "rooms":128,"page":200,"rate":10,"burst":30},"rooms":[]}"#,
    )
}

fn joined(room: &str) -> ServerFrame {
    frame(&format!(
        r#"{{"type":"joined","id":"join","room":"{room}","topic":"","head":0,"oldest":1,
            "epoch":"9d2b4a1c00ffe3a7","count":1,"members":[],"more":false}}"#
    ))
}

fn ack(id: &RequestId) -> ServerFrame {
    frame(&format!(r#"{{"type":"ack","id":"{id}","room":"lobby","seq":1,"at":1}}"#))
}

fn denial(id: &str, room: &str, retry: Option<u64>) -> ServerFrame {
    let retry = retry.map(|ms| format!(r#","retry_after_ms":{ms}"#)).unwrap_or_default();
    frame(&format!(
        r#"{{"type":"error","id":"{id}","room":"{room}","code":"storage","text":"no"{retry}}}"#
    ))
}

/// What steps are, in short: `join lobby`, `lobby 3`, or a complaint.
fn told(steps: &[Step]) -> Vec<String> {
    let told = |step: &Step| match step {
        Step::Send(ClientFrame::Join(join)) => format!("join {}", join.room),
        Step::Send(ClientFrame::Say(say)) => format!("{} {}", say.room, say.text),
        Step::Send(ClientFrame::Direct(direct)) => format!("{:?} {}", direct.to, direct.text),
        Step::Send(other) => panic!("{other:?}"),
        Step::Complain(sentence) => sentence.clone(),
    };
    steps.iter().map(told).collect()
}

fn id_of(steps: &[Step]) -> RequestId {
    let mut ids = steps.iter().filter_map(|step| match step {
        Step::Send(ClientFrame::Say(say)) => Some(say.id.clone()),
        _ => None,
    });
    ids.next_back().unwrap()
}

/// In the lobby, with these lines read, the first of them on its way.
fn with_lines(count: u64) -> (Sending, RequestId) {
    let mut sending = sending(&["lobby"]);
    for number in 1..=count {
        assert_eq!(sending.take(line(number), now(0)), []);
    }
    assert_eq!(told(&sending.hear(&welcome(), now(0))), ["join lobby"]);
    let steps = sending.hear(&joined("lobby"), now(0));
    assert_eq!(told(&steps), ["lobby 1"]);
    (sending, id_of(&steps))
}

#[test]
fn nobody_comes_in_before_there_is_something_to_say() {
    let mut sending = sending(&["lobby"]);
    assert_eq!(sending.hear(&welcome(), now(0)), []);
    assert_eq!(told(&sending.take(line(1), now(0))), ["join lobby"]);
}

#[test]
fn a_line_goes_when_the_one_before_is_stored() {
    let (mut sending, first) = with_lines(2);
    let steps = sending.hear(&ack(&first), now(1));
    assert_eq!(told(&steps), ["lobby 2"]);
    assert!(!sending.is_settled());
    assert_eq!(sending.hear(&ack(&first), now(1)), []);
    assert_eq!(sending.hear(&ack(&id_of(&steps)), now(1)), []);
    assert!(sending.is_settled() && sending.refused() == 0 && sending.unacked().is_none());
}

#[test]
fn what_was_lost_on_its_way_goes_again_with_the_same_id() {
    let (mut sending, first) = with_lines(2);
    sending.lost();
    assert_eq!(told(&sending.hear(&welcome(), now(2))), ["join lobby"]);
    let steps = sending.hear(&joined("lobby"), now(2));
    assert_eq!((told(&steps), id_of(&steps)), (vec!["lobby 1".to_owned()], first));
}

#[test]
fn a_refused_line_is_told_and_the_rest_goes_on() {
    let (mut sending, first) = with_lines(2);
    let steps = sending.hear(&denial(first.as_str(), "lobby", None), now(1));
    assert_eq!(told(&steps), ["line 1 not sent: no", "lobby 2"]);
    let bad = Line { number: Some(7), text: Err("it is not UTF-8".to_owned()) };
    assert_eq!(told(&sending.take(bad, now(1))), ["line 7 not sent: it is not UTF-8"]);
    assert_eq!(sending.refused(), 2);
}

#[test]
fn a_refusal_for_the_moment_keeps_the_line_and_those_behind_it() {
    let (mut sending, first) = with_lines(2);
    assert_eq!(sending.hear(&denial(first.as_str(), "lobby", Some(5000)), now(1)), []);
    assert_eq!(sending.deadline(), Some(Duration::from_secs(6)));
    assert_eq!(sending.go_on(now(5)), []);
    let steps = sending.go_on(now(6));
    assert_eq!((told(&steps), id_of(&steps)), (vec!["lobby 1".to_owned()], first));
}

#[test]
fn a_room_that_lets_nobody_in_is_told_once_and_ends_it() {
    let mut sending = sending(&["games", "lobby"]);
    sending.hear(&welcome(), now(0));
    assert_eq!(told(&sending.take(line(1), now(0))), ["join games", "join lobby"]);
    let steps = sending.hear(&denial("join", "games", None), now(1));
    assert_eq!(told(&steps), ["nothing goes to games: no"]);
    assert!(!sending.is_hopeless());
    sending.hear(&denial("join", "lobby", None), now(1));
    assert!(sending.is_hopeless() && sending.is_settled() && sending.refused() == 2);
}

#[test]
fn every_room_gets_every_line() {
    let mut sending = sending(&["games", "lobby"]);
    sending.hear(&welcome(), now(0));
    sending.take(line(1), now(0));
    assert_eq!(told(&sending.hear(&joined("lobby"), now(0))), ["lobby 1"]);
    assert_eq!(told(&sending.hear(&joined("games"), now(0))), ["games 1"]);
}

#[test]
fn what_is_for_one_person_needs_no_room() {
    let to = Destination::Person(UserName::parse("Bob").unwrap());
    let mut sending = Sending::new(vec![to], None, 1, now(0));
    sending.take(line(1), now(0));
    let steps = sending.hear(&welcome(), now(0));
    assert_eq!(told(&steps), [r#"Name(UserName("Bob")) 1"#]);
    assert_eq!(sending.deadline(), None);
}

#[test]
fn it_gives_up_when_nothing_is_stored_and_says_from_which_line_on() {
    let (mut sending, first) = with_lines(3);
    assert_eq!(sending.deadline(), Some(Duration::from_secs(30)));
    sending.hear(&ack(&first), now(20));
    sending.lost();
    assert!(!sending.is_overdue(now(49)) && sending.is_overdue(now(50)));
    let rest = "line 2 is the first that the hub has not confirmed";
    assert_eq!(sending.unacked().as_deref(), Some(rest));
}

#[test]
fn to_wait_for_the_input_is_not_to_wait_for_the_hub() {
    let mut sending = sending(&["lobby"]);
    sending.hear(&welcome(), now(0));
    assert_eq!(sending.deadline(), None);
    sending.take(line(1), now(100));
    assert_eq!(sending.deadline(), Some(Duration::from_secs(130)));
}

#[test]
fn no_more_is_read_than_the_bound() {
    let mut sending = sending(&["lobby"]);
    let taken = (1..).take_while(|number| {
        let has_room = sending.has_room();
        sending.take(line(*number), now(0));
        has_room
    });
    assert_eq!(taken.count(), UNACKED_MAX);
}
