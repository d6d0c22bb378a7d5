//! The wire protocol from outside: what is written is read again, what is wrong gets its code.

#![expect(clippy::expect_used, reason = "a test that can't make its input has failed")]

mod bad_input;
mod names;
mod round_trip;
mod strategies;
mod text;

use proptest::test_runner::Config;

/// So many cases that a rare fault is found within days of runs, and a run takes seconds.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
