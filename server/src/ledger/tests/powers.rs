//! Operators, tokens, and what they may do.

use protocol::EventKind;

use super::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn refusal(decision: Decision) -> Refusal {
    match decision {
        Decision::Refused { refusal, .. } => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn kind(decision: &Decision) -> EventKind {
    stored(decision).0.kind
}

/// What the program with the token of this secret proposes.
fn by_token(bench: &mut Bench, secret: &str, act: Act) -> Decision {
    let by = TokenHash::of(secret).identity();
    bench.propose(Proposal { by, ..proposal(0, 0, act) })
}

fn issue_at(bench: &mut Bench, at: i64, secret: &str, name: &str, rooms: &[&str]) -> Decision {
    bench.propose(proposal(at, 0, issue(secret, name, rooms)))
}

fn issued(bench: &mut Bench, secret: &str, name: &str, rooms: &[&str]) {
    let decision = issue_at(bench, 0, secret, name, rooms);
    assert!(matches!(&decision, Decision::Issued(token) if token.name.as_str() == name));
}

/// Ana (1) is an operator, Bob (2) is not.
fn with_operator(storage: &Storage) -> Bench {
    let mut bench = Bench::open(storage);
    bench.ask(1, hello("Ana"));
    bench.ask(2, hello("Bob"));
    let decision = bench.ask(1, appoint(1, Role::Operator));
    assert_eq!(decision, Decision::Appointed { who: person(1), role: Role::Operator });
    bench
}

#[test]
fn an_operator_announces_to_a_room_and_to_everyone() {
    let mut bench = with_operator(&Storage::Memory);
    for room in ["lobby", "announcements"] {
        let decision = bench.ask(1, announce(room, room, "noon"));
        let (event, _) = stored(&decision);
        assert_eq!(
            (event.kind, event.seq, event.from.as_str()),
            (EventKind::Announcement, seq(1), "Ana")
        );
        assert_eq!(bench.log(room).as_slice(), std::slice::from_ref(event));
    }
}

#[test]
fn whatever_an_operator_says_in_announcements_is_an_announcement() {
    let mut bench = with_operator(&Storage::Memory);
    assert_eq!(kind(&bench.ask(1, say("announcements", "a", "noon"))), EventKind::Announcement);
    assert_eq!(kind(&bench.ask(1, say("lobby", "b", "noon"))), EventKind::Message);
}

#[test]
fn others_are_told_who_may_announce_and_how_they_could() {
    let mut bench = with_operator(&Storage::Memory);
    for act in [
        announce("announcements", "a", "noon"),
        announce("lobby", "b", "noon"),
        say("announcements", "c", "noon"),
        topic("announcements", "d", "noon"),
    ] {
        let refusal = refusal(bench.ask(2, act));
        assert_eq!(refusal.code, ErrorCode::Forbidden);
        assert!(refusal.text.contains("`hubbub-server operator Bob`"), "{}", refusal.text);
    }
    assert_eq!(bench.log("announcements"), []);
}

#[test]
fn a_role_counts_from_its_place_in_the_log_on() {
    let mut bench = with_operator(&Storage::Memory);
    let batch = [
        (2, announce("lobby", "a", "too early")),
        (2, appoint(2, Role::Operator)),
        (2, announce("lobby", "a", "noon")),
        (1, appoint(2, Role::Member)),
        (2, announce("lobby", "b", "too late")),
    ];
    let batch = batch.map(|(by, act)| proposal(0, by, act)).into();
    bench.ledger.as_ref().unwrap().propose(batch).unwrap();
    assert_eq!(refused(&bench.next()), ErrorCode::Forbidden);
    bench.next();
    assert_eq!(stored_seq(&bench.next()), 1);
    bench.next();
    assert_eq!(refused(&bench.next()), ErrorCode::Forbidden);
}

#[test]
fn an_announcement_that_is_sent_again_is_known_and_with_other_words_it_is_not() {
    let mut bench = with_operator(&Storage::Memory);
    bench.ask(1, announce("lobby", "a", "noon"));
    bench.ask(1, announce("announcements", "b", "noon"));
    bench.ask(1, say("lobby", "c", "noon"));
    bench.ask(1, appoint(1, Role::Member));
    let known =
        |room: &str| Decision::Known { room: room_name(room), seq: seq(1), at: Timestamp(0) };
    assert_eq!(bench.ask(1, announce("lobby", "a", "noon")), known("lobby"));
    for act in [announce("announcements", "b", "noon"), say("announcements", "b", "noon")] {
        assert_eq!(bench.ask(1, act), known("announcements"));
    }
    for other in [
        announce("lobby", "a", "one"),
        announce("games", "a", "noon"),
        announce("announcements", "a", "noon"),
        say("lobby", "a", "noon"),
        announce("lobby", "c", "noon"),
        announce("lobby", "b", "noon"),
    ] {
        assert_eq!(refused(&bench.ask(1, other.clone())), ErrorCode::IdReused, "{other:?}");
    }
}

#[test]
fn operators_edit_and_delete_announcements_and_who_is_none_any_more_only_deletes_them() {
    let mut bench = with_operator(&Storage::Memory);
    bench.ask(1, announce("lobby", "a", "noon"));
    bench.ask(1, announce("announcements", "b", "noon"));
    bench.ask(2, appoint(2, Role::Operator));
    assert_eq!(stored_seq(&bench.ask(2, edit("lobby", "x", 1, "one"))), 2);
    assert_eq!(stored_seq(&bench.ask(2, edit("announcements", "y", 1, "one"))), 2);
    assert_eq!(stored_seq(&bench.ask(2, delete("announcements", "z", 1))), 3);
    assert_eq!(bench.log("announcements")[0].text, None);
    bench.ask(1, appoint(1, Role::Member));
    assert_eq!(refused(&bench.ask(1, edit("lobby", "x", 1, "two"))), ErrorCode::Forbidden);
    assert_eq!(stored_seq(&bench.ask(1, delete("lobby", "y", 1))), 3);
}

#[test]
fn a_private_room_has_no_announcements() {
    let mut bench = with_operator(&Storage::Memory);
    bench.ask(1, direct("Bob", "a", "hi"));
    let room = RoomName::private(&person(1), &person(2));
    let decision = bench.ask(1, announce(room.as_str(), "b", "noon"));
    assert_eq!(refused(&decision), ErrorCode::RoomInvalid);
}

#[test]
fn only_who_was_here_can_be_appointed() {
    let mut bench = Bench::open(&Storage::Memory);
    let refusal = refusal(bench.ask(1, appoint(1, Role::Operator)));
    assert_eq!(refusal.code, ErrorCode::NoSuchUser);
    assert!(refusal.text.contains("join once"), "{}", refusal.text);
    issued(&mut bench, "s", "bot", &[]);
    let bot = Act::Appoint { who: TokenHash::of("s").identity(), role: Role::Operator };
    assert_eq!(refused(&bench.ask(1, bot)), ErrorCode::Forbidden);
}

#[test]
fn roles_and_tokens_outlive_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = with_operator(&directory(home.path()));
    issued(&mut bench, "s", "bot", &["games", "lobby"]);
    issued(&mut bench, "t", "gone", &[]);
    bench.ask(1, revoke("gone"));
    bench.stop().unwrap();
    assert_eq!(verify(home.path()).unwrap().faults, [""; 0]);
    let mut bench = Bench::open(&directory(home.path()));
    let ana = bench.snapshot.people.iter().find(|person| person.name.as_str() == "Ana").unwrap();
    assert_eq!(ana.role, Role::Operator);
    let [token] = &*bench.snapshot.tokens else { panic!("{:?}", bench.snapshot.tokens) };
    assert_eq!((token.name.as_str(), &token.identity), ("bot", &TokenHash::of("s").identity()));
    assert_eq!(token.rooms, ["games", "lobby"].map(room_name));
    assert_eq!(stored_seq(&bench.ask(1, announce("lobby", "a", "noon"))), 1);
    assert_eq!(stored_seq(&by_token(&mut bench, "s", say("lobby", "a", "hi"))), 2);
    let gone = by_token(&mut bench, "t", say("lobby", "a", "hi"));
    assert_eq!(refused(&gone), ErrorCode::Forbidden, "a revoked one is no guest");
    bench.stop().unwrap();
}

#[test]
fn a_token_says_something_in_its_rooms_under_its_own_name() {
    let mut bench = Bench::open(&Storage::Memory);
    issued(&mut bench, "s", "bot", &["games"]);
    let decision = by_token(&mut bench, "s", say("games", "a", "hi"));
    let (event, _) = stored(&decision);
    assert_eq!((event.from.as_str(), &event.by), ("bot", &TokenHash::of("s").identity()));
    for act in [
        say("lobby", "b", "hi"),
        say("announcements", "b", "hi"),
        announce("games", "b", "hi"),
        announce("announcements", "b", "hi"),
    ] {
        let decision = by_token(&mut bench, "s", act.clone());
        assert_eq!(refused(&decision), ErrorCode::Forbidden, "{act:?}");
    }
}

#[test]
fn a_token_for_all_rooms_announces_and_writes_to_nobody_alone() {
    let mut bench = Bench::open(&Storage::Memory);
    bench.ask(1, hello("Ana"));
    issued(&mut bench, "s", "bot", &[]);
    assert_eq!(kind(&by_token(&mut bench, "s", say("games", "a", "hi"))), EventKind::Message);
    for (id, room) in [("b", "games"), ("c", "announcements")] {
        let decision = by_token(&mut bench, "s", announce(room, id, "noon"));
        assert_eq!(kind(&decision), EventKind::Announcement);
    }
    assert_eq!(
        refused(&by_token(&mut bench, "s", direct("Ana", "d", "psst"))),
        ErrorCode::Forbidden
    );
    assert_eq!(stored(&bench.ask(1, direct("bot", "d", "psst"))).0.seq, seq(1));
    let room = RoomName::private(&person(1), &TokenHash::of("s").identity());
    let back = by_token(&mut bench, "s", say(room.as_str(), "e", "yes?"));
    assert_eq!(refused(&back), ErrorCode::Forbidden);
}

#[test]
fn a_token_is_for_public_rooms_that_need_not_be_there() {
    let mut bench = Bench::open(&Storage::Memory);
    let private = RoomName::private(&person(1), &person(2));
    for room in ["announcements", private.as_str()] {
        let decision = issue_at(&mut bench, 0, "s", "bot", &["lobby", room]);
        assert_eq!(refused(&decision), ErrorCode::RoomInvalid, "{room}");
    }
    issued(&mut bench, "s", "bot", &["nowhere"]);
}

#[test]
fn a_revoked_token_is_refused_from_its_place_in_the_log_on() {
    let mut bench = Bench::open(&Storage::Memory);
    issued(&mut bench, "s", "bot", &[]);
    let by = TokenHash::of("s").identity();
    let say = |id: &str| Proposal { by: by.clone(), ..proposal(0, 0, say("lobby", id, "hi")) };
    let batch = vec![say("a"), proposal(0, 0, revoke("BOT")), say("b"), say("a")];
    bench.ledger.as_ref().unwrap().propose(batch).unwrap();
    assert_eq!(stored_seq(&bench.next()), 1);
    assert!(matches!(bench.next(), Decision::Revoked(token) if token.revoked.is_some()));
    let refusal = refusal(bench.next());
    assert!(
        refusal.code == ErrorCode::Forbidden && refusal.text.contains("revoked"),
        "{refusal:?}"
    );
    assert!(matches!(bench.next(), Decision::Known { .. }), "what it said stays");
    assert_eq!(refused(&bench.ask(0, revoke("bot"))), ErrorCode::NoSuchUser);
}

#[test]
fn a_token_gets_no_name_that_is_somebody_elses_and_keeps_its_own_while_it_counts() {
    let mut bench = Bench::open(&Storage::Memory);
    bench.ask(1, hello("Ana"));
    assert_eq!(refused(&issue_at(&mut bench, 0, "s", "ana", &[])), ErrorCode::NameTaken);
    issued(&mut bench, "s", "bot", &[]);
    assert_eq!(refused(&issue_at(&mut bench, 0, "t", "Bot", &[])), ErrorCode::NameTaken);
    let claimed = bench.ask_at(400 * DAY, 2, claim("bot"));
    assert_eq!(refused(&claimed), ErrorCode::NameTaken, "it never lapses");
    bench.ask_at(400 * DAY, 0, revoke("bot"));
    let claimed = bench.ask_at(430 * DAY, 2, claim("bot"));
    assert_eq!(refused(&claimed), ErrorCode::NameTaken, "kept like anybody's who has gone");
    assert!(matches!(bench.ask_at(431 * DAY, 2, claim("bot")), Decision::Claimed { .. }));
}

#[test]
fn a_new_token_may_have_the_name_of_a_revoked_one_at_once() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    issued(&mut bench, "s", "bot", &[]);
    bench.ask(0, revoke("bot"));
    issued(&mut bench, "t", "bot", &[]);
    assert_eq!(stored_seq(&by_token(&mut bench, "t", say("lobby", "a", "hi"))), 1);
    assert_eq!(refused(&by_token(&mut bench, "s", say("lobby", "b", "hi"))), ErrorCode::Forbidden);
    bench.stop().unwrap();
    assert_eq!(verify(home.path()).unwrap().faults, [""; 0]);
    assert_eq!(Bench::open(&directory(home.path())).snapshot.tokens.len(), 1);
}

#[test]
fn issuing_the_same_again_changes_nothing_and_a_secret_is_one_tokens() {
    let mut bench = Bench::open(&Storage::Memory);
    let first = issue_at(&mut bench, 1, "s", "bot", &["lobby"]);
    assert_eq!(issue_at(&mut bench, 2, "s", "bot", &["lobby"]), first);
    for (name, rooms) in [("other", &["lobby"][..]), ("bot", &[])] {
        assert_eq!(refused(&issue_at(&mut bench, 3, "s", name, rooms)), ErrorCode::IdReused);
    }
    bench.ask(0, revoke("bot"));
    let again = issue_at(&mut bench, 4, "s", "bot", &["lobby"]);
    assert_eq!(refused(&again), ErrorCode::IdReused, "a secret that may be known to others");
}

#[test]
fn what_is_shown_of_a_token_is_not_its_hash() {
    let hash = TokenHash::of("s");
    assert_eq!(hash, TokenHash::of("s"));
    assert_ne!(hash, TokenHash::of("t"));
    let shown = [format!("{hash:?}"), hash.identity().to_string()];
    let [first, second, third, ..] = *hash.as_bytes();
    let beginning = format!("{first:02x}{second:02x}{third:02x}");
    assert!(shown.iter().all(|shown| !shown.contains(&beginning)), "{shown:?}");
}
