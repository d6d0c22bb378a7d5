//! What holds whatever anybody does; the harness checks most of it at every step.

use proptest::prelude::*;
use protocol::{Addressee, Identity, SessionId, UserName, server::Role};

use super::harness::{HubHarness, direct, join, name, read, room, say, secret, typing};
use crate::{
    hub::asking::{AskId, Question},
    ledger::TokenHash,
};

const NAMES: [&str; 5] = ["Ana", "ana", "Bob", "Cyd", "Dan"];
const ROOMS: [&str; 4] = ["lobby", "games", "zoo", "announcements"];

/// One thing that happens. Numbers choose among what there is at that moment.
#[derive(Clone, Debug)]
enum Step {
    Connect,
    Hello { session: usize, who: Option<usize>, name: usize },
    Visit { session: usize, name: usize, room: usize },
    Send { session: usize, json: String },
    Close { session: usize, clean: bool },
    HelloOverdue { session: usize },
    CaughtUp { session: usize, room: usize },
    Wait { ms: u64 },
    Answer,
    Fill { is_full: bool },
    Ask(Question),
}

fn step() -> impl Strategy<Value = Step> {
    let session = 0..8_usize;
    let hello = (session.clone(), proptest::option::weighted(0.7, 0..4_usize), 0..NAMES.len());
    prop_oneof![
        3 => Just(Step::Connect),
        6 => hello.prop_map(|(session, who, name)| Step::Hello { session, who, name }),
        3 => (session.clone(), 0..NAMES.len(), 0..ROOMS.len())
            .prop_map(|(session, name, room)| Step::Visit { session, name, room }),
        20 => (session.clone(), request()).prop_map(|(session, json)| Step::Send { session, json }),
        2 => (session.clone(), any::<bool>())
            .prop_map(|(session, clean)| Step::Close { session, clean }),
        1 => session.clone().prop_map(|session| Step::HelloOverdue { session }),
        1 => (session, 0..ROOMS.len()).prop_map(|(session, room)| Step::CaughtUp { session, room }),
        4 => prop_oneof![Just(1_u64), Just(60), Just(150), Just(6000), Just(61_000)]
            .prop_map(|ms| Step::Wait { ms }),
        8 => Just(Step::Answer),
        1 => any::<bool>().prop_map(|is_full| Step::Fill { is_full }),
        4 => question().prop_map(Step::Ask),
    ]
}

fn question() -> impl Strategy<Value = Question> {
    let called = || (0..NAMES.len()).prop_map(|place| UserName::parse(NAMES[place]).unwrap());
    let hash = (0..3_u8).prop_map(|secret| TokenHash::of(&secret.to_string()));
    let role = || prop_oneof![Just(Role::Operator), Just(Role::Member)];
    let identity = (0..4_u8).prop_map(|who| Identity::of(&secret(&who.to_string())));
    prop_oneof![
        2 => (called(), role())
            .prop_map(|(name, role)| Question::Appoint { whom: Addressee::Name(name), role }),
        2 => (identity, role())
            .prop_map(|(who, role)| Question::Appoint { whom: Addressee::Identity(who), role }),
        2 => (hash.clone(), called())
            .prop_map(|(hash, name)| Question::IssueToken { hash, name, rooms: Vec::new() }),
        1 => hash.prop_map(Question::KnowToken),
        1 => called().prop_map(Question::RevokeToken),
        1 => Just(Question::ListTokens),
    ]
}

fn request() -> impl Strategy<Value = String> {
    let place = || (0..ROOMS.len()).prop_map(|place| ROOMS[place]);
    let called = || (0..NAMES.len()).prop_map(|place| NAMES[place]);
    let id = || 0..1000_u32;
    prop_oneof![
        6 => place().prop_map(join),
        2 => (place(), 0..9_u32).prop_map(|(place, after)| {
            format!(r#"{{"type":"join","room":"{place}","after":{after}}}"#)
        }),
        2 => place().prop_map(|place| format!(r#"{{"type":"leave","room":"{place}"}}"#)),
        6 => (place(), id()).prop_map(|(place, id)| say(place, &format!("m{id}"), "x")),
        3 => (called(), id()).prop_map(|(to, id)| direct(to, &format!("d{id}"), "x")),
        3 => called().prop_map(name),
        2 => (proptest::option::of(place()), id()).prop_map(|(place, id)| {
            let room = place.map(|place| format!(r#","room":"{place}""#)).unwrap_or_default();
            format!(r#"{{"type":"announce","id":"a{id}","text":"x"{room}}}"#)
        }),
        1 => (place(), id()).prop_map(|(place, id)| {
            format!(r#"{{"type":"topic","room":"{place}","id":"t{id}","text":"x"}}"#)
        }),
        2 => (place(), id(), 1..9_u32).prop_map(|(place, id, seq)| {
            format!(r#"{{"type":"edit","room":"{place}","id":"e{id}","seq":{seq},"text":"y"}}"#)
        }),
        2 => (place(), id(), 1..9_u32).prop_map(|(place, id, seq)| {
            format!(r#"{{"type":"delete","room":"{place}","id":"x{id}","seq":{seq}}}"#)
        }),
        2 => any::<bool>().prop_map(|is_away| {
            let text = if is_away { r#","text":"tea""# } else { "" };
            format!(r#"{{"type":"away"{text}}}"#)
        }),
        1 => place().prop_map(|place| {
            format!(r#"{{"type":"history","room":"{place}","limit":3}}"#)
        }),
        1 => place().prop_map(|place| format!(r#"{{"type":"who","room":"{place}"}}"#)),
        1 => called().prop_map(|who| format!(r#"{{"type":"who","name":"{who}"}}"#)),
        1 => Just(r#"{"type":"rooms","limit":3}"#.to_owned()),
        1 => Just(r#"{"type":"ping"}"#.to_owned()),
        2 => place().prop_map(typing),
        3 => (place(), 0..12_u64).prop_map(|(place, seq)| read(place, seq)),
        1 => Just("nonsense".to_owned()),
    ]
}

/// Does it; what was asked that way is to be answered.
fn run(hub: &mut HubHarness, step: Step, asked: &mut Vec<AskId>) {
    let sessions = hub.sessions();
    let pick = |place: usize| sessions.get(place % sessions.len().max(1)).copied();
    let with = |place: usize, act: &mut dyn FnMut(SessionId)| {
        if let Some(session) = pick(place) {
            act(session);
        }
    };
    match step {
        Step::Connect if sessions.len() < 8 => drop(hub.connect()),
        Step::Connect => {}
        Step::Hello { session, who: Some(who), name } => with(session, &mut |session| {
            hub.send(session, &HubHarness::hello(&who.to_string(), NAMES[name]));
        }),
        Step::Hello { session, who: None, name } => with(session, &mut |session| {
            hub.send(session, &format!(r#"{{"type":"hello","name":"{}"}}"#, NAMES[name]));
        }),
        Step::Visit { session, name, room } => with(session, &mut |session| {
            hub.visit_by(session, NAMES[name], ROOMS[room], 3);
        }),
        Step::Send { session, json } => with(session, &mut |session| hub.send(session, &json)),
        Step::Close { session, clean } => {
            with(session, &mut |session| hub.close(session, clean));
        }
        Step::HelloOverdue { session } => with(session, &mut |session| hub.hello_overdue(session)),
        Step::CaughtUp { session, room: place } => {
            with(session, &mut |session| hub.caught_up(session, &room(ROOMS[place])));
        }
        Step::Wait { ms } => hub.advance_ms(ms),
        Step::Answer => drop(hub.answer_one()),
        Step::Fill { is_full } => hub.ledger.is_full = is_full,
        Step::Ask(question) => asked.push(hub.question(question)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No panic; every request and every question is answered once; events follow `joined`
    /// without a hole and stop at `left`; frames fit; typing is told once a second; read markers
    /// never go back; in the end everyone sees those who are there.
    #[test]
    fn whatever_happens_answers_order_and_presence_hold(
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let mut hub = HubHarness::new();
        hub.holds_ledger = true;
        let mut asked = Vec::new();
        for step in steps {
            run(&mut hub, step, &mut asked);
        }
        hub.check_settled();
        prop_assert!(asked.into_iter().all(|ask| hub.answer_to(ask).is_some()));
    }
}
