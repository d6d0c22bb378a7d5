//! Each rig notices the fault that it is there for: a hub with one promise broken does not pass.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use tempfile::TempDir;
use tests::{Launch, crowd::Kind, rigs};

/// Rounds in which a fault must have been noticed.
const ROUNDS: u32 = 12;

#[test]
fn a_kill_shows_an_ack_before_its_commit() {
    let (_home, launch) = with_fault("AckBeforeCommit");
    // Whoever saw what was lost has more than the log, and is told of a gap.
    let outcome = rigs::kill_again_and_again(launch, ROUNDS);
    outcome.noticed(&[Kind::AckedLost, Kind::Gap]);
}

#[test]
fn a_kill_shows_a_request_that_is_stored_twice() {
    let (_home, launch) = with_fault("NoUniqueIndex");
    rigs::kill_again_and_again(launch, 4 * ROUNDS).noticed(&[Kind::Doubled]);
}

#[test]
fn a_kill_shows_a_replay_that_overlaps() {
    let (_home, launch) = with_fault("OverlappingReplay");
    rigs::kill_again_and_again(launch, ROUNDS).noticed(&[Kind::Overlap]);
}

#[test]
fn a_client_that_stops_shows_a_hub_without_a_heartbeat() {
    let (_home, launch) = with_fault("NoHeartbeat");
    rigs::stall(launch, 1, 20).noticed(&[Kind::NotReset]);
}

#[test]
fn a_stop_of_the_hub_shows_that_it_takes_that_for_silence() {
    let (_home, launch) = with_fault("PauseUnnoticed");
    rigs::stop_the_hub(launch, Duration::from_mins(1)).noticed(&[Kind::Reset]);
}

#[test]
fn a_storm_shows_a_replay_that_overlaps() {
    let (_home, launch) = with_fault("OverlappingReplay");
    assert!(rigs::reconnect_storm(launch, 100).holes > 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_sync_that_fails_shows_a_hub_that_ignores_it() {
    let (_home, launch) = with_fault("FailedCommitIgnored");
    let outcome = rigs::fail_each_sync(&launch, ROUNDS);
    outcome.noticed(&[Kind::AckedLost, Kind::WentOn]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_shows_a_refusal_for_good() {
    let (_home, launch) = with_fault("FullDiskIsFinal");
    if let Some(outcome) = rigs::fill_the_disk(launch) {
        outcome.noticed(&[Kind::Refused]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_clock_that_is_set_back_shows_an_order_by_the_clock() {
    let (_home, launch) = with_fault("OrderedByClock");
    // A page that does not begin where it should is taken for one after a gap.
    rigs::set_the_clock_back(&launch).noticed(&[Kind::Hole, Kind::Gap]);
}

#[cfg(target_os = "linux")]
#[test]
#[should_panic(expected = "waited for the next to get in")]
fn a_lack_of_descriptors_shows_a_hub_that_accepts_no_more() {
    let (_home, launch) = with_fault("AcceptsNoMore");
    rigs::run_out_of_descriptors(launch);
}

#[cfg(target_os = "linux")]
#[test]
fn a_loss_of_power_shows_a_commit_that_is_not_synced() {
    let (_home, launch) = with_fault("UnsyncedCommits");
    // Whoever saw what was lost has more than the log, and is told of a gap.
    let outcome = rigs::lose_power_again_and_again(&launch, ROUNDS);
    outcome.noticed(&[Kind::AckedLost, Kind::Gap]);
}

/// A hub that breaks this promise, and the directory of its log.
fn with_fault(fault: &str) -> (TempDir, Launch) {
    let home = tempfile::tempdir().expect("a directory");
    let launch = Launch::new(Some(home.path()), &["--rate", "0"]);
    (home, launch.with_fault(fault).quiet())
}
