//! Who owns which name.

use super::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn memory() -> Bench {
    Bench::open(&Storage::Memory)
}

fn restarted(bench: Bench, storage: &Storage) -> Bench {
    bench.stop().unwrap();
    Bench::open(storage)
}

#[test]
fn the_first_name_counts_only_once_and_can_be_changed() {
    let mut bench = memory();
    assert_eq!(claimed(&bench.ask(1, hello("Ana"))), ("Ana", None));
    assert_eq!(claimed(&bench.ask(1, hello("Bea"))), ("Ana", Some("Ana")));
    assert_eq!(claimed(&bench.ask(1, claim("Bea"))), ("Bea", Some("Ana")));
    assert_eq!(claimed(&bench.ask(1, claim("Bea"))), ("Bea", Some("Bea")));
    assert_eq!(claimed(&bench.ask(1, claim("bea"))), ("bea", Some("Bea")));
}

#[test]
fn a_name_and_what_looks_like_it_is_one_persons() {
    let mut bench = memory();
    bench.ask(1, hello("Ana"));
    for taken in ["Ana", "ANA", "аna"] {
        assert_eq!(refused(&bench.ask(2, claim(taken))), ErrorCode::NameTaken, "{taken}");
        assert_eq!(refused(&bench.ask(2, hello(taken))), ErrorCode::NameTaken, "{taken}");
    }
    assert_eq!(claimed(&bench.ask(2, claim("Anna"))), ("Anna", None));
}

#[test]
fn the_last_three_names_stay_and_the_one_before_is_free() {
    let mut bench = memory();
    for name in ["n1", "n2", "n3", "n4", "n5"] {
        bench.ask(1, claim(name));
    }
    for kept in ["n2", "n3", "n4", "n5"] {
        assert_eq!(refused(&bench.ask(2, claim(kept))), ErrorCode::NameTaken, "{kept}");
    }
    assert_eq!(claimed(&bench.ask(2, claim("n1"))), ("n1", None));
    // Going back to a former name takes no place of another.
    assert_eq!(claimed(&bench.ask(1, claim("n2"))), ("n2", Some("n5")));
    assert_eq!(refused(&bench.ask(2, claim("n3"))), ErrorCode::NameTaken);
}

#[test]
fn a_name_is_free_when_its_owner_was_not_seen_for_thirty_days() {
    let mut bench = memory();
    bench.ask_at(0, 1, hello("Ana"));
    assert_eq!(refused(&bench.ask_at(30 * DAY, 2, claim("Ana"))), ErrorCode::NameTaken);
    assert_eq!(claimed(&bench.ask_at(30 * DAY + 1, 2, claim("Ana"))), ("Ana", None));
    // Back after that, one chooses anew.
    assert_eq!(refused(&bench.ask_at(31 * DAY, 1, hello("Ana"))), ErrorCode::NameTaken);
    assert_eq!(claimed(&bench.ask_at(31 * DAY, 1, hello("Ann"))), ("Ann", None));
}

#[test]
fn a_clock_that_is_ahead_gives_no_name_away() {
    let mut bench = memory();
    bench.ask_at(0, 1, hello("Ana"));
    let ahead = Proposal { certain: Timestamp(DAY), ..proposal(365 * DAY, 2, claim("Ana")) };
    bench.ledger.as_ref().unwrap().propose(vec![ahead]).unwrap();
    assert_eq!(refused(&bench.next()), ErrorCode::NameTaken);
}

#[test]
fn only_the_name_that_is_taken_is_lost_if_it_was_a_former_one() {
    let mut bench = memory();
    bench.ask_at(0, 1, hello("Ana"));
    bench.ask_at(0, 1, claim("Bea"));
    bench.ask_at(31 * DAY, 2, claim("Ana"));
    assert_eq!(claimed(&bench.ask_at(31 * DAY, 1, hello("Cleo"))), ("Bea", Some("Bea")));
    assert_eq!(refused(&bench.ask_at(31 * DAY, 1, claim("Ana"))), ErrorCode::NameTaken);
}

#[test]
fn who_is_seen_keeps_the_name_also_over_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let storage = directory(home.path());
    let mut bench = Bench::open(&storage);
    bench.ask_at(0, 1, hello("Ana"));
    bench.seen(20 * DAY, 1);
    bench.seen(10 * DAY, 1);
    let mut bench = restarted(bench, &storage);
    assert_eq!(bench.snapshot.people[0].last_seen, Timestamp(20 * DAY));
    assert_eq!(refused(&bench.ask_at(31 * DAY, 2, claim("Ana"))), ErrorCode::NameTaken);
    bench.stop().unwrap();
}

#[test]
fn a_guest_who_is_seen_is_not_kept() {
    let home = tempfile::tempdir().unwrap();
    let storage = directory(home.path());
    let mut bench = Bench::open(&storage);
    bench.seen(5, 9);
    let bench = restarted(bench, &storage);
    assert_eq!(bench.snapshot.people, []);
    bench.stop().unwrap();
}

#[test]
fn names_that_change_hands_in_one_transaction_are_kept_as_decided() {
    let home = tempfile::tempdir().unwrap();
    let storage = directory(home.path());
    let mut bench = Bench::open(&storage);
    let ledger = bench.ledger.as_ref().unwrap();
    let acts = [
        (0, 1, hello("Ana")),
        (0, 2, hello("Bea")),
        (31 * DAY, 2, claim("Ana")),
        (62 * DAY, 1, claim("Bea")),
    ];
    ledger.propose(acts.map(|(at, by, act)| proposal(at, by, act)).into()).unwrap();
    let last = (0..4).map(|_| bench.next()).last().unwrap();
    assert_eq!(claimed(&last), ("Bea", None));
    let bench = restarted(bench, &storage);
    let mut people = bench.snapshot.people.clone();
    people.sort_by(|one, other| one.identity.cmp(&other.identity));
    let names: Vec<_> =
        people.iter().map(|person| (person.name.as_str(), &*person.former)).collect();
    assert_eq!(names, [("Bea", &[][..]), ("Ana", &[][..])]);
    bench.stop().unwrap();
}
