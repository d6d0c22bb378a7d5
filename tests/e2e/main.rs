//! Behaviours of Hubbub from end to end: the real hub, real sockets, the real `hubbub` in a
//! pseudo-terminal.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod announcing_client;
mod bad_input;
mod changes;
mod chat;
mod corpus;
mod drain;
mod editor;
mod faults;
mod first_five_minutes;
mod foreign_text;
mod history;
mod hostile_hubs;
mod keys;
mod limits;
mod load;
mod mouse;
mod names;
mod noticing;
mod outbox;
mod page;
mod painting;
mod plain;
mod presence;
mod read_markers;
mod restoring;
mod rooms;
mod seeing;
mod settings;
mod storage;
mod terminal;
mod tidy;
mod tls;
mod typing;
mod workspace;
