//! Pages of the log.

use super::*;

/// Ten messages, `text` 1 to 10, in `lobby`, beside another room.
fn ten() -> Bench {
    let mut bench = Bench::open(&Storage::Memory);
    for number in 1..=10 {
        bench.ask(1, say("games", &format!("g{number}"), "noise"));
        bench.ask(1, say("lobby", &format!("l{number}"), &number.to_string()));
    }
    bench
}

fn texts(page: &PageRows) -> Vec<&str> {
    page.events.iter().map(|event| event.text.as_ref().unwrap().as_str()).collect()
}

#[test]
fn a_page_before_has_the_newest_below_ascending() {
    let bench = ten();
    let page = bench.read("lobby", PageRange::Before(seq(6)), 3);
    assert_eq!((texts(&page), page.more), (vec!["3", "4", "5"], true));
    let page = bench.read("lobby", PageRange::Before(seq(3)), 3);
    assert_eq!((texts(&page), page.more), (vec!["1", "2"], false));
    let page = bench.read("lobby", PageRange::Before(seq(4)), 3);
    assert_eq!((texts(&page), page.more), (vec!["1", "2", "3"], false));
    assert_eq!(bench.read("lobby", PageRange::Before(Seq::ZERO), 3), PageRows::default());
}

#[test]
fn a_page_after_has_the_oldest_above_ascending() {
    let bench = ten();
    let page = bench.read("lobby", PageRange::After(seq(6)), 3);
    assert_eq!((texts(&page), page.more), (vec!["7", "8", "9"], true));
    let page = bench.read("lobby", PageRange::After(seq(7)), 3);
    assert_eq!((texts(&page), page.more), (vec!["8", "9", "10"], false));
    assert_eq!(bench.read("lobby", PageRange::After(Seq::MAX), 3), PageRows::default());
}

#[test]
fn a_page_ends_at_the_head_that_the_asker_may_see() {
    let bench = ten();
    let up_to_four = |range| PageQuery {
        room: RoomName::lobby(),
        range,
        limit: 3,
        bytes_max: usize::MAX,
        head: seq(4),
    };
    let page = bench.query(up_to_four(PageRange::After(seq(2))));
    assert_eq!((texts(&page), page.more), (vec!["3", "4"], false));
    let page = bench.query(up_to_four(PageRange::Before(Seq::MAX)));
    assert_eq!((texts(&page), page.more), (vec!["2", "3", "4"], true));
}

#[test]
fn a_page_keeps_to_its_bytes_but_for_one_event() {
    let bench = ten();
    let query = |range, bytes_max| PageQuery {
        room: RoomName::lobby(),
        range,
        limit: 100,
        bytes_max,
        head: Seq::MAX,
    };
    let page = bench.query(query(PageRange::After(Seq::ZERO), 4));
    assert_eq!((texts(&page), page.more), (vec!["1", "2", "3", "4"], true));
    let page = bench.query(query(PageRange::Before(Seq::MAX), 4));
    assert_eq!((texts(&page), page.more), (vec!["8", "9", "10"], true));
    let page = bench.query(query(PageRange::Before(Seq::MAX), 0));
    assert_eq!((texts(&page), page.more), (vec!["10"], true));
}

#[test]
fn a_room_without_events_has_an_empty_page() {
    let bench = ten();
    assert_eq!(bench.read("nowhere", PageRange::After(Seq::ZERO), 3), PageRows::default());
}

#[test]
fn an_event_is_read_as_it_was_told() {
    let mut bench = Bench::open(&Storage::Memory);
    let told: Vec<RoomEvent> = [
        say("lobby", "a", "tab\tand\nline, ünïcödé 🎉"),
        answer("lobby", "b", "yes", Some(1)),
        topic("lobby", "c", "tea"),
        topic("lobby", "d", ""),
    ]
    .into_iter()
    .map(|act| stored(&bench.ask_at(-5, 1, act)).0.clone())
    .collect();
    assert_eq!(bench.read("lobby", PageRange::After(Seq::ZERO), 9).events, told);
}

#[test]
fn more_reads_than_can_wait_are_refused_and_served_again_later() {
    let bench = ten();
    let (gate, opened) = std::sync::mpsc::channel::<()>();
    let opened = Arc::new(std::sync::Mutex::new(opened));
    let query = PageQuery {
        room: RoomName::lobby(),
        range: PageRange::After(Seq::ZERO),
        limit: 1,
        bytes_max: 1,
        head: Seq::MAX,
    };
    let (done, ended) = std::sync::mpsc::channel();
    // Every reply waits until `gate` is dropped.
    let read = || {
        let (opened, done) = (opened.clone(), done.clone());
        bench.reader.read(query.clone(), move |page| {
            let _ = opened.lock().unwrap().recv();
            let _ = done.send(page.unwrap().events.len());
        })
    };
    let taken = std::iter::from_fn(|| read().ok()).take(READS_MAX + 100).count();
    assert!((READS_MAX..=READS_MAX + read::READERS).contains(&taken), "{taken}");
    assert_eq!(read(), Err(ReadRefused::Busy));
    drop(gate);
    assert!((0..taken).all(|_| ended.recv() == Ok(1)));
    bench.stop().unwrap();
}
