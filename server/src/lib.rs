//! The headless hub of Hubbub: rooms as durable logs, told to everyone over WebSocket.
//!
//! The way through the house: `accept` takes sockets, `connection` reads frames, `hub` decides
//! (purely), `ledger` makes durable, `fanout` writes. See ARCHITECTURE.md.

pub mod config;
pub mod hub;
pub mod ledger;

pub use config::{Config, Storage};
