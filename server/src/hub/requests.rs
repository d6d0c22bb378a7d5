//! Requests that only look: history, rooms, who; and the small ones. PURE.

use std::ops::Bound;

use protocol::{
    ErrorCode, NameKey, Note, PageLimit, RoomEvent, RoomName, Seq, ServerFrame, UserName,
    client::{History, ListRooms, Who},
    server::{GapRange, GapReason, Member, Members, Page, Pong, RoomSummary, Rooms},
};

use super::{
    effect::Effect,
    input::Ticket,
    lists::{LIST_BYTES_MAX, fitting},
    members::MEMBERS_MAX,
    membership::{is_announcements, no_such_room, not_in_room},
    people::{Person, PersonId},
    proposals::Pending,
    room::{Room, RoomPrefix},
    session::Asker,
    state::HubState,
    turn::{Denial, Turn},
};
use crate::ledger::{PageQuery, PageRange, PageResult, PageRows};

/// Most rooms in a `welcome`.
const WELCOME_ROOMS_MAX: usize = 200;
/// When to ask again for a page that could not be read.
const READ_AGAIN_MS: u64 = 1000;

/// A page that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedPage {
    asker: Asker,
    frame: History,
    range: PageRange,
    as_of: Seq,
}

impl HubState {
    /// Somebody reads back.
    pub(super) fn history(&mut self, turn: &mut Turn, asker: Asker, frame: History) {
        let name = frame.room.clone();
        let Some(room) = self.open_to(&asker, &name) else {
            return turn.deny(asker, not_in_room(&name));
        };
        let as_of = room.head;
        let range = match (frame.before, frame.after) {
            (Some(_), Some(_)) => return turn.deny(asker, before_and_after(&name)),
            (None, Some(after)) => PageRange::After(after),
            (Some(before), None) => PageRange::Before(before),
            (None, None) => PageRange::Before(as_of.next()),
        };
        let query = PageQuery {
            room: name,
            range,
            limit: frame.limit.get(),
            bytes_max: LIST_BYTES_MAX,
            head: as_of,
        };
        let ticket = self.ticket(Pending::Page(AskedPage { asker, frame, range, as_of }));
        self.reads += 1;
        turn.push(Effect::ReadPage { ticket, query });
    }

    /// The room, if the asker may look up what was said there. In a public one that is everybody:
    /// they could join it, and nobody has to be told of somebody who only looks.
    fn open_to(&self, asker: &Asker, name: &RoomName) -> Option<&Room> {
        let may_look = !name.is_private() || self.owns_private(asker.person, name);
        self.rooms.get(name).filter(|_| may_look)
    }

    /// The room, if the asker follows it.
    pub(super) fn readable(&self, asker: &Asker, name: &RoomName) -> Option<&Room> {
        let session = self.sessions.get(&asker.session)?;
        let may_read =
            session.is_in(name) || is_announcements(name) || self.owns_private(asker.person, name);
        self.rooms.get(name).filter(|_| may_read)
    }

    /// The ledger has read a page.
    pub(super) fn page_read(&mut self, turn: &mut Turn, ticket: Ticket, result: PageResult) {
        let Some(Pending::Page(asked)) = self.pending.remove(&ticket) else {
            return;
        };
        self.reads -= 1;
        match result {
            _ if !self.sessions.contains_key(&asked.asker.session) => {}
            // It may have been read before something was deleted that the asker knows to be gone.
            Ok(_) if self.was_erased_after(&asked.frame.room, asked.as_of) => {
                self.history(turn, asked.asker, asked.frame);
            }
            Ok(rows) => self.answer_page(turn, asked, rows),
            Err(_) => turn.deny(asked.asker, unreadable(&asked.frame.room)),
        }
    }

    fn answer_page(&self, turn: &mut Turn, asked: AskedPage, rows: PageRows) {
        let kept = self.rooms.get(&asked.frame.room).map_or(Seq::ZERO.next(), |room| room.oldest);
        let (events, more) = fitting_page(rows, asked.range);
        let gap = gap_of(&asked, &events, more);
        // As it was when the page was read: what the hub knows may be older, or newer.
        let oldest = gap.as_ref().map_or(kept, |gap| kept.max(gap.to.next()));
        let oldest = events.first().map_or(oldest, |event| oldest.min(event.seq));
        let AskedPage { asker: Asker { session, id, .. }, frame, as_of, .. } = asked;
        let room = frame.room;
        turn.answer(
            session,
            ServerFrame::Page(Page { id, room, events, oldest, as_of, gap, more }),
        );
    }

    /// Somebody wants to know which rooms there are.
    pub(super) fn list_rooms(&self, turn: &mut Turn, asker: Asker, frame: &ListRooms) {
        let Some(person) = self.people.get(asker.person) else {
            return;
        };
        let prefix = RoomPrefix::new(frame.prefix.as_deref().unwrap_or_default());
        let own = self.own_rooms(person, &prefix);
        let others = self.rooms.lively(&prefix).chain(self.rooms.quiet(&prefix));
        let others = others.filter(|(name, _)| !is_own(person, name));
        let others = others.map(|(name, room)| self.summary(person, name, room));
        let (rooms, more) = fitting(own.into_iter().chain(others), frame.limit.get());
        turn.answer(asker.session, ServerFrame::Rooms(Rooms { id: asker.id, rooms, more }));
    }

    /// The rooms that somebody is told of when they come.
    pub(super) fn welcome_rooms(&self, id: PersonId) -> Vec<RoomSummary> {
        let Some(person) = self.people.get(id) else {
            return Vec::new();
        };
        let own = self.own_rooms(person, &RoomPrefix::Any);
        let lively = self.rooms.lively(&RoomPrefix::Any);
        let lively = lively.filter(|(name, _)| !is_own(person, name));
        let lively = lively.map(|(name, room)| self.summary(person, name, room));
        fitting(own.into_iter().chain(lively), WELCOME_ROOMS_MAX).0
    }

    /// The rooms somebody is in, then their private ones with the newest first.
    fn own_rooms(&self, person: &Person, prefix: &RoomPrefix) -> Vec<RoomSummary> {
        let public = person.memberships.rooms().filter(|room| prefix.matches(room));
        let is_wanted = *prefix == RoomPrefix::Any;
        let private = self.rooms.private_of(&person.identity).filter(|_| is_wanted);
        let rooms = public.chain(private).take(WELCOME_ROOMS_MAX + 1);
        let rooms = rooms.filter_map(|name| self.rooms.get(name).map(|room| (name, room)));
        rooms.map(|(name, room)| self.summary(person, name, room)).collect()
    }

    fn summary(&self, person: &Person, name: &RoomName, room: &Room) -> RoomSummary {
        RoomSummary {
            room: name.clone(),
            peer: self.peer(room, person),
            topic: room.topic.clone(),
            members: room.count(),
            head: room.head,
            read: self.markers.get(&person.identity, name),
            mine: is_own(person, name) || room.belongs_to(&person.identity),
        }
    }

    /// Somebody wants to know who is in a room, or about one person.
    pub(super) fn who(&mut self, turn: &mut Turn, asker: Asker, frame: &Who) {
        match (&frame.room, &frame.name) {
            (Some(room), None) => self.who_is_in(turn, asker, room, frame),
            (None, Some(name)) => self.who_is(turn, asker, name),
            (Some(_), Some(_)) | (None, None) => {
                let text = "ask for either a room or a name";
                turn.deny(asker, Denial::new(ErrorCode::BadFrame, text));
            }
        }
    }

    fn who_is_in(&mut self, turn: &mut Turn, asker: Asker, name: &RoomName, frame: &Who) {
        if name.is_private() && !self.owns_private(asker.person, name) {
            return turn.deny(asker, no_such_room(name));
        }
        let limit = frame.limit.map_or(MEMBERS_MAX, PageLimit::get);
        let after = frame.after.as_ref().map(UserName::key);
        let (members, more) = self.members_after(name, after.as_ref(), limit);
        self.windows.note_snapshot(name);
        answer_members(turn, asker, Some(name.clone()), members, more);
    }

    fn members_after(
        &self,
        name: &RoomName,
        after: Option<&NameKey>,
        limit: usize,
    ) -> (Vec<Member>, bool) {
        let Some(room) = self.rooms.get(name) else {
            return (Vec::new(), false);
        };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let members = room.members.range::<NameKey, _>((from, Bound::Unbounded));
        let members = members.filter_map(|(_, id)| self.people.get(*id));
        fitting(members.map(Person::member), limit)
    }

    fn who_is(&self, turn: &mut Turn, asker: Asker, name: &UserName) {
        let known = self.people.by_name(&name.key()).and_then(|id| self.people.get(id));
        let Some(person) = known else {
            let text = "nobody here has that name; look at it again";
            return turn.deny(asker, Denial::new(ErrorCode::NoSuchUser, text));
        };
        let last_seen = (!person.is_online()).then_some(person.last_seen);
        let member = Member { last_seen, ..person.member() };
        answer_members(turn, asker, None, vec![member], false);
    }

    /// Somebody is away or back.
    pub(super) fn away(&mut self, turn: &mut Turn, asker: &Asker, text: Option<Note>) {
        turn.push(Effect::Done { session: asker.session });
        let is_new = self.people.get(asker.person).is_some_and(|person| person.away != text);
        if is_new {
            self.touch_everywhere(turn, asker.person);
            if let Some(person) = self.people.get_mut(asker.person) {
                person.away = text;
            }
        }
    }

    /// Somebody wants a sign of life.
    pub(super) fn ping(turn: &mut Turn, asker: Asker, nonce: Option<String>) {
        turn.answer(asker.session, ServerFrame::Pong(Pong { id: asker.id, nonce }));
    }
}

fn is_own(person: &Person, room: &RoomName) -> bool {
    person.memberships.get(room).is_some()
}

fn answer_members(
    turn: &mut Turn,
    asker: Asker,
    room: Option<RoomName>,
    members: Vec<Member>,
    more: bool,
) {
    let members = Members { id: asker.id, room, members, more };
    turn.answer(asker.session, ServerFrame::Members(members));
}

/// The events nearest to where the page begins, as many as fit.
fn fitting_page(rows: PageRows, range: PageRange) -> (Vec<RoomEvent>, bool) {
    let PageRows { mut events, more } = rows;
    let all = usize::MAX;
    match range {
        PageRange::After(_) => {
            let (events, is_cut) = fitting(events, all);
            (events, more || is_cut)
        }
        PageRange::Before(_) => {
            events.reverse();
            let (mut events, is_cut) = fitting(events, all);
            events.reverse();
            (events, more || is_cut)
        }
    }
}

/// What was asked for and is no longer kept: that is what the log did not have when it was read.
fn gap_of(asked: &AskedPage, events: &[RoomEvent], more: bool) -> Option<GapRange> {
    let first = |or: Seq| events.first().map_or(or, |event| event.seq);
    let (from, to) = match asked.range {
        PageRange::After(after) => (after.next(), first(asked.as_of.next()).previous()),
        PageRange::Before(_) if more => return None,
        PageRange::Before(before) => {
            (Seq::ZERO.next(), first(before.min(asked.as_of.next())).previous())
        }
    };
    (from <= to).then_some(GapRange { from, to, reason: GapReason::Retention })
}

fn before_and_after(room: &RoomName) -> Denial {
    Denial::of_room(ErrorCode::BadFrame, "ask for before or after, not both", room)
}

fn unreadable(room: &RoomName) -> Denial {
    let denial = Denial::of_room(ErrorCode::Storage, "the log can't be read now; ask again", room);
    Denial { retry_after_ms: Some(READ_AGAIN_MS), ..denial }
}
