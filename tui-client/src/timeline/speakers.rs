//! Who has spoken in a room, in the order in which they were first seen: it never changes, so
//! that neither does a colour. PURE.

use std::collections::HashMap;

use protocol::Identity;

/// Most people who are told apart; nobody has seen as many in one room.
const SPEAKERS_MAX: usize = 4_096;
/// Most of those who are listed.
const FIRST_MAX: usize = 32;

/// Somebody who has spoken: the same for the same identity, whatever their name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speaker {
    /// How many were seen before.
    pub order: u16,
    /// A number of their own, the same in every room and after a restart.
    pub hash: u16,
}

/// Those who have spoken.
#[derive(Clone, Debug, Default)]
pub(super) struct Speakers {
    known: HashMap<Identity, Speaker>,
    first: Vec<Speaker>,
}

impl Speakers {
    /// Somebody speaks.
    pub(super) fn see(&mut self, identity: &Identity) {
        if self.known.len() >= SPEAKERS_MAX || self.known.contains_key(identity) {
            return;
        }
        let speaker = Speaker { order: self.known.len() as u16, hash: hash(identity) };
        self.known.insert(identity.clone(), speaker);
        if self.first.len() < FIRST_MAX {
            self.first.push(speaker);
        }
    }

    /// Who that is; one of those who could not be told apart any more comes after all others.
    pub(super) fn speaker(&self, identity: &Identity) -> Speaker {
        let unknown = || Speaker { order: u16::MAX, hash: hash(identity) };
        self.known.get(identity).copied().unwrap_or_else(unknown)
    }

    /// Those who were seen first, in that order.
    pub(super) fn first(&self) -> &[Speaker] {
        &self.first
    }
}

/// FNV-1a, both halves together.
fn hash(identity: &Identity) -> u16 {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = identity.as_str().bytes().fold(0x811c_9dc5, mix);
    (hash ^ (hash >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(number: usize) -> Identity {
        Identity::parse(&format!("~{number:032x}")).expect("an identity")
    }

    #[test]
    fn whoever_was_seen_keeps_their_place() {
        let mut speakers = Speakers::default();
        for number in [1, 2, 1, 3] {
            speakers.see(&identity(number));
        }
        let orders = [1, 2, 3].map(|number| speakers.speaker(&identity(number)).order);
        assert_eq!(orders, [0, 1, 2]);
        assert_eq!(speakers.first().len(), 3);
    }

    #[test]
    fn a_crowd_without_end_takes_bounded_memory() {
        let mut speakers = Speakers::default();
        for number in 0..2 * SPEAKERS_MAX {
            speakers.see(&identity(number));
        }
        assert_eq!(speakers.known.len(), SPEAKERS_MAX);
        let late = identity(2 * SPEAKERS_MAX - 1);
        assert_eq!(speakers.speaker(&late).order, u16::MAX);
    }
}
