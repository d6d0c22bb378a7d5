//! How often a fault is tried.

/// So many rounds, or what `HUBBUB_ROUNDS` says: the long runs are these tests with more rounds.
pub fn rounds(usual: u32) -> u32 {
    let asked = std::env::var("HUBBUB_ROUNDS").ok();
    asked.map_or(usual, |asked| asked.parse().expect("HUBBUB_ROUNDS is a number"))
}
