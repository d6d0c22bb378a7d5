//! Whatever is proposed, in whatever batches, with whatever restarts: the ledger says what a
//! small model says.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// What the log is to an observer, without a database.
#[derive(Default)]
struct Model {
    heads: HashMap<RoomName, u64>,
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
            if first == act || self.is_same_direct(by, first, act, room) {
                return Verdict::Known(room.clone(), *number);
            }
            return Verdict::Refused(ErrorCode::IdReused);
        }
        match self.room(by, act) {
            Ok(room) => {
                let head = self.heads.entry(room.clone()).or_default();
                *head += 1;
                self.stored.insert(key, (act.clone(), room.clone(), *head));
                Verdict::Stored(room, *head)
            }
            Err(code) => Verdict::Refused(code),
        }
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
    }
}

/// Few values for everything, so that ids, names and rooms often meet.
fn any_act() -> impl Strategy<Value = Act> {
    let id = || (0..25_u8).prop_map(|id| format!("id{id}"));
    let room = || prop_oneof![Just("lobby"), Just("games")];
    let text = || prop_oneof![Just("tea"), Just("milk")];
    let name = || (0..6_u8).prop_map(|name| format!("n{name}"));
    let reply_to = proptest::option::of(1..6_u64);
    prop_oneof![
        4 => (room(), id(), text(), reply_to).prop_map(|(r, i, t, to)| answer(r, &i, t, to)),
        1 => (room(), id(), text()).prop_map(|(r, i, t)| topic(r, &i, t)),
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
        }
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
