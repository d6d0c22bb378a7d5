//! What the end-to-end tests and benchmarks stand on: a hub inside the test's own process, the
//! real `hubbub-server`, a typed WebSocket client, the real `hubbub` in a pseudo-terminal, and
//! the rules that the sources keep.
//!
//! Every wait is for a condition, has a deadline, and says what it waited for when it fails.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness fails its test by panicking"
)]

pub mod browser;
mod client;
pub mod crowd;
pub mod hostile;
pub mod http;
mod hub;
mod keys;
mod lines;
mod network;
mod process;
pub mod raw;
pub mod rigs;
pub mod strict;
mod terminal;
pub mod tidy;
mod tls;
pub mod watcher;

use std::time::Duration;

pub use client::{Closing, TestClient, Wire, fresh_id, secret};
pub use hub::TestServer;
pub use keys::bytes_of;
pub use lines::{LineClient, object};
pub use network::{DEFAULT_PORT_ADDRESS, LAN_ADDRESS, in_own_network};
pub use process::{
    Finished, Launch, ServerProcess, free_port, program, run_command, run_to_end, signal,
};
pub use terminal::{Home, Manners, TestTerminal};
pub use tls::{Certificate, TlsStream};

/// How long a test waits for something that should come at once, on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Lets this process have as many open files as the system allows: load tests hold both ends of
/// many sockets, and the usual soft limit is 1,024 (256 on macOS).
pub fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    // macOS reports "unlimited" but takes no more than 10,240.
    for current in [maximum, Some(10_240)] {
        if setrlimit(Resource::Nofile, Rlimit { current, maximum }).is_ok() {
            return;
        }
    }
}
