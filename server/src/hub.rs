//! The hub: one task that owns all live state and alone sequences what a connection sees.

pub mod effect;
pub mod input;
