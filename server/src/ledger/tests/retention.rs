//! What is removed, what stays, and what is told of it.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    super::{schema::Database, trim::Trimmer},
    *,
};

const MINUTE: i64 = 60_000;

fn keeping(text: &str) -> Retention {
    text.parse().unwrap()
}

fn writer(path: &Path) -> Writer {
    Writer::load(Database::open(&directory(path)).unwrap().writer).unwrap()
}

fn newest(writer: &Writer) -> Timestamp {
    tables::newest(writer.connection()).unwrap().into_values().max().unwrap()
}

/// Trims until nothing is left to trim; what was told last of each room.
fn trim_all(writer: &mut Writer, retention: Retention, now: i64) -> Vec<Trimmed> {
    let mut told = Vec::new();
    for room in writer.rooms_to_trim(&retention) {
        let steps = std::iter::from_fn(|| writer.trim(&room, &retention, Timestamp(now)).unwrap());
        told.extend(steps.last());
    }
    told
}

fn ask(writer: &mut Writer, at: i64, by: u8, act: Act) -> Decision {
    let mut decisions = Vec::new();
    let tell = |outcomes: Vec<Outcome>| decisions.extend(outcomes);
    writer.commit(&[proposal(at, by, act)], &Notes::default(), tell).unwrap();
    decisions.remove(0).decision
}

#[test]
fn a_ledger_at_work_removes_what_is_too_much() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    for number in 1..=10 {
        bench.ask(1, say("lobby", &format!("id{number}"), "hi"));
    }
    bench.stop().unwrap();
    let mut bench = Bench::keeping(&directory(home.path()), keeping("3"));
    assert_eq!(bench.next_trimmed(), Trimmed { room: RoomName::lobby(), oldest: seq(8) });
    let page = bench.read("lobby", PageRange::After(Seq::ZERO), 100);
    assert_eq!(page.events.iter().map(|event| event.seq.get()).collect::<Vec<_>>(), [8, 9, 10]);
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "id11", "hi"))), 11);
    bench.stop().unwrap();
    let bench = Bench::open(&directory(home.path()));
    assert_eq!((bench.snapshot.rooms[0].oldest, bench.snapshot.rooms[0].head), (seq(8), seq(11)));
    bench.stop().unwrap();
}

/// What one look of a hub removes that has been running for so long.
fn look(trimmer: &mut Trimmer, writer: &mut Writer, wall: i64, running: i64) -> Vec<Trimmed> {
    let running = Duration::from_millis(running.cast_unsigned());
    let mut step = || trimmer.step_at(writer, Timestamp(wall), running).unwrap();
    assert_eq!(step(), None, "it looks which rooms there are");
    std::iter::from_fn(step).collect()
}

#[test]
fn a_wall_clock_that_jumps_ahead_removes_nothing() {
    let (home, year) = (tempfile::tempdir().unwrap(), 365 * 24 * 60 * MINUTE);
    let mut writer = writer(home.path());
    ask(&mut writer, year, 1, say("lobby", "a", "hi"));
    ask(&mut writer, year + 30 * MINUTE, 1, say("lobby", "b", "hi"));
    let newest = newest(&writer);
    assert_eq!(newest, Timestamp(year + 30 * MINUTE));
    let mut trimmer = Trimmer::new(keeping("1h"), newest).unwrap();
    assert_eq!(look(&mut trimmer, &mut writer, 9 * year, 10 * MINUTE), [], "at the start");
    // What is said by the wrong clock does not make the rest older.
    ask(&mut writer, 9 * year, 1, say("games", "c", "hi"));
    assert_eq!(look(&mut trimmer, &mut writer, 9 * year, 20 * MINUTE), []);
    assert_eq!(look(&mut trimmer, &mut writer, 99 * year, 30 * MINUTE), [], "while running");
    let gone = Trimmed { room: RoomName::lobby(), oldest: seq(2) };
    assert_eq!(look(&mut trimmer, &mut writer, 99 * year, 31 * MINUTE), [gone]);
}

#[test]
fn rooms_without_anything_to_remove_do_not_take_a_step_each() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    ask(&mut writer, 0, 1, say("a0", "old", "hi"));
    for room in 0..60 {
        ask(&mut writer, 90 * MINUTE, 1, say(&format!("room{room}"), &format!("id{room}"), "hi"));
    }
    let newest = newest(&writer);
    let mut trimmer = Trimmer::new(keeping("1h"), newest).unwrap();
    let told = look(&mut trimmer, &mut writer, 91 * MINUTE, 6 * MINUTE);
    assert_eq!(told, [Trimmed { room: room_name("a0"), oldest: seq(2) }]);
}

#[test]
fn what_is_too_old_by_its_own_time_goes() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    let now = 600 * MINUTE;
    for at in [0, now - 90 * MINUTE, now - 30 * MINUTE, now] {
        bench.ask_at(at, 1, say("lobby", &format!("id{at}"), "hi"));
    }
    bench.stop().unwrap();
    let mut writer = writer(home.path());
    let newest = newest(&writer);
    let mut trimmer = Trimmer::new(keeping("1h"), newest).unwrap();
    let told = look(&mut trimmer, &mut writer, now + 6 * MINUTE, 6 * MINUTE);
    assert_eq!(told, [Trimmed { room: RoomName::lobby(), oldest: seq(3) }]);
}

#[test]
fn much_is_removed_a_little_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    let many: Vec<_> =
        (0..1_600).map(|id| proposal(0, 1, say("lobby", &format!("id{id}"), "hi"))).collect();
    writer.commit(&many, &Notes::default(), |_| {}).unwrap();
    let (lobby, one) = (RoomName::lobby(), keeping("1"));
    let steps = std::iter::from_fn(|| writer.trim(&lobby, &one, Timestamp(0)).unwrap());
    let oldest: Vec<_> = steps.map(|trimmed| trimmed.oldest.get()).collect();
    assert_eq!(oldest, [501, 1001, 1501, 1600]);
}

#[test]
fn a_room_at_its_limit_does_not_keep_others_from_being_trimmed() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    for (room, id) in [("lobby", "a"), ("lobby", "b"), ("games", "c"), ("games", "d")] {
        ask(&mut writer, 0, 1, say(room, id, "hi"));
    }
    let mut trimmer = Trimmer::new(keeping("1"), Timestamp(0)).unwrap();
    let mut step = |writer: &mut Writer| {
        trimmer.step_at(writer, Timestamp(0), Duration::ZERO).unwrap().map(|trimmed| trimmed.room)
    };
    assert_eq!(step(&mut writer), None, "it looks which rooms there are");
    let one = step(&mut writer).unwrap();
    ask(&mut writer, 0, 1, say(one.as_str(), "e", "one too many again"));
    assert_ne!(step(&mut writer).unwrap(), one, "it is the other one's turn");
    assert_eq!(step(&mut writer), None, "it looks again");
    assert_eq!(step(&mut writer), Some(one));
}

#[test]
fn a_room_with_much_to_remove_takes_turns_with_others() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    let both = (0..2_000).map(|id| (id, ["lobby", "games"][id % 2]));
    let many: Vec<_> =
        both.map(|(id, room)| proposal(0, 1, say(room, &format!("id{id}"), "hi"))).collect();
    writer.commit(&many, &Notes::default(), |_| {}).unwrap();
    let mut trimmer = Trimmer::new(keeping("1"), Timestamp(0)).unwrap();
    let told = look(&mut trimmer, &mut writer, 0, 0);
    let oldest: Vec<_> = told.iter().map(|trimmed| trimmed.oldest.get()).collect();
    assert_eq!(oldest, [501, 501, 1_000, 1_000]);
}

#[test]
fn an_emptied_room_goes_on_after_its_head() {
    let home = tempfile::tempdir().unwrap();
    let mut first = writer(home.path());
    ask(&mut first, 0, 1, topic("lobby", "a", "tea"));
    ask(&mut first, 0, 1, say("lobby", "b", "hi"));
    let told = trim_all(&mut first, keeping("1h"), 61 * MINUTE);
    assert_eq!(told, [Trimmed { room: RoomName::lobby(), oldest: seq(3) }]);
    drop(first);
    let mut bench = Bench::open(&directory(home.path()));
    let room = bench.snapshot.rooms[0].clone();
    assert_eq!((room.oldest, room.head, room.topic.as_str()), (seq(3), seq(2), "tea"));
    assert_eq!(bench.read("lobby", PageRange::After(Seq::ZERO), 10).events, []);
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "c", "hi"))), 3);
    bench.stop().unwrap();
    assert_eq!(verify(home.path()).unwrap().faults, [""; 0]);
}

#[test]
fn private_rooms_are_kept_no_longer_than_others() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    ask(&mut writer, 0, 2, claim("Bob"));
    for id in ["a", "b"] {
        ask(&mut writer, 0, 1, direct("Bob", id, "just us"));
    }
    let room = RoomName::private(&person(1), &person(2));
    assert_eq!(trim_all(&mut writer, keeping("1"), 0), [Trimmed { room, oldest: seq(2) }]);
    assert_eq!(stored_seq(&ask(&mut writer, 0, 1, direct("Bob", "c", "still us"))), 3);
}

#[test]
fn what_is_removed_is_forgotten_with_its_id() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    for id in ["a", "b"] {
        ask(&mut writer, 0, 1, say("lobby", id, "hi"));
    }
    trim_all(&mut writer, keeping("1"), 0);
    let known = ask(&mut writer, 0, 1, say("lobby", "b", "hi"));
    assert!(matches!(known, Decision::Known { seq: at, .. } if at == seq(2)));
    assert_eq!(stored_seq(&ask(&mut writer, 0, 1, say("lobby", "a", "hi"))), 3);
    let gone = ask(&mut writer, 0, 1, answer("lobby", "c", "hi", Some(1)));
    assert_eq!(refused(&gone), ErrorCode::NoSuchMessage);
}

#[test]
fn a_full_disk_removes_nothing_and_ends_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    for id in ["a", "b"] {
        ask(&mut writer, 0, 1, say("lobby", id, "hi"));
    }
    let outside = database(home.path());
    let full = "CREATE TRIGGER full BEFORE DELETE ON event BEGIN
                    INSERT INTO pad VALUES (zeroblob(100000000)); END";
    outside.execute_batch(&format!("CREATE TABLE pad (bytes); {full}")).unwrap();
    let pages: i64 =
        writer.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    writer.connection().pragma_update(None, "max_page_count", pages + 10).unwrap();
    assert_eq!(trim_all(&mut writer, keeping("1"), 0), []);
    assert_eq!(writer.state().rooms[&RoomName::lobby()].oldest, seq(1));
    outside.execute_batch("DROP TRIGGER full").unwrap();
    assert_eq!(trim_all(&mut writer, keeping("1"), 0).len(), 1);
}

/// One thing that happens to a log.
#[derive(Clone, Debug)]
enum Step {
    Say {
        room: u8,
        by: u8,
    },
    Retry {
        back: usize,
    },
    Trim {
        age_s: u64,
        count: u64,
    },
    /// The wall clock goes on, or jumps.
    Clock {
        by_s: i64,
    },
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0..3_u8, 1..4_u8).prop_map(|(room, by)| Step::Say { room, by }),
        3 => (0..12_usize).prop_map(|back| Step::Retry { back }),
        2 => (0..90_u64, 0..8_u64).prop_map(|(age_s, count)| Step::Trim { age_s, count }),
        2 => prop_oneof![1..60_i64, Just(-365 * 24 * 3600), Just(365 * 24 * 3600)]
            .prop_map(|by_s| Step::Clock { by_s }),
        1 => Just(Step::Restart),
    ]
}

/// A log, and what a reader may rely on.
struct Watched {
    home: tempfile::TempDir,
    writer: Writer,
    now: i64,
    said: Vec<(u8, Act, RoomName, u64)>,
    /// Head and oldest of each room, as told.
    told: std::collections::BTreeMap<RoomName, (u64, u64)>,
}

impl Watched {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let writer = writer(home.path());
        Self { home, writer, now: 0, said: Vec::new(), told: std::collections::BTreeMap::new() }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Say { room, by } => {
                let room = ["lobby", "games", "zoo"][usize::from(room)];
                let act = say(room, &format!("id{}", self.said.len()), "hi");
                self.stores(by, act);
            }
            Step::Retry { back } if back < self.said.len() => self.retry(back),
            Step::Retry { .. } => {}
            Step::Trim { age_s, count } => self.trim(age_s, count),
            Step::Clock { by_s } => self.now += by_s * 1000,
            Step::Restart => {
                let path = self.home.path().to_owned();
                self.writer = writer(&path);
            }
        }
    }

    fn stores(&mut self, by: u8, act: Act) {
        let decision = ask(&mut self.writer, self.now, by, act.clone());
        let (event, _) = stored(&decision);
        let (head, _) = self.told.entry(event.room.clone()).or_insert((0, 1));
        *head += 1;
        assert_eq!(event.seq.get(), *head);
        self.said.push((by, act, event.room.clone(), *head));
    }

    /// Sent again: known for as long as it is kept, new afterwards.
    fn retry(&mut self, back: usize) {
        let (by, act, room, number) = self.said.remove(self.said.len() - 1 - back);
        if number < self.told[&room].1 {
            return self.stores(by, act);
        }
        let decision = ask(&mut self.writer, self.now, by, act.clone());
        assert!(
            matches!(&decision, Decision::Known { room: at, seq, .. }
                if *at == room && seq.get() == number),
            "{decision:?}"
        );
        self.said.push((by, act, room, number));
    }

    fn trim(&mut self, age_s: u64, count: u64) {
        let retention = Retention {
            age: Some(Duration::from_secs(age_s)).filter(|age| !age.is_zero()),
            count: Some(count).filter(|count| *count > 0),
        };
        for Trimmed { room, oldest } in trim_all(&mut self.writer, retention, self.now) {
            let (head, before) = self.told.get_mut(&room).unwrap();
            assert!(oldest.get() > *before && oldest.get() <= *head + 1, "a prefix, told once");
            *before = oldest.get();
        }
        for (head, oldest) in self.told.values() {
            assert!(count == 0 || head + 1 - oldest <= count, "no more than was asked for");
        }
    }

    /// A reader from any place gets one gap, if any, and all the rest, with the times and authors
    /// in place.
    fn check(&self) {
        for (room, (head, oldest)) in &self.told {
            for after in 0..=*head {
                let query = PageQuery {
                    room: room.clone(),
                    range: PageRange::After(seq(after)),
                    limit: 1_000,
                    bytes_max: usize::MAX,
                    head: seq(*head),
                };
                let page = page(self.writer.connection(), &query).unwrap();
                let seqs: Vec<_> = page.events.iter().map(|event| event.seq.get()).collect();
                let from = (*oldest).max(after + 1);
                assert_eq!(seqs, (from..=*head).collect::<Vec<_>>(), "{room} after {after}");
            }
        }
        assert_eq!(verify(self.home.path()).unwrap().faults, [""; 0]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_trimmed_a_reader_gets_a_gap_and_all_the_rest(
        steps in proptest::collection::vec(any_step(), 1..80),
    ) {
        let mut log = Watched::new();
        for step in &steps {
            log.step(step);
        }
        log.check();
    }
}
