//! Who came, went or changed, gathered for a short while and told as the net difference. PURE.
//!
//! Members are told of in two ways: to everyone in a room by `presence`, and to one connection by
//! a *snapshot* (the members in `joined` and `members`). A snapshot in the middle of a window
//! shows changes that the window may take back; those must then be told although the net
//! difference is nothing. So each change keeps what it was shown as meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use protocol::{
    FRAME_BYTES_MAX, NameKey, RoomName, UserName,
    server::{Member, Presence, Rename},
};

use super::{
    effect::Move,
    lists::encoded_len,
    people::{People, PersonId},
    room::Room,
};

/// How long changes are gathered: at most one `presence` a room in this time.
pub(crate) const WINDOW: Duration = Duration::from_millis(100);

/// From this many bytes on the rest waits for the next `presence`. One person's change never
/// takes the 8 KiB that are left then: a few names and two members.
const PRESENCE_BYTES_ENOUGH: usize = FRAME_BYTES_MAX - 8192;

/// The changes that were not told yet, by room.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    open: BTreeMap<RoomName, Window>,
    /// When they are told; in order, because all wait equally long.
    due: VecDeque<(Duration, RoomName)>,
}

/// What is not told yet in one room.
#[derive(Debug, Default)]
pub(crate) struct Window {
    changes: BTreeMap<PersonId, Change>,
    /// How many snapshots were shown since the window opened.
    snapshots: u64,
}

/// What somebody was, in this room, before what they are now. None is "not here".
#[derive(Debug)]
struct Change {
    /// As everyone was told.
    told: Option<Member>,
    /// As snapshots showed them to others since.
    shown: Vec<Option<Member>>,
    /// As snapshots showed them to themselves when they came in. That matters only while they
    /// are here.
    own: Vec<Member>,
    /// How many snapshots there were at the last change.
    snapshots: u64,
    /// Whether they came in with the last change, and so have seen themselves.
    has_seen_itself: bool,
}

impl Windows {
    /// Somebody is about to be other than `before` in this room.
    pub(crate) fn touch(
        &mut self,
        now: Duration,
        room: &RoomName,
        person: PersonId,
        before: Option<Member>,
    ) {
        let window = self.opened(now, room);
        let snapshots = window.snapshots;
        let Some(change) = window.changes.get_mut(&person) else {
            window.changes.insert(person, Change::new(before, snapshots));
            return;
        };
        if change.has_seen_itself {
            change.own.extend(before.clone());
        }
        if change.snapshots < snapshots && !change.shown.contains(&before) {
            change.shown.push(before);
        }
        change.snapshots = snapshots;
        change.has_seen_itself = false;
    }

    /// How many are in this room is about to change; who, is not told.
    pub(crate) fn touch_count(&mut self, now: Duration, room: &RoomName) {
        self.opened(now, room);
    }

    /// Somebody is shown who is in this room.
    pub(crate) fn note_snapshot(&mut self, room: &RoomName) {
        if let Some(window) = self.open.get_mut(room) {
            window.snapshots += 1;
        }
    }

    /// Somebody who has just come into this room is shown who is in it, themselves included.
    pub(crate) fn note_first_snapshot(&mut self, room: &RoomName, person: PersonId) {
        let Some(window) = self.open.get_mut(room) else { return };
        window.snapshots += 1;
        if let Some(change) = window.changes.get_mut(&person) {
            change.snapshots = window.snapshots;
            change.has_seen_itself = true;
        }
    }

    /// When the next window is to be told.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.due.front().map(|(due, _)| *due)
    }

    /// A room whose window is to be told now.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<(RoomName, Window)> {
        self.due.front().filter(|(due, _)| *due <= now)?;
        let (_, room) = self.due.pop_front()?;
        let window = self.open.remove(&room)?;
        Some((room, window))
    }

    /// Whether somebody is, or will be, other than everyone in this room was told.
    pub(crate) fn has_change_of(&self, room: &RoomName, person: PersonId) -> bool {
        self.open.get(room).is_some_and(|window| window.changes.contains_key(&person))
    }

    /// Takes what is not told yet, to tell it now. The window stays open.
    pub(crate) fn take(&mut self, room: &RoomName) -> Option<Window> {
        self.open.get_mut(room).map(std::mem::take)
    }

    /// What did not fit waits for the next window.
    pub(crate) fn put_back(&mut self, now: Duration, room: &RoomName, rest: Window) {
        if !rest.changes.is_empty() {
            self.opened(now, room).changes = rest.changes;
        }
    }

    fn opened(&mut self, now: Duration, room: &RoomName) -> &mut Window {
        if !self.open.contains_key(room) {
            self.due.push_back((now + WINDOW, room.clone()));
        }
        self.open.entry(room.clone()).or_default()
    }
}

impl Window {
    /// The net difference, as much of it as fits into a frame; none if there is no difference.
    /// What is left of the window is what did not fit.
    pub(crate) fn tell(
        &mut self,
        name: &RoomName,
        room: &Room,
        people: &People,
        with_moves: bool,
    ) -> Option<(Presence, Vec<Move>)> {
        let mut telling = Telling::new(room, people, &self.changes);
        telling.with_moves = with_moves;
        while telling.bytes < PRESENCE_BYTES_ENOUGH {
            let Some((person, change)) = self.changes.pop_first() else {
                break;
            };
            telling.add(person, &change);
        }
        self.snapshots = 0;
        for change in self.changes.values_mut() {
            change.snapshots = 0;
            change.has_seen_itself = false;
        }
        telling.finish(name)
    }
}

impl Change {
    fn new(told: Option<Member>, snapshots: u64) -> Self {
        let (shown, own) = (Vec::new(), Vec::new());
        Self { told, shown, own, snapshots, has_seen_itself: false }
    }

    /// Everything that somebody may take them for.
    fn views(&self, is_here: bool) -> impl Iterator<Item = Option<&Member>> {
        let own = self.own.iter().filter(move |_| is_here).map(Some);
        std::iter::once(self.told.as_ref()).chain(self.shown.iter().map(Option::as_ref)).chain(own)
    }
}

/// A `presence` in the making.
struct Telling<'a> {
    room: &'a Room,
    people: &'a People,
    /// Who was known by each name that somebody may still know.
    known_as: BTreeMap<NameKey, BTreeSet<PersonId>>,
    left: BTreeSet<UserName>,
    renamed: Vec<Rename>,
    joined: BTreeSet<PersonId>,
    /// Who moved, whatever snapshots showed meanwhile: lines show none.
    moves: Vec<Move>,
    with_moves: bool,
    /// About how many bytes all this takes.
    bytes: usize,
}

impl<'a> Telling<'a> {
    fn new(room: &'a Room, people: &'a People, changes: &BTreeMap<PersonId, Change>) -> Self {
        let mut known_as: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (person, change) in changes {
            for member in change.views(true).flatten() {
                known_as.entry(member.name.key()).or_default().insert(*person);
            }
        }
        let (left, renamed, joined) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        let (moves, with_moves) = (Vec::new(), false);
        Self { room, people, known_as, left, renamed, joined, moves, with_moves, bytes: 0 }
    }

    /// Leads from everything that this person may be taken for to what they are.
    fn add(&mut self, person: PersonId, change: &Change) {
        let is = self.member(person);
        if self.with_moves {
            self.moves.extend(moved(change.told.as_ref(), is.as_ref()));
        }
        for view in change.views(is.is_some()).filter(|view| *view != is.as_ref()) {
            if self.rename(person, change, view, is.as_ref()) {
                continue;
            }
            if let Some(was) = view {
                self.leave(person, was, is.as_ref());
            }
            if is.is_some() {
                self.join(person);
            }
        }
    }

    /// Tells a view away as a rename, if it is one that cannot be misunderstood: the old name is
    /// nobody else's now and the new one was nobody else's before.
    fn rename(
        &mut self,
        person: PersonId,
        change: &Change,
        was: Option<&Member>,
        is: Option<&Member>,
    ) -> bool {
        let (Some(was), Some(is)) = (was, is) else {
            return false;
        };
        let is_told = change.told.as_ref() == Some(was);
        let is_sole = |persons: &BTreeSet<_>| persons.iter().all(|other| *other == person);
        let is_only_known = self.known_as.get(&is.name.key()).is_none_or(is_sole);
        let is_taken_over = self.holder(&was.name).is_some_and(|holder| holder != person);
        if !is_told || was.name == is.name || !is_only_known || is_taken_over {
            return false;
        }
        let rename = Rename { from: was.name.clone(), to: is.name.clone() };
        self.bytes += encoded_len(&rename) + 1;
        self.renamed.push(rename);
        if was.away != is.away || was.role != is.role {
            self.join(person);
        }
        true
    }

    /// Nobody is called so any more; whoever has taken the name over is told anew.
    fn leave(&mut self, person: PersonId, was: &Member, is: Option<&Member>) {
        if is.is_some_and(|is| is.name == was.name) {
            return;
        }
        self.bytes += encoded_len(&was.name) + 1;
        self.left.insert(was.name.clone());
        if let Some(holder) = self.holder(&was.name).filter(|holder| *holder != person) {
            self.join(holder);
        }
    }

    fn join(&mut self, person: PersonId) {
        if self.joined.insert(person) {
            self.bytes += self.member(person).map_or(0, |member| encoded_len(&member) + 1);
        }
    }

    /// The member who is called so now, or so alike that clients take it for the same.
    fn holder(&self, name: &UserName) -> Option<PersonId> {
        self.room.members.get(&name.key()).copied()
    }

    fn member(&self, person: PersonId) -> Option<Member> {
        let known = self.people.get(person)?;
        let is_here = self.room.members.get(&known.key) == Some(&person);
        is_here.then(|| known.member())
    }

    fn finish(self, room: &RoomName) -> Option<(Presence, Vec<Move>)> {
        let presence = Presence {
            room: room.clone(),
            joined: self.joined.iter().filter_map(|person| self.member(*person)).collect(),
            left: self.left.into_iter().collect(),
            renamed: self.renamed,
            count: self.room.count(),
        };
        let is_news = !presence.left.is_empty()
            || !presence.renamed.is_empty()
            || !presence.joined.is_empty();
        is_news.then_some((presence, self.moves))
    }
}

/// What somebody did, from what everyone was told to what they are.
fn moved(was: Option<&Member>, is: Option<&Member>) -> Option<Move> {
    match (was, is) {
        (None, Some(is)) => Some(Move::Joined(is.name.clone())),
        (Some(was), None) => Some(Move::Left(was.name.clone())),
        (Some(was), Some(is)) if was.name != is.name => {
            Some(Move::Renamed(was.name.clone(), is.name.clone()))
        }
        _ => None,
    }
}
