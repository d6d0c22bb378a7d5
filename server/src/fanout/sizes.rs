//! How much a shard keeps in memory and does at once. PURE.

/// What all rings of all shards may hold in memory.
const RINGS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most slots of one room: more than a second of the busiest room, so that only a reader that
/// does not take bytes falls out.
pub(crate) const SLOTS_MAX: usize = 4096;
/// Most bytes of one room, so that 64 full rooms fit into what all rings may hold.
pub(crate) const BYTES_MAX: usize = 1024 * 1024;
/// Events in a page: as many as a socket that was full is likely to take.
const PAGE_EVENTS: usize = 200;
/// Most followers of one room that are written before other rooms and answers are served.
const FOLLOWERS: usize = 64;

/// How much a shard keeps in memory, and does at once.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Most bytes of all rings together.
    pub rings_bytes: usize,
    /// How large one ring may become.
    pub ring: RingSizes,
    /// Most events in a page.
    pub page_events: usize,
    /// Most followers of one room that are written before other rooms and answers are served.
    pub followers: usize,
}

/// How large one ring may become.
#[derive(Clone, Copy, Debug)]
pub struct RingSizes {
    /// Most slots.
    pub slots: usize,
    /// Most bytes.
    pub bytes: usize,
}

impl Sizes {
    /// The sizes of each of `count` shards.
    pub(crate) fn of_one_in(count: usize) -> Self {
        Self {
            rings_bytes: RINGS_BYTES_MAX / count,
            ring: RingSizes::default(),
            page_events: PAGE_EVENTS,
            followers: FOLLOWERS,
        }
    }
}

impl Default for RingSizes {
    fn default() -> Self {
        Self { slots: SLOTS_MAX, bytes: BYTES_MAX }
    }
}
