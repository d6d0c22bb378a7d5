//! What one connection was told, checked frame by frame as it comes off the wire.

use std::collections::BTreeMap;

use protocol::{
    ClientFrame, Epoch, Identity, NameKey, RequestId, RoomEvent, RoomName, Seq, ServerFrame,
    UserName,
    server::{Gap, GapReason, Joined, Member, Page, Presence, ReadMarker},
};

use super::{
    plan::{Checked, Promise, Violation, check},
    truth::Truth,
};

/// A room as a connection was told of it.
#[derive(Debug)]
pub(crate) struct Told {
    /// The head when it was attached last.
    head: u64,
    /// The next event that must come.
    next: u64,
    /// Whether it is the first since the connection was attached with an `after`.
    is_seam: bool,
    /// The gap that must come before it.
    due: Option<(u64, u64, GapReason)>,
    pub(crate) members: BTreeMap<NameKey, UserName>,
    pub(crate) count: u32,
    /// How far its person has read.
    read: u64,
}

impl Told {
    /// The last event that the hub knew of when it wrote what came last.
    fn known(&self) -> u64 {
        self.head.max(self.next - 1)
    }
}

/// Where a join asked to begin.
#[derive(Clone, Debug)]
struct AskedJoin {
    after: Option<Seq>,
    epoch: Option<Epoch>,
}

/// Everything that one connection was told.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) identity: Option<Identity>,
    pub(crate) rooms: BTreeMap<RoomName, Told>,
    joins: BTreeMap<RequestId, AskedJoin>,
    is_over: bool,
}

impl View {
    /// The client sends this.
    pub(crate) fn asked(&mut self, frame: &ClientFrame, truth: &mut Truth) {
        match (frame, &self.identity) {
            (ClientFrame::Join(join), _) => {
                let asked = AskedJoin { after: join.after, epoch: join.epoch.clone() };
                self.joins.extend(join.id.clone().map(|id| (id, asked)));
            }
            (ClientFrame::Read(read), Some(me)) => truth.has_read(me, &read.room, read.seq),
            _ => {}
        }
    }

    /// This comes off the wire.
    pub(crate) fn told(&mut self, frame: &ServerFrame, truth: &mut Truth) -> Checked {
        check(!self.is_over, Promise::Told, || format!("after the goodbye came {frame:?}"))?;
        match frame {
            ServerFrame::Welcome(welcome) => {
                self.identity = Some(welcome.identity.clone());
                Ok(())
            }
            ServerFrame::Joined(joined) => self.joined(joined, truth),
            ServerFrame::Event(event) => self.event(event, truth),
            ServerFrame::Gap(gap) => self.gap(gap, truth),
            ServerFrame::Ack(ack) => match &self.identity {
                Some(identity) => truth.acked(identity, ack),
                None => Err(early(frame)),
            },
            ServerFrame::Left(left) => match self.rooms.remove(&left.room) {
                Some(_) => Ok(()),
                None => Err(early(frame)),
            },
            ServerFrame::Presence(presence) => self.presence(presence),
            ServerFrame::Members(members) => {
                if let (None, Some(room)) = (&members.id, &members.room)
                    && let Some(told) = self.rooms.get_mut(room)
                {
                    told.members = by_key(&members.members);
                    told.count = members.members.len() as u32;
                }
                Ok(())
            }
            ServerFrame::Page(page) => {
                page_of(page, self.rooms.get(&page.room).map_or(0, Told::known), truth)
            }
            ServerFrame::Read(marker) => self.read(marker, truth),
            ServerFrame::Typing(typing) => match self.rooms.get(&typing.room) {
                Some(_) => Ok(()),
                None => Err(early(frame)),
            },
            ServerFrame::Bye(_) => {
                self.is_over = true;
                Ok(())
            }
            ServerFrame::Results(_)
            | ServerFrame::Rooms(_)
            | ServerFrame::Renamed(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Error(_) => Ok(()),
        }
    }

    fn joined(&mut self, joined: &Joined, truth: &Truth) -> Checked {
        let room = &joined.room;
        let (head, oldest) = (joined.head.get(), joined.oldest.get());
        check(head <= truth.head(room), Promise::Durable, || {
            format!("joined {room} at {head}, committed are {}", truth.head(room))
        })?;
        check(oldest <= truth.oldest(room), Promise::Told, || {
            format!("joined {room} from {oldest}, kept is {}", truth.oldest(room))
        })?;
        let asked = joined.id.as_ref().and_then(|id| self.joins.get(id));
        let after = asked.and_then(|asked| asked.after).map(Seq::get);
        let is_same = asked.is_none_or(|it| it.epoch.as_ref().is_none_or(|it| *it == joined.epoch));
        let (next, due) = match after {
            Some(after) if is_same && after <= head && after + 1 < oldest => {
                (oldest, Some((after + 1, oldest - 1, GapReason::Retention)))
            }
            Some(after) if is_same && after <= head => (after + 1, None),
            None if is_same => (head + 1, None),
            Some(_) | None => (head + 1, Some((1, head, GapReason::Epoch))),
        };
        let (members, count) = (by_key(&joined.members), joined.count);
        let is_seam = after.is_some();
        let read = self.rooms.get(room).map_or(0, |told| told.read);
        self.rooms.insert(room.clone(), Told { head, next, is_seam, due, members, count, read });
        self.moved(room, joined.read, truth)
    }

    fn read(&mut self, marker: &ReadMarker, truth: &Truth) -> Checked {
        if !self.rooms.contains_key(&marker.room) {
            return Err(early(&ServerFrame::Read(marker.clone())));
        }
        self.moved(&marker.room, Some(marker.seq), truth)
    }

    /// How far its person has read: what they have said themselves, never less than before.
    fn moved(&mut self, room: &RoomName, to: Option<Seq>, truth: &Truth) -> Checked {
        let (Some(told), Some(me)) = (self.rooms.get_mut(room), &self.identity) else {
            return Ok(());
        };
        let (from, to) = (told.read, to.map_or(0, Seq::get));
        told.read = to;
        check(to <= truth.head(room), Promise::Durable, || {
            format!("{me} has read {room} up to {to}, committed are {}", truth.head(room))
        })?;
        let most = truth.read_by(me, room);
        check((from..=most).contains(&to), Promise::Told, || {
            format!("{me} has read {room} up to {from}, at most {most}, and is told {to}")
        })
    }

    fn event(&mut self, event: &RoomEvent, truth: &Truth) -> Checked {
        let Some(told) = self.rooms.get_mut(&event.room) else {
            return Err(early(&ServerFrame::Event(event.clone())));
        };
        let (next, seq) = (told.next, event.seq.get());
        let promise = if told.is_seam { Promise::Resumed } else { Promise::Told };
        check(told.due.is_none() && seq == next, promise, || {
            format!("{} was to go on with {:?} {next} and came with {seq}", event.room, told.due)
        })?;
        told.next = seq + 1;
        told.is_seam = false;
        let is_own =
            |me: &Identity| *me == event.by || RoomName::private(me, &event.by) == event.room;
        let is_private = event.room.is_private();
        check(!is_private || self.identity.as_ref().is_some_and(is_own), Promise::Told, || {
            format!("{:?} was told what is private: {event:?}", self.identity)
        })?;
        truth.saw(event, told.head)
    }

    fn gap(&mut self, gap: &Gap, truth: &Truth) -> Checked {
        let Some(told) = self.rooms.get_mut(&gap.room) else {
            return Err(early(&ServerFrame::Gap(gap.clone())));
        };
        let found = (gap.from.get(), gap.to.get(), gap.reason);
        if let Some(due) = told.due.take() {
            return check(found == due, Promise::Told, || format!("{due:?} came as {gap:?}"));
        }
        let (from, to, _) = found;
        let is_gone = to < truth.oldest(&gap.room) && gap.reason == GapReason::Retention;
        check(from == told.next && from <= to && is_gone, Promise::Told, || {
            let oldest = truth.oldest(&gap.room);
            format!("{gap:?} where {} is next and {oldest} is kept", told.next)
        })?;
        told.next = to + 1;
        Ok(())
    }

    fn presence(&mut self, presence: &Presence) -> Checked {
        let Some(told) = self.rooms.get_mut(&presence.room) else {
            return Err(early(&ServerFrame::Presence(presence.clone())));
        };
        for name in &presence.left {
            told.members.remove(&name.key());
        }
        for rename in &presence.renamed {
            told.members.remove(&rename.from.key());
            told.members.insert(rename.to.key(), rename.to.clone());
        }
        told.members.extend(by_key(&presence.joined));
        told.count = presence.count;
        Ok(())
    }
}

fn by_key(members: &[Member]) -> BTreeMap<NameKey, UserName> {
    members.iter().map(|member| (member.name.key(), member.name.clone())).collect()
}

/// A page for a connection that knows of everything in its room up to `known`.
fn page_of(page: &Page, known: u64, truth: &Truth) -> Checked {
    let seqs: Vec<_> = page.events.iter().map(|event| event.seq.get()).collect();
    check(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), Promise::OneOrder, || {
        format!("a page of {} has {seqs:?}", page.room)
    })?;
    let is_true = page.gap.as_ref().is_none_or(|gap| gap.to.get() < truth.oldest(&page.room));
    check(is_true, Promise::Told, || format!("a page of {} has {:?}", page.room, page.gap))?;
    page.events.iter().try_for_each(|event| truth.saw_in_page(event, page.as_of.get(), known))
}

fn early(frame: &ServerFrame) -> Violation {
    let what = format!("this came for a room that is not joined: {frame:?}");
    Violation { promise: Promise::Told, what }
}
