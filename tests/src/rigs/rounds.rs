//! How often a fault is tried.

/// Whether this is a long run, whose figures are recorded: there are bounds of time then.
pub fn is_long_run() -> bool {
    std::env::var_os("HUBBUB_ROUNDS").is_some()
}

/// So many rounds, or what `HUBBUB_ROUNDS` says: the long runs are these tests with more rounds.
pub fn rounds(usual: u32) -> u32 {
    let asked = std::env::var("HUBBUB_ROUNDS").ok();
    asked.map_or(usual, |asked| asked.parse().expect("HUBBUB_ROUNDS is a number"))
}
