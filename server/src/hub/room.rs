//! Rooms: where their logs stand, who is in them, whose they are. PURE.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use protocol::{Identity, NameKey, RoomName, Seq, Topic};

use super::people::PersonId;
use crate::ledger::{Private, RoomRecord, Trimmed};

/// Above this many members only counts are told.
pub(crate) const MEMBERS_TOLD_MAX: usize = 1000;
/// Below this many they are told in full again.
pub(crate) const MEMBERS_TOLD_AGAIN: usize = 900;

/// A room.
#[derive(Debug)]
pub(crate) struct Room {
    /// Its last seq.
    pub(crate) head: Seq,
    /// Its first kept seq.
    pub(crate) oldest: Seq,
    /// The last seq at which something was deleted, in this process.
    pub(crate) erased: Seq,
    /// What it is about.
    pub(crate) topic: Topic,
    /// Whose it is, if it is private.
    pub(crate) private: Option<Private>,
    /// Who is in it, in the order of names.
    pub(crate) members: BTreeMap<NameKey, PersonId>,
    /// Whether there are so many that only their number is told.
    pub(crate) is_counted_only: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            head: Seq::ZERO,
            oldest: Seq::ZERO.next(),
            erased: Seq::ZERO,
            topic: Topic::default(),
            private: None,
            members: BTreeMap::new(),
            is_counted_only: false,
        }
    }
}

impl Room {
    /// How many are in it.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX)
    }

    /// Whether this is one of the two people of a private room.
    pub(crate) fn belongs_to(&self, identity: &Identity) -> bool {
        self.private.as_ref().is_some_and(|Private { people: [(one, _), (other, _)] }| {
            one == identity || other == identity
        })
    }
}

/// All rooms.
#[derive(Debug)]
pub(crate) struct Rooms {
    public: BTreeMap<RoomName, Room>,
    /// Apart, because there may be many and no list walks over them.
    private: BTreeMap<RoomName, Room>,
    /// The public ones with members, and the lobby; those with the most members first. So a
    /// list does not have to look at every room that ever was, nor to sort.
    lively: BTreeSet<(Reverse<usize>, RoomName)>,
    /// Everyone's private rooms.
    private_of: BTreeMap<Identity, Conversations>,
    /// How many events of private rooms there were so far.
    news: u64,
}

/// Somebody's private rooms.
#[derive(Debug, Default)]
struct Conversations {
    /// By their newest event.
    rooms: BTreeMap<u64, RoomName>,
    newest: BTreeMap<RoomName, u64>,
}

impl Conversations {
    fn note(&mut self, room: &RoomName, news: u64) {
        if let Some(before) = self.newest.insert(room.clone(), news) {
            self.rooms.remove(&before);
        }
        self.rooms.insert(news, room.clone());
    }
}

impl Rooms {
    /// The rooms as kept, and those that always are.
    pub(crate) fn load(records: Vec<RoomRecord>) -> Self {
        let mut rooms = Self {
            public: BTreeMap::new(),
            private: BTreeMap::new(),
            lively: BTreeSet::from([(Reverse(0), RoomName::lobby())]),
            private_of: BTreeMap::new(),
            news: 0,
        };
        for RoomRecord { room, head, oldest, topic, private } in records {
            *rooms.open(&room) = Room { head, oldest, topic, ..Room::default() };
            if let Some(private) = private {
                rooms.set_private(&room, private);
            }
        }
        rooms.open(&RoomName::lobby());
        rooms.open(&RoomName::announcements());
        rooms
    }

    /// The room of this name.
    pub(crate) fn get(&self, room: &RoomName) -> Option<&Room> {
        self.like(room).get(room)
    }

    /// The room of this name, to be changed.
    pub(crate) fn get_mut(&mut self, room: &RoomName) -> Option<&mut Room> {
        self.like_mut(room).get_mut(room)
    }

    /// The room of this name, made if there is none.
    pub(crate) fn open(&mut self, room: &RoomName) -> &mut Room {
        self.like_mut(room).entry(room.clone()).or_default()
    }

    /// The rooms among which this one is, or would be.
    fn like(&self, room: &RoomName) -> &BTreeMap<RoomName, Room> {
        if room.is_private() { &self.private } else { &self.public }
    }

    fn like_mut(&mut self, room: &RoomName) -> &mut BTreeMap<RoomName, Room> {
        if room.is_private() { &mut self.private } else { &mut self.public }
    }

    /// The lively rooms, those with the most members first.
    pub(crate) fn lively(&self, prefix: &RoomPrefix) -> impl Iterator<Item = (&RoomName, &Room)> {
        let rooms = self.lively.iter().map(|(_, name)| name).filter(|name| prefix.matches(name));
        rooms.filter_map(|name| self.public.get_key_value(name))
    }

    /// The other public rooms, in the order of names.
    pub(crate) fn quiet(&self, prefix: &RoomPrefix) -> impl Iterator<Item = (&RoomName, &Room)> {
        let from = match prefix {
            RoomPrefix::Like(first) => Bound::Included(first),
            RoomPrefix::Any | RoomPrefix::Impossible => Bound::Unbounded,
        };
        let rooms = self.public.range::<RoomName, _>((from, Bound::Unbounded));
        let rooms = rooms.take_while(|(name, _)| prefix.begins(name));
        rooms.filter(|(name, room)| prefix.matches(name) && !is_lively(name, room))
    }

    /// Somebody's private rooms, the one with the newest event first.
    pub(crate) fn private_of(&self, identity: &Identity) -> impl Iterator<Item = &RoomName> {
        self.private_of.get(identity).into_iter().flat_map(|all| all.rooms.values().rev())
    }

    /// Whose a private room is, and that it has a new event.
    pub(crate) fn set_private(&mut self, room: &RoomName, private: Private) {
        self.news += 1;
        for (identity, _) in &private.people {
            self.private_of.entry(identity.clone()).or_default().note(room, self.news);
        }
        self.open(room).private = Some(private);
    }

    /// The beginning of a room is no longer kept.
    pub(crate) fn trim(&mut self, trimmed: &Trimmed) {
        if let Some(room) = self.get_mut(&trimmed.room) {
            room.oldest = room.oldest.max(trimmed.oldest);
        }
    }

    /// Somebody is in a room, which is there.
    pub(crate) fn add_member(&mut self, name: &RoomName, key: NameKey, person: PersonId) {
        let Some(room) = self.get_mut(name) else { return };
        let before = room.members.len();
        room.members.insert(key, person);
        room.is_counted_only |= room.members.len() > MEMBERS_TOLD_MAX;
        self.sort_in(name, before);
    }

    /// Somebody is no longer in a room, which may have ended with that.
    pub(crate) fn remove_member(&mut self, name: &RoomName, key: &NameKey) {
        let Some(room) = self.get_mut(name) else { return };
        let before = room.members.len();
        room.members.remove(key);
        let has_ended = room.members.is_empty() && room.head == Seq::ZERO && !is_permanent(name);
        self.sort_in(name, before);
        if has_ended {
            self.like_mut(name).remove(name);
        }
    }

    /// Puts a room where it belongs among the lively ones.
    fn sort_in(&mut self, name: &RoomName, before: usize) {
        self.lively.remove(&(Reverse(before), name.clone()));
        let lively = self.get(name).filter(|room| is_lively(name, room));
        if let Some(members) = lively.map(|room| room.members.len()) {
            self.lively.insert((Reverse(members), name.clone()));
        }
    }
}

/// Whether a public room is to be shown before others: it has members, or is the lobby.
fn is_lively(name: &RoomName, room: &Room) -> bool {
    !name.is_private() && (!room.members.is_empty() || *name == RoomName::lobby())
}

/// Whether a room is there even when it is empty.
fn is_permanent(room: &RoomName) -> bool {
    *room == RoomName::lobby() || *room == RoomName::announcements()
}

/// Which public rooms are wanted. (`announcements` is no place to go to.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RoomPrefix {
    /// All.
    Any,
    /// Those that begin like this one.
    Like(RoomName),
    /// No room can begin so.
    Impossible,
}

impl RoomPrefix {
    /// Reads a prefix as room names are read: without the `#`, in lower case.
    pub(crate) fn new(text: &str) -> Self {
        match RoomName::parse(text) {
            _ if text.is_empty() || text == "#" => Self::Any,
            Ok(prefix) => Self::Like(prefix),
            Err(_) => Self::Impossible,
        }
    }

    /// Whether this is such a room.
    pub(crate) fn matches(&self, room: &RoomName) -> bool {
        let is_place = !room.is_private() && *room != RoomName::announcements();
        is_place && self.begins(room)
    }

    fn begins(&self, room: &RoomName) -> bool {
        match self {
            Self::Any => true,
            Self::Like(prefix) => room.as_str().starts_with(prefix.as_str()),
            Self::Impossible => false,
        }
    }
}
