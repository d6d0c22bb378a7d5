//! A connection as its client sees it: what it checks, and what it believes.

use std::{collections::BTreeMap, sync::Arc};

use protocol::{
    NameKey, RoomEvent, RoomName, Seq, ServerFrame, UserName,
    server::{Gap, Joined, Member, Members, Presence, ReadMarker},
};

use crate::hub::effect::Notice;

/// A connection.
#[derive(Default)]
pub(super) struct Client {
    /// What it was told since it last looked.
    pub(super) news: Vec<ServerFrame>,
    /// Requests that are not answered.
    pub(super) open: u32,
    /// With which code it was told to go.
    pub(super) closed: Option<u16>,
    /// What it follows.
    pub(super) rooms: BTreeMap<RoomName, Following>,
}

/// A room as a client sees it. Clients may tell names apart exactly or by their keys.
pub(super) struct Following {
    next: Seq,
    by_name: BTreeMap<UserName, Member>,
    by_key: BTreeMap<NameKey, Member>,
    pub(super) count: u32,
    /// How far its person has read.
    read: Option<Seq>,
}

impl Client {
    /// It follows a room from here on.
    pub(super) fn joined(
        &mut self,
        joined: Joined,
        gap: Option<Gap>,
        after: Seq,
        missed: &[Arc<RoomEvent>],
    ) {
        let mut following = Following {
            next: after.next(),
            by_name: BTreeMap::new(),
            by_key: BTreeMap::new(),
            count: joined.count,
            read: self.rooms.get(&joined.room).and_then(|before| before.read),
        };
        following.set_members(&joined.members);
        assert!(following.read <= joined.read && joined.read <= Some(joined.head), "{joined:?}");
        following.read = joined.read;
        self.rooms.insert(joined.room.clone(), following);
        self.news.push(ServerFrame::Joined(joined));
        self.news.extend(gap.map(ServerFrame::Gap));
        for event in missed {
            self.event(event);
        }
    }

    /// An event of a room that it follows.
    pub(super) fn event(&mut self, event: &Arc<RoomEvent>) {
        let following = self.rooms.get_mut(&event.room).unwrap();
        assert_eq!(event.seq, following.next, "a hole or a repeat in {}", event.room);
        following.next = event.seq.next();
        self.news.push(ServerFrame::Event((**event).clone()));
    }

    /// Who is in a room, told unasked.
    pub(super) fn members(&mut self, members: &Members) {
        if let Some(following) = members.room.as_ref().and_then(|room| self.rooms.get_mut(room)) {
            following.set_members(&members.members);
        }
    }

    /// How far its person has read, told unasked.
    pub(super) fn read(&mut self, marker: &ReadMarker) {
        let following = self.rooms.get_mut(&marker.room).unwrap();
        assert!(following.read <= Some(marker.seq), "{marker:?} after {:?}", following.read);
        following.read = Some(marker.seq);
    }

    /// Who came, went, changed or writes in a room.
    pub(super) fn notice(&mut self, notice: &Notice) {
        let Some(following) = self.rooms.get_mut(notice.room()) else { return };
        if let Notice::Presence(presence, _) = notice {
            following.present(presence);
        }
        self.news.push(ServerFrame::from(notice.clone()));
    }
}

impl Following {
    /// Whom it believes to be here, by name.
    pub(super) fn members(&self) -> Vec<&Member> {
        let members: Vec<_> = self.by_name.values().collect();
        let mut others: Vec<_> = self.by_key.values().collect();
        others.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(members, others, "it matters how a client tells names apart");
        members
    }

    fn set_members(&mut self, members: &[Member]) {
        self.by_name.clear();
        self.by_key.clear();
        for member in members {
            self.add(member.clone());
        }
    }

    fn present(&mut self, presence: &Presence) {
        for name in &presence.left {
            self.by_name.remove(name);
            self.by_key.remove(&name.key());
        }
        for rename in &presence.renamed {
            let named = |member: Member| Member { name: rename.to.clone(), ..member };
            if let Some(member) = self.by_name.remove(&rename.from) {
                self.by_name.insert(rename.to.clone(), named(member));
            }
            if let Some(member) = self.by_key.remove(&rename.from.key()) {
                self.by_key.insert(rename.to.key(), named(member));
            }
        }
        for member in &presence.joined {
            self.add(member.clone());
        }
        self.count = presence.count;
    }

    fn add(&mut self, member: Member) {
        self.by_key.insert(member.name.key(), member.clone());
        self.by_name.insert(member.name.clone(), member);
    }
}
