//! The hub: one task that owns all live state and alone sequences what a connection sees.

pub mod effect;
pub mod input;
pub mod limits;
pub mod state;

mod drain;
mod hello;
mod lists;
mod membership;
mod names;
mod people;
mod presence;
mod proposals;
mod requests;
mod room;
mod seen;
mod session;
mod turn;
