//! The full-screen client of Hubbub. What is decided is pure (`update`, `view`); the shell
//! (`app`, `connection`, `terminal`, `storage`) moves bytes.

mod announcements;
pub mod app;
pub mod bare;
mod browser;
pub mod cli;
mod clock;
mod command;
pub mod composer;
pub mod config;
pub mod connection;
mod editor;
pub mod effect;
pub mod event;
mod fuzzy;
pub mod host;
pub mod hyperlink;
mod ids;
pub mod ignoring;
pub mod join;
pub mod keeping;
mod keymap;
pub mod link;
pub mod mentions;
mod mouse;
pub mod noticing;
pub mod notify;
pub mod outbox;
mod pace;
pub mod panel;
pub mod place;
pub mod plain;
pub mod preferences;
pub mod prompt;
mod request;
pub mod room;
pub mod safe_text;
pub mod say;
pub mod script;
pub mod select;
pub mod separator;
pub mod settings_file;
mod signals;
pub mod state;
pub mod storage;
#[cfg(test)]
#[path = "../../tests/src/strict.rs"]
#[expect(unreachable_pub, reason = "it is public in the harness of the end-to-end tests")]
mod strict;
pub mod terminal;
pub mod theme;
pub mod timeline;
pub mod update;
pub mod view;
pub mod wrap;

pub use update::update;
pub use view::view;
