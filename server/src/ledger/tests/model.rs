//! Whatever is proposed, in whatever batches, with whatever restarts: the ledger says what a
//! small model says.

use std::collections::HashMap;

use proptest::prelude::*;
use protocol::EventKind;

use super::*;

/// What the log is to an observer, without a database.
#[derive(Default)]
struct Model {
    heads: HashMap<RoomName, u64>,
    /// Whose each message is that is there, by its place, and how it reads.
    messages: HashMap<(RoomName, u64), (u8, String)>,
    /// What was stored under a key, and where.
    stored: HashMap<(u8, String), (Act, RoomName, u64)>,
    /// The names of each person, the current one first.
    names: HashMap<u8, Vec<String>>,
}

/// What a decision comes to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Stored(RoomName, u64),
    Known(RoomName, u64),
    Claimed(String),
    Refused(ErrorCode),
}

impl Model {
    fn decide(&mut self, by: u8, act: &Act) -> Verdict {
        let Some(id) = act.id() else { return self.claim(by, act) };
        let key = (by, id.to_string());
        if let Some((first, room, number)) = self.stored.get(&key) {
            if self.is_same(first, act, (room, *number))
                || self.is_same_direct(by, first, act, room)
            {
                return Verdict::Known(room.clone(), *number);
            }
            return Verdict::Refused(ErrorCode::IdReused);
        }
        match self.room(by, act) {
            Ok(room) => {
                let head = self.heads.entry(room.clone()).or_default();
                *head += 1;
                let number = *head;
                self.stored.insert(key, (act.clone(), room.clone(), number));
                self.change(by, act, (&room, number));
                Verdict::Stored(room, number)
            }
            Err(code) => Verdict::Refused(code),
        }
    }

    /// What an act that is stored does to messages.
    fn change(&mut self, by: u8, act: &Act, (room, number): (&RoomName, u64)) {
        match act {
            Act::Say { text, .. } | Act::Direct { text, .. } => {
                self.messages.insert((room.clone(), number), (by, text.to_string()));
            }
            Act::Edit { seq, text, .. } => {
                let message = self.messages.get_mut(&(room.clone(), seq.get()));
                message.unwrap().1 = text.to_string();
            }
            Act::Delete { seq, .. } => {
                self.messages.remove(&(room.clone(), seq.get()));
            }
            _ => {}
        }
    }

    /// Whether nothing is left of the words that were stored at a place.
    fn is_erased(&self, act: &Act, (room, number): (&RoomName, u64)) -> bool {
        let message = match act {
            Act::Say { .. } => number,
            Act::Edit { seq, .. } => seq.get(),
            _ => return false,
        };
        !self.messages.contains_key(&(room.clone(), message))
    }

    /// Whether both are the same, as far as anything is left of the first.
    fn is_same(&self, first: &Act, act: &Act, place: (&RoomName, u64)) -> bool {
        let mut first = first.clone();
        if self.is_erased(&first, place) {
            match (&mut first, act) {
                (Act::Say { text: first, .. }, Act::Say { text, .. })
                | (Act::Edit { text: first, .. }, Act::Edit { text, .. }) => {
                    first.clone_from(text);
                }
                _ => {}
            }
        }
        first == *act
    }

    /// Whether both are the same words to the same person by two of their names.
    fn is_same_direct(&self, by: u8, first: &Act, act: &Act, room: &RoomName) -> bool {
        match (first, act) {
            (Act::Direct { text: first, .. }, Act::Direct { text, .. }) => {
                first == text && self.room(by, act).as_ref() == Ok(room)
            }
            _ => false,
        }
    }

    fn room(&self, by: u8, act: &Act) -> Result<RoomName, ErrorCode> {
        if let Some((room, seq)) = act.target() {
            return match self.messages.get(&(room.clone(), seq.get())) {
                Some((author, _)) if *author == by => Ok(room.clone()),
                Some(_) => Err(ErrorCode::Forbidden),
                None => Err(ErrorCode::NoSuchMessage),
            };
        }
        let Act::Direct { to: Addressee::Name(to), .. } = act else {
            let (Act::Say { room, .. } | Act::SetTopic { room, .. }) = act else { unreachable!() };
            let reply_to = if let Act::Say { reply_to, .. } = act { *reply_to } else { None };
            let head = self.heads.get(room).copied().unwrap_or(0);
            return match reply_to {
                Some(seq) if seq.get() > head => Err(ErrorCode::NoSuchMessage),
                _ => Ok(room.clone()),
            };
        };
        let owner =
            self.names.iter().find(|(_, names)| names.iter().any(|name| name == to.as_str()));
        match owner {
            Some((owner, _)) if *owner != by => Ok(RoomName::private(&person(by), &person(*owner))),
            _ => Err(ErrorCode::NoSuchUser),
        }
    }

    fn claim(&mut self, by: u8, act: &Act) -> Verdict {
        let Act::Claim { name, only_first } = act else { unreachable!() };
        let name = name.as_str().to_owned();
        let mut others = self.names.iter().filter(|(owner, _)| **owner != by);
        let is_taken = others.any(|(_, names)| names.contains(&name));
        let own = self.names.entry(by).or_default();
        match own.first() {
            Some(current) if *only_first || *current == name => Verdict::Claimed(current.clone()),
            _ if is_taken => Verdict::Refused(ErrorCode::NameTaken),
            _ => {
                own.retain(|former| *former != name);
                own.insert(0, name.clone());
                own.truncate(1 + FORMER_NAMES_MAX);
                Verdict::Claimed(name)
            }
        }
    }
}

fn verdict(decision: &Decision) -> Verdict {
    match decision {
        Decision::Stored { event, .. } => Verdict::Stored(event.room.clone(), event.seq.get()),
        Decision::Known { room, seq, .. } => Verdict::Known(room.clone(), seq.get()),
        Decision::Claimed { name, .. } => Verdict::Claimed(name.as_str().to_owned()),
        Decision::Refused { refusal, .. } => Verdict::Refused(refusal.code),
        other => panic!("nobody asked for that: {other:?}"),
    }
}

/// Few values for everything, so that ids, names and rooms often meet.
fn any_act() -> impl Strategy<Value = Act> {
    let id = || (0..25_u8).prop_map(|id| format!("id{id}"));
    let room = || prop_oneof![Just("lobby"), Just("games")];
    let text = || prop_oneof![Just("tea"), Just("milk")];
    let name = || (0..6_u8).prop_map(|name| format!("n{name}"));
    let reply_to = proptest::option::of(1..6_u64);
    let target = || 1..12_u64;
    prop_oneof![
        4 => (room(), id(), text(), reply_to).prop_map(|(r, i, t, to)| answer(r, &i, t, to)),
        1 => (room(), id(), text()).prop_map(|(r, i, t)| topic(r, &i, t)),
        2 => (room(), id(), target(), text()).prop_map(|(r, i, n, t)| edit(r, &i, n, t)),
        1 => (room(), id(), target()).prop_map(|(r, i, n)| delete(r, &i, n)),
        2 => (name(), id(), text()).prop_map(|(n, i, t)| direct(&n, &i, t)),
        1 => name().prop_map(|name| claim(&name)),
        1 => name().prop_map(|name| hello(&name)),
    ]
}

/// Proposals between two restarts; the same person often, so that retries happen.
fn any_life() -> impl Strategy<Value = Vec<(u8, Act)>> {
    proptest::collection::vec((1..4_u8, any_act()), 0..80)
}

fn check_logs(bench: &Bench, model: &Model) {
    for (room, head) in &model.heads {
        let page = bench.read(room.as_str(), PageRange::After(Seq::ZERO), 10_000);
        let seqs: Vec<u64> = page.events.iter().map(|event| event.seq.get()).collect();
        assert_eq!(seqs, (1..=*head).collect::<Vec<_>>(), "{room}");
        for event in &page.events {
            let by = (1..4).find(|by| person(*by) == event.by).unwrap();
            let (_, kept_room, number) = &model.stored[&(by, event.id.to_string())];
            assert_eq!((kept_room, *number), (room, event.seq.get()));
            check_words(event, model);
        }
    }
}

/// A message reads as its last edit has it; of one that was deleted nothing is left.
fn check_words(event: &RoomEvent, model: &Model) {
    let message = event.target.unwrap_or(event.seq).get();
    let message = model.messages.get(&(event.room.clone(), message));
    let text = event.text.as_ref().map(MessageText::as_str);
    match event.kind {
        EventKind::Message => {
            assert_eq!(text, message.map(|(_, text)| text.as_str()), "{event:?}");
            assert_eq!(event.deleted.is_some(), message.is_none(), "{event:?}");
        }
        EventKind::Edit => assert_eq!(text.is_some(), message.is_some(), "{event:?}"),
        EventKind::Delete => assert_eq!((text, message), (None, None), "{event:?}"),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_ledger_says_what_the_model_says(lives in proptest::collection::vec(any_life(), 1..4)) {
        let home = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        for life in lives {
            let mut bench = Bench::open(&directory(home.path()));
            for (by, act) in &life {
                let ledger = bench.ledger.as_ref().unwrap();
                ledger.propose(vec![proposal(0, *by, act.clone())]).unwrap();
            }
            for (by, act) in &life {
                assert_eq!(verdict(&bench.next()), model.decide(*by, act), "{by}: {act:?}");
            }
            check_logs(&bench, &model);
            bench.stop().unwrap();
        }
    }
}
