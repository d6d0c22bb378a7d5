//! `hubbub`: a full-screen terminal chat.
fn main() {}
