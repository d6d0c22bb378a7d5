//! Behaviours of Hubbub from end to end: the real hub, real sockets, the real `hubbub` in a
//! pseudo-terminal.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod tidy;
