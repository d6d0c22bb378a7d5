//! Each rig notices the fault that it is there for: a hub with one promise broken does not pass.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

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
    rigs::stall(launch, 1, 20).noticed(&[Kind::Stuck]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_loss_of_power_shows_a_commit_that_is_not_synced() {
    let (_home, launch) = with_fault("UnsyncedCommits");
    // A log in which anything may be missing may also be one that no hub can read.
    let outcome = rigs::lose_power_again_and_again(&launch, ROUNDS);
    outcome.noticed(&[Kind::AckedLost, Kind::Gap, Kind::Dead]);
}

/// A hub that breaks this promise, and the directory of its log.
fn with_fault(fault: &str) -> (TempDir, Launch) {
    let home = tempfile::tempdir().expect("a directory");
    let launch = Launch::new(Some(home.path()), &["--rate", "0"]);
    (home, launch.with_fault(fault).quiet())
}
