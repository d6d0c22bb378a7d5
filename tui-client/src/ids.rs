//! Ids of messages: UUIDv7, made from the time handed in and a generator that is part of the
//! state, so that the same events make the same ids. PURE.

use protocol::{RequestId, Timestamp};
use uuid::Builder;

/// Makes ids. Two clients differ by their seed.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An id that nobody else makes.
    pub(crate) fn next(&mut self, wall: Timestamp) -> RequestId {
        let millis = u64::try_from(wall.0).unwrap_or(0);
        let (high, low) = (self.random().to_be_bytes(), self.random().to_be_bytes());
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&high);
        bytes[8..].copy_from_slice(&low[..2]);
        let uuid = Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid();
        let text = uuid.hyphenated().to_string();
        RequestId::parse(&text).unwrap_or_else(|_| unreachable!("a UUID is hex digits and `-`"))
    }

    /// SplitMix64: enough to tell ids of one millisecond apart; nothing here is secret.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_differ_and_begin_with_the_time() {
        let mut ids = Ids::new(1);
        let wall = Timestamp(0x0123_4567_89ab);
        let (first, second) = (ids.next(wall), ids.next(wall));
        assert_ne!(first, second);
        assert!(first.as_str().starts_with("01234567-89ab-7"), "{first}");
    }
}
