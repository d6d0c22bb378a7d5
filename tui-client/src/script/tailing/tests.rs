//! Reading a room from a hub that cuts pages, forgets, and goes away: each message is printed once,
//! in order, and what is missing is said to be.

use proptest::prelude::*;
use protocol::{Timestamp, server::GapReason};

use super::*;

mod hub;

use hub::{Hub, frame};

fn now(seconds: u64) -> Now {
    Now { mono: Duration::from_secs(seconds), wall: Timestamp(1_764_338_700_000) }
}

/// Somebody who reads there, and what was printed.
struct Reader {
    hub: Hub,
    tailing: Tailing,
    printed: Vec<String>,
    end: Option<(u8, Option<String>)>,
}

impl Reader {
    fn new(hub: Hub, from: From, follows: bool) -> Self {
        Self::until(hub, from, follows, None)
    }

    fn until(hub: Hub, from: From, follows: bool, until: Option<&str>) -> Self {
        let (room, timeout) = (RoomName::lobby(), Some(Duration::from_secs(30)));
        let until = until.map(str::to_owned);
        let wanted = Wanted { room, from, follows, until, timeout };
        let tailing = Tailing::new(wanted, now(0));
        let mut reader = Self { hub, tailing, printed: Vec::new(), end: None };
        reader.greet();
        reader
    }

    fn greet(&mut self) {
        let welcome = self.hub.welcome();
        self.hear(welcome);
    }

    fn hear(&mut self, frame: ServerFrame) {
        for step in self.tailing.hear(frame, now(0)) {
            match step {
                Step::Send(frame) => self.hub.requests.push_back(frame),
                Step::Event(event) => {
                    let kind = if event.target.is_some() { "edit " } else { "" };
                    self.printed.push(format!("{kind}{}", event.seq));
                }
                Step::Gap(gap) => {
                    let why = if gap.reason == GapReason::Epoch { "epoch" } else { "gap" };
                    self.printed.push(format!("{why} {}-{}", gap.from, gap.to));
                }
                Step::End(code, why) => self.end = Some((code, why)),
            }
        }
    }

    fn answer(&mut self) {
        for frame in self.hub.answer() {
            self.hear(frame);
        }
    }

    fn deliver(&mut self) {
        if let Some(frame) = self.hub.deliver() {
            self.hear(frame);
        }
    }

    fn cut(&mut self) {
        self.hub.cut();
        self.tailing.lost(now(0));
        self.greet();
    }

    /// Until nothing more happens.
    fn settle(&mut self) -> &mut Self {
        while !self.hub.requests.is_empty() {
            self.answer();
        }
        while let Some(frame) = self.hub.deliver() {
            self.hear(frame);
        }
        self
    }

    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.printed)
    }
}

fn seq(number: u64) -> From {
    From::Seq(Seq::new(number).unwrap())
}

#[test]
fn the_last_messages_are_printed_and_it_ends() {
    let mut reader = Reader::new(Hub::with(10), From::Last(4), false);
    assert_eq!(reader.settle().take(), ["7", "8", "9", "10"]);
    assert_eq!(reader.end, Some((0, None)));
    let mut few = Reader::new(Hub::with(2), From::Last(4), false);
    assert_eq!(few.settle().take(), ["1", "2"]);
    let mut none = Reader::new(Hub::with(0), From::Last(4), false);
    assert_eq!((none.settle().take(), none.end), (vec![], Some((0, None))));
}

#[test]
fn changes_are_no_messages_in_what_was_said_before() {
    let mut hub = Hub::with(3);
    hub.edit();
    hub.edit();
    let mut reader = Reader::new(hub, From::Last(2), true);
    assert_eq!(reader.settle().take(), ["2", "3"]);
    reader.hub.edit();
    assert_eq!(reader.settle().take(), ["edit 6"]);
}

#[test]
fn from_a_number_on_is_with_it() {
    let mut reader = Reader::new(Hub::with(5), seq(4), false);
    assert_eq!(reader.settle().take(), ["4", "5"]);
    let mut later = Reader::new(Hub::with(5), seq(7), true);
    assert_eq!(later.settle().take(), [""; 0]);
    for _ in 0..3 {
        later.hub.say();
    }
    assert_eq!(later.settle().take(), ["7", "8"]);
}

#[test]
fn who_follows_goes_on_where_the_connection_was_lost() {
    let mut reader = Reader::new(Hub::with(3), From::Last(1), true);
    reader.settle();
    reader.hub.say();
    reader.cut();
    reader.hub.say();
    assert_eq!(reader.settle().take(), ["3", "4", "5"]);
}

#[test]
fn none_of_the_last_is_what_comes_now() {
    let mut reader = Reader::new(Hub::with(3), From::Last(0), true);
    assert_eq!(reader.settle().take(), [""; 0]);
    reader.hub.say();
    assert_eq!(reader.settle().take(), ["4"]);
}

#[test]
fn what_is_no_longer_kept_is_told() {
    let mut hub = Hub::with(6);
    hub.oldest = 4;
    let mut reader = Reader::new(hub, seq(1), true);
    assert_eq!(reader.settle().take(), ["gap 1-3", "4", "5", "6"]);
    reader.hub.cut();
    reader.tailing.lost(now(0));
    reader.hub.log.extend([None; 3]);
    reader.hub.oldest = 9;
    reader.greet();
    assert_eq!(reader.settle().take(), ["gap 7-8", "9"]);
}

#[test]
fn another_history_is_told_and_followed() {
    let mut reader = Reader::new(Hub::with(6), From::Last(1), true);
    assert_eq!(reader.settle().take(), ["6"]);
    reader.hub.log.truncate(2);
    reader.hub.epoch = 2;
    reader.cut();
    assert_eq!(reader.settle().take(), ["epoch 1-2"]);
    reader.hub.say();
    assert_eq!(reader.settle().take(), ["3"]);
}

#[test]
fn it_ends_with_the_text_that_was_waited_for() {
    let mut reader = Reader::until(Hub::with(6), seq(1), true, Some("4."));
    assert_eq!((reader.settle().take().len(), reader.end.take()), (4, Some((0, None))));
    let mut later = Reader::until(Hub::with(2), From::Last(0), true, Some("4."));
    later.settle();
    assert_eq!(later.end, None);
    later.hub.say();
    later.hub.say();
    assert_eq!((later.settle().take().len(), later.end.take()), (2, Some((0, None))));
    let mut never = Reader::until(Hub::with(2), seq(1), false, Some("4."));
    never.settle();
    let why = "no message there contains \"4.\"".to_owned();
    assert_eq!(never.end, Some((1, Some(why))));
}

#[test]
fn it_gives_up_when_the_hub_stays_away() {
    let mut reader = Reader::new(Hub::with(2), From::Last(1), true);
    reader.settle();
    assert_eq!(reader.tailing.deadline(), None);
    reader.tailing.lost(now(5));
    assert_eq!(reader.tailing.deadline(), Some(Duration::from_secs(35)));
    let why = Some("the hub does not come back".to_owned());
    assert_eq!(reader.tailing.tick(now(35)), [Step::End(LOST, why)]);
}

#[test]
fn a_room_that_is_not_there_is_told_or_made() {
    let refusal =
        || frame(r#"{"type":"error","id":"tail","room":"lobby","code":"not_in_room","text":"no"}"#);
    let mut reader = Reader::new(Hub::with(0), From::Last(1), false);
    reader.hear(refusal());
    let why = "there is no room lobby on that hub".to_owned();
    assert_eq!(reader.end, Some((1, Some(why))));
    let mut follower = Reader::new(Hub::with(0), From::Last(1), true);
    follower.hub.requests.clear();
    follower.hear(refusal());
    follower.settle();
    follower.hub.say();
    assert_eq!(follower.settle().take(), ["1"]);
}

#[test]
fn what_is_refused_for_the_moment_is_asked_again() {
    let mut reader = Reader::new(Hub::with(1), From::Last(1), false);
    reader.hub.requests.clear();
    reader.hear(frame(
        r#"{"type":"error","id":"tail","code":"storage","text":"no","retry_after_ms":1000}"#,
    ));
    assert_eq!(reader.tailing.tick(now(0)), []);
    assert_eq!(reader.tailing.tick(now(1)).len(), 1);
}

fn announced(seq: u64) -> ServerFrame {
    frame(&format!(
        r#"{{"type":"event","room":"announcements","seq":{seq},"at":1,"from":"Ana","id":"a{seq}",
            "by":"~00112233445566778899aabbccddeeff","kind":"announcement","text":"noon"}}"#
    ))
}

fn in_announcements(head: u64, id: &str) -> ServerFrame {
    frame(&format!(
        r#"{{"type":"joined"{id},"room":"announcements","topic":"","head":{head},"oldest":1,
            "epoch":"{:016x}","count":0,"members":[],"more":false}}"#,
        1
    ))
}

#[test]
fn what_is_announced_to_everybody_is_printed_also_after_a_loss() {
    let mut reader = Reader::new(Hub::with(1), From::Last(0), true);
    reader.hear(in_announcements(5, ""));
    reader.hear(announced(6));
    reader.answer();
    // Now it follows: what came before that comes again, in order.
    let joins: Vec<ClientFrame> = reader.hub.requests.drain(..).collect();
    let after = |join: &ClientFrame| match join {
        ClientFrame::Join(join) => (join.room.to_string(), join.after.unwrap().get()),
        other => panic!("{other:?}"),
    };
    let wanted = [("lobby".to_owned(), 1), ("announcements".to_owned(), 5)];
    assert_eq!(joins.iter().map(after).collect::<Vec<_>>(), wanted);
    reader.hear(announced(7));
    reader.hear(in_announcements(7, r#","id":"tail""#));
    for seq in 6..=8 {
        reader.hear(announced(seq));
    }
    assert_eq!(reader.take(), ["6", "7", "8"]);
}

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Say,
    Edit,
    Answer,
    Deliver,
    Cut,
    Forget,
}

/// The seqs that a line of [`Reader`] is about.
fn range(line: &str) -> (u64, u64) {
    let number = |text: &str| text.parse().unwrap();
    let words = line.split_once(' ').map_or(line, |(_, words)| words);
    let (from, to) = words.split_once('-').unwrap_or((words, words));
    (number(from), number(to))
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Say),
        1 => Just(Fate::Edit),
        4 => Just(Fate::Answer),
        4 => Just(Fate::Deliver),
        1 => Just(Fate::Cut),
        1 => Just(Fate::Forget),
    ]
}

proptest! {
    #[test]
    fn every_message_is_printed_once_and_in_order_or_is_in_a_gap(
        before in 0_usize..12,
        last in 0_u64..8,
        fates in prop::collection::vec(fate(), 0..120),
    ) {
        let mut reader = Reader::new(Hub::with(before), From::Last(last), true);
        for fate in fates {
            match fate {
                Fate::Say => reader.hub.say(),
                Fate::Edit => reader.hub.edit(),
                Fate::Answer => reader.answer(),
                Fate::Deliver => reader.deliver(),
                Fate::Cut => reader.cut(),
                Fate::Forget => {
                    // Nothing is taken from somebody who is about to get it.
                    let next = reader.hub.cursor.unwrap_or(reader.hub.head() + 1);
                    reader.hub.oldest = (reader.hub.oldest + 1).min(next);
                }
            }
        }
        reader.settle();
        reader.hub.say();
        let printed = reader.settle().take();
        let mut next = None;
        for line in &printed {
            let (from, to) = range(line);
            // Changes of what was said before are in it, and not printed.
            let missing = next.unwrap_or(from)..from;
            let is_change = |seq| reader.hub.log[usize::try_from(seq).unwrap() - 1].is_some();
            prop_assert!(missing.clone().all(is_change), "{missing:?} before {line}: {printed:?}");
            prop_assert!(next.is_none_or(|next| from >= next), "{}: {:?}", line, printed);
            next = Some(to + 1);
        }
        prop_assert_eq!(next, Some(reader.hub.head() + 1), "{:?}", printed);
    }
}
