//! The simulator: the real hub, ledger and fan-out with model clients on a faulty network, all
//! driven by one seed.
//!
//! P1, P2 and P4 are checked at every commit, P1 to P5 at every frame that reaches a client, P6
//! after every step; between these nothing that they speak of can change. What holds only when all
//! is calm is checked at the end.
//!
//! ```text
//! cargo test -p tests --test sim                          1,000 seeds
//! HUBBUB_SEEDS=1000..9000 cargo test -p tests --test sim  others
//! HUBBUB_SEED=17 cargo test -p tests --test sim replay    one, with its trace in a file
//! ```
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::unnecessary_wraps, reason = "whatever happens may break a promise")]

mod changes;
mod chaos;
mod client;
mod doors;
mod host;
mod lives;
mod network;
mod plan;
mod powers;
mod rest;
mod run;
mod serve;
mod storage;
mod truth;
mod view;
mod wire;
mod world;

use plan::{Promise, Sabotage};
use run::{Found, first_violation, seeds, trace_of};

/// How many seeds the test command runs.
const SEEDS: u64 = 1_000;
/// What has to happen in so many seeds, or they show nothing about it.
const EXPECTED: [&str; 47] = [
    "a while of nothing",
    "change of what is another's, or gone",
    "client stopped",
    "crash",
    "cut: late",
    "cut: reset",
    "cut: the client is not told",
    "cut: the hub is not told",
    "disk full",
    "drain",
    "event doubled by its client",
    "event lost by its client",
    "flood",
    "hello overdue",
    "hub found silent",
    "id reused",
    "join from any number",
    "ledger and hub busy",
    "message deleted",
    "message edited",
    "operator named, or no more",
    "others went on beside a stopped client",
    "page for a lagging cursor",
    "page unreadable",
    "quit",
    "rename",
    "request doubled",
    "request dropped",
    "retry",
    "room trimmed",
    "slow reader, or no more",
    "told a gap",
    "told a page",
    "told an ack",
    "told an announcement",
    "told an error",
    "told an event",
    "told bye",
    "told how far one has read",
    "told joined",
    "told left",
    "told members",
    "told presence",
    "told renamed",
    "told what is deleted",
    "told what was edited",
    "told who writes",
];

#[test]
fn every_promise_holds_for_every_seed() {
    let asked = std::env::var("HUBBUB_SEEDS").ok();
    let which = asked.map_or(0..SEEDS, |asked| range(&asked).expect("HUBBUB_SEEDS=FROM..TO"));
    let is_enough = which.end.saturating_sub(which.start) >= SEEDS;
    let counts = seeds(which).unwrap_or_else(|found| panic!("{found}"));
    for (kind, count) in &counts.0 {
        println!("{count:>12} {kind}");
    }
    let missing: Vec<_> = EXPECTED.iter().filter(|kind| !counts.0.contains_key(*kind)).collect();
    assert!(!is_enough || missing.is_empty(), "never happened: {missing:?}");
}

fn range(asked: &str) -> Option<std::ops::Range<u64>> {
    let (from, to) = asked.split_once("..")?;
    Some(from.parse().ok()?..to.parse().ok()?)
}

#[test]
fn replay() {
    let Some(seed) = std::env::var("HUBBUB_SEED").ok().and_then(|seed| seed.parse().ok()) else {
        return;
    };
    let (trace, result) = trace_of(seed, None);
    let path = std::env::temp_dir().join(format!("hubbub-sim-{seed}.trace"));
    std::fs::write(&path, trace.join("\n")).unwrap();
    println!("the trace of seed {seed} is in {}", path.display());
    result.unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..20 {
        let (first, _) = trace_of(seed, None);
        let (second, _) = trace_of(seed, None);
        let differing = first.iter().zip(&second).position(|(one, other)| one != other);
        assert_eq!(differing.map(|at| (&first[at], &second[at])), None, "seed {seed}");
        assert_eq!(first.len(), second.len(), "seed {seed}");
        assert!(first.len() > 1_000, "seed {seed}");
    }
}

/// The hub of some seed, broken like this, breaks one of these promises.
#[track_caller]
fn notices(sabotage: Sabotage, promises: &[Promise]) {
    let Found { seed, violation } = first_violation(0..300, sabotage).expect("it goes unnoticed");
    let is_expected = promises.contains(&violation.promise);
    assert!(is_expected, "seed {seed}: {violation}");
}

#[test]
fn an_ack_before_the_commit_is_noticed() {
    notices(Sabotage::AckBeforeCommit, &[Promise::Durable]);
}

#[test]
fn a_retry_that_is_stored_again_is_noticed() {
    notices(Sabotage::NotStoredOnce, &[Promise::Once]);
}

#[test]
fn a_replay_that_overlaps_is_noticed() {
    notices(Sabotage::OverlappingReplay, &[Promise::Resumed, Promise::Told]);
}

#[test]
fn a_missing_heartbeat_is_noticed() {
    notices(Sabotage::NoHeartbeat, &[Promise::AtRest]);
}

#[test]
fn a_retry_with_another_ack_is_noticed() {
    notices(Sabotage::OtherAck, &[Promise::Once]);
}

#[test]
fn a_text_that_stays_in_memory_is_noticed() {
    notices(Sabotage::NothingErased, &[Promise::Changed]);
}

#[test]
fn a_lost_page_is_noticed() {
    notices(Sabotage::LostPage, &[Promise::Bounded, Promise::AtRest]);
}
