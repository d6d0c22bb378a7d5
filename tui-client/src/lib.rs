//! The full-screen client of Hubbub. What is decided is pure (`update`, `view`); the shell
//! (`app`, `connection`, `terminal`, `storage`) moves bytes.

pub mod effect;
pub mod event;
