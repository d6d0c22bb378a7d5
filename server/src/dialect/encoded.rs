//! A frame for everyone in a room, encoded once for each way in which it is seen. PURE.

use std::sync::Arc;

use bytes::Bytes;
use protocol::{RoomEvent, ServerFrame};

use super::{Lens, typed};

/// A frame for everyone in a room. As nearly all see it it is encoded at once, for others only
/// where there are any.
#[derive(Clone, Debug)]
pub struct Encoded {
    typed: Bytes,
    told: Told,
}

#[derive(Clone, Debug)]
enum Told {
    Event(Arc<RoomEvent>),
    Notice(Arc<ServerFrame>),
}

impl Encoded {
    /// Encodes an event.
    pub fn event(event: &Arc<RoomEvent>) -> Self {
        Self { typed: typed::encode_event(event), told: Told::Event(Arc::clone(event)) }
    }

    /// Encodes what is told beside events.
    pub fn notice(frame: ServerFrame) -> Self {
        Self { typed: typed::encode(&frame), told: Told::Notice(Arc::new(frame)) }
    }

    /// As the typed dialect has it.
    pub(crate) fn typed(&self) -> Bytes {
        self.typed.clone()
    }

    /// As it is seen through a lens; empty if it says nothing there.
    pub(crate) fn seen_through(&self, lens: &Lens) -> Bytes {
        match (lens, &self.told) {
            (Lens::Typed, _) => self.typed(),
            (_, Told::Event(event)) => lens.encode_event(event),
            (_, Told::Notice(frame)) => lens.encode(frame),
        }
    }
}
