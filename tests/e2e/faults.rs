//! The promises under faults: a hub that is killed, without power, without disk, without time;
//! clients that are stalled. `tests/controls` shows that each rig notices what it is there for.

use std::time::Duration;

use tempfile::TempDir;
use tests::{Launch, rigs};

/// How soon all are back after a storm, on a machine that does nothing else.
const BACK_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn a_hub_that_is_killed_at_any_moment_loses_doubles_and_reorders_nothing() {
    let (_home, launch) = unhurried();
    let rounds = rigs::rounds(100);
    rigs::kill_again_and_again(launch, rounds).all_kept_through(rounds);
}

#[test]
fn twenty_of_two_hundred_who_stop_are_reset_and_come_back_to_everything() {
    let (_home, launch) = unhurried();
    rigs::stall(launch, 20, 180).all_kept();
}

#[test]
fn one_of_two_hundred_who_stops_is_reset_and_comes_back_to_everything() {
    let (_home, launch) = unhurried();
    rigs::stall(launch, 1, 199).all_kept();
}

#[test]
fn two_thousand_come_back_at_once() {
    let (_home, launch) = unhurried();
    let storm = rigs::reconnect_storm(launch, 2000);
    println!("all were back and told after {:?}", storm.took);
    assert_eq!(storm.holes, 0);
    assert!(!rigs::is_long_run() || storm.took < BACK_WITHIN, "{storm:?}");
}

#[test]
fn nobody_is_cut_off_because_the_hub_was_stopped() {
    let (_home, launch) = unhurried();
    rigs::stop_the_hub(launch, Duration::from_mins(1)).all_kept();
}

#[cfg(target_os = "linux")]
mod disk {
    use super::*;

    #[test]
    fn a_loss_of_power_at_any_moment_loses_doubles_and_reorders_nothing() {
        let (_home, launch) = unhurried();
        let rounds = rigs::rounds(40);
        rigs::lose_power_again_and_again(&launch, rounds).all_kept_through(rounds);
    }

    #[test]
    fn a_sync_that_fails_ends_the_hub_and_loses_nothing_that_was_acked() {
        let (_home, launch) = unhurried();
        rigs::fail_each_sync(&launch, 50).all_kept();
    }

    #[test]
    fn a_full_disk_postpones_what_is_said_and_loses_nothing() {
        let (_home, launch) = unhurried();
        if let Some(outcome) = rigs::fill_the_disk(launch) {
            outcome.all_kept();
        }
    }

    #[test]
    fn without_file_descriptors_the_served_are_served_and_the_others_get_in_later() {
        rigs::run_out_of_descriptors(Launch::new(None, &[]).quiet());
    }

    #[test]
    fn a_clock_that_is_set_back_by_a_year_changes_no_order() {
        let (_home, launch) = unhurried();
        rigs::set_the_clock_back(&launch).all_kept();
    }

    #[test]
    fn a_sync_that_fails_at_the_very_first_start_loses_nothing_either() {
        for number in 1..=12 {
            let (_home, launch) = unhurried();
            rigs::fail_a_sync_of_a_new_log(&launch, number).all_kept();
        }
    }
}

/// A hub without a limit of speed, and the directory of its log.
fn unhurried() -> (TempDir, Launch) {
    let home = tempfile::tempdir().expect("a directory");
    let launch = Launch::new(Some(home.path()), &["--rate", "0"]);
    (home, launch.quiet())
}
