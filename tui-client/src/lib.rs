//! The full-screen client of Hubbub. What is decided is pure (`update`, `view`); the shell
//! (`app`, `connection`, `terminal`, `storage`) moves bytes.

pub mod composer;
pub mod effect;
pub mod event;
mod ids;
pub mod link;
pub mod outbox;
pub mod panel;
pub mod place;
pub mod prompt;
pub mod room;
pub mod safe_text;
pub mod separator;
pub mod state;
pub mod timeline;
pub mod update;
pub mod wrap;

pub use update::update;
