//! The rooms to return to the next time, on disk.

use std::time::Duration;

use protocol::RoomName;

use crate::{effect::Effect, event::Now, state::State, update::peeking};

/// No more often than that: whatever opens and closes rooms, the disk has its peace.
const EVERY: Duration = Duration::from_secs(1);

/// What was handed over last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remembered {
    rooms: Vec<RoomName>,
    current: Option<RoomName>,
    /// When the next time may be.
    not_before: Duration,
    is_changed: bool,
}

impl Remembered {
    /// When something has to be handed over.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.is_changed.then_some(self.not_before)
    }
}

/// Hands the rooms over, where they are not those of the last time.
pub(super) fn remember(state: &mut State, now: Now) -> Option<Effect> {
    // Before that it is not settled whose rooms they are.
    state.me.as_ref()?;
    let known = &state.remembered;
    let rooms = state.rooms.iter().filter_map(|room| room.place.room());
    let current = peeking::home(state).room();
    let is_changed = known.current.as_ref() != current || !rooms.clone().eq(&known.rooms);
    let is_time = known.not_before <= now.mono || state.keeping.is_urgent;
    if !is_changed || !is_time {
        state.remembered.is_changed = is_changed;
        return None;
    }
    let (rooms, current): (Vec<RoomName>, _) = (rooms.cloned().collect(), current.cloned());
    let not_before = now.mono + EVERY;
    state.remembered = Remembered {
        rooms: rooms.clone(),
        current: current.clone(),
        not_before,
        is_changed: false,
    };
    Some(Effect::RememberRooms { rooms, current })
}
