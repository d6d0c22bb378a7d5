//! The headless hub of Hubbub: rooms as durable logs, told to everyone over WebSocket.
//!
//! The way through the house: `accept` takes sockets, `connection` reads frames, `hub` decides
//! (purely), `ledger` makes durable, `fanout` writes. See ARCHITECTURE.md.

mod accept;
pub mod config;
mod connection;
mod dialect;
mod fanout;
pub mod files;
mod http;
pub mod hub;
pub mod ledger;
pub mod listen;
mod run;
mod sabotage;
pub mod signal;

pub use config::{Config, Storage};
pub use run::{Error, Running, run};
