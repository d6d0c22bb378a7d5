//! Faults put in on purpose, one at a time, to show that the tests of what is promised can fail.
//!
//! They exist only in a build with the feature `sabotage`, which the package `tests/controls`
//! makes for itself; in every other build [`Fault::is_on`] is `false` and costs nothing.

/// A promise to break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Outcomes are told before their COMMIT (P1).
    AckBeforeCommit,
    /// Commits are not synced (P1, at a loss of power).
    UnsyncedCommits,
    /// Nothing keeps a request from being stored twice (P4).
    NoUniqueIndex,
    /// A cursor begins one event too early (P5).
    OverlappingReplay,
    /// Nobody is pinged, and silence is no reason to reset (P6).
    NoHeartbeat,
    /// What became of a commit does not matter to what is told (P1).
    FailedCommitIgnored,
    /// What found the disk full is refused for good.
    FullDiskIsFinal,
    /// Pages are in the order of the clock (P2).
    OrderedByClock,
    /// A hub that was stopped takes that for its clients' silence.
    PauseUnnoticed,
    /// Nobody is accepted any more once accepting has failed.
    AcceptsNoMore,
}

impl Fault {
    /// Whether this build has it and the environment (`HUBBUB_SABOTAGE`) asks for it.
    #[cfg(feature = "sabotage")]
    pub(crate) fn is_on(self) -> bool {
        static ASKED: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let asked = ASKED.get_or_init(|| std::env::var("HUBBUB_SABOTAGE").unwrap_or_default());
        *asked == format!("{self:?}")
    }

    /// Never: this is no build for sabotage.
    #[cfg(not(feature = "sabotage"))]
    pub(crate) const fn is_on(self) -> bool {
        let _ = self;
        false
    }
}
