//! How much of what was said is kept in memory, over all rooms: in those that were not looked at
//! for the longest time only what is around the reading position, which is there at once when one
//! comes back; the rest is read again. PURE.

use crate::{event::Now, state::State};

/// Most bytes of events over all rooms: about 70,000 usual messages, seven rooms that are read
/// from end to end.
pub(crate) const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// When that is too much, as much goes that there are only so many left.
const KEPT_BYTES_THEN: usize = KEPT_BYTES_MAX / 4 * 3;
/// How many events of a room stay in any case: a page of the hub's, some views of ours.
const STAYING: usize = 200;

/// Sees to it.
pub(super) fn settle(state: &mut State, now: Now) {
    state.rooms[state.current].shown_at = now.mono;
    if bytes(state) <= KEPT_BYTES_MAX {
        return;
    }
    let mut order: Vec<usize> = (0..state.rooms.len()).collect();
    // The one on the screen is the last; of two of the same time that which is further behind.
    order.sort_by_key(|index| (*index == state.current, state.rooms[*index].shown_at));
    for index in order {
        if bytes(state) <= KEPT_BYTES_THEN {
            return;
        }
        state.rooms[index].shrink_to(STAYING);
    }
}

/// About how many bytes the events of all rooms take.
pub(crate) fn bytes(state: &State) -> usize {
    state.rooms.iter().map(|room| room.timeline().bytes()).sum()
}
