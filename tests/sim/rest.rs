//! What is checked after every step, and what is checked when all is calm.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{NameKey, RoomName, Seq, UserName};

use super::{
    client::State,
    plan::{Checked, Promise, check},
    truth,
    world::World,
};

/// What one connection may keep: 64 KiB of answers, those to 64 more requests (short ones, in this
/// world), and the rest of a frame.
const HELD_MAX: usize = 128 * 1024;
/// What a connection may keep beside answers. DESIGN allows a kilobyte beyond the rest of one
/// frame; here both fit into it, since the longest event is far shorter.
const IDLE_MAX: usize = 1024;
/// What a socket takes before it is full when all is calm.
const CALM_CAPACITY: usize = 64 * 1024;
/// How long those who are not stopped may take to have everything.
const OTHERS: u64 = 30_000;
/// How long it takes until every connection is found dead that is, and nobody lingers.
const REST: u64 = 75_000;

impl World {
    /// After every step: nobody costs the hub more than they may.
    pub(crate) fn check_bounds(&mut self) -> Checked {
        let Some(host) = &mut self.host else { return Ok(()) };
        for (session, link) in &mut self.links {
            let shard = &host.shards[session.0 as usize % host.shards.len()];
            let Some(held) = shard.core.held(*session) else { continue };
            let is_within = held.bytes <= HELD_MAX && !(held.is_blocked && held.has_page);
            check(is_within, Promise::Bounded, || format!("{session} holds {held:?}"))?;
            let is_idle = self.clients[link.client].is_stopped && link.up.is_empty();
            let reading = host.readings.get(session).filter(|reading| reading.inbox.is_empty());
            // The goodbye takes what is pending in the rooms with it.
            if link.is_closing
                || !is_idle
                || reading.is_none_or(|reading| !reading.gate.is_answered())
            {
                link.base = None;
                continue;
            }
            let base = *link.base.get_or_insert(held.bytes.saturating_sub(link.unasked));
            check(held.bytes <= base + link.unasked + IDLE_MAX, Promise::Bounded, || {
                format!("{session} takes nothing, asks nothing, and holds {held:?} after {base}")
            })?;
        }
        Ok(())
    }

    /// Faults are over; everything settles, and is as promised.
    pub(crate) fn calm_down(&mut self) -> Checked {
        self.is_calm = true;
        self.plan.haste = self.plan.haste.min(2);
        self.plan.latency = self.plan.latency.min(10);
        if let Some(host) = &mut self.host {
            host.fill_disk(false);
        }
        for client in 0..self.clients.len() {
            self.widen(client);
            self.find_dark(client)?;
            self.ask_for_all(client);
        }
        self.live(OTHERS)?;
        let stopped = self.clients.iter().any(|client| client.is_stopped);
        if stopped {
            self.counts.add("others went on beside a stopped client");
        }
        self.check_complete(Promise::Bounded)?;
        for client in 0..self.clients.len() {
            if self.clients[client].is_stopped {
                self.stop_or_go(client);
                self.widen(client);
            }
        }
        self.live(REST)?;
        self.check_complete(Promise::AtRest)?;
        self.check_presence()?;
        self.truth.learn(&self.kept)?;
        self.truth.compare(&self.kept)
    }

    /// Who is not stopped is fast from now on.
    fn widen(&mut self, client: usize) {
        self.plan.capacity = CALM_CAPACITY;
        self.clients[client].is_slow = false;
        let link = self.clients[client].link.and_then(|session| self.links.get(&session));
        if let Some(link) = link.filter(|_| !self.clients[client].is_stopped) {
            link.wire.widen(CALM_CAPACITY);
        }
    }

    /// Its own end of a dead connection is found dead.
    fn find_dark(&mut self, client: usize) -> Checked {
        match self.clients[client].link {
            Some(session) if self.links.get(&session).is_none_or(|link| link.is_dark) => {
                self.client_sees(session)
            }
            _ => Ok(()),
        }
    }

    /// Events that were lost by the client itself are asked for.
    fn ask_for_all(&mut self, client: usize) {
        let places = self.clients[client].places.iter();
        let rooms: Vec<_> =
            places.filter(|(_, it)| it.is_wanted).map(|(room, _)| room.clone()).collect();
        for room in &rooms {
            self.clients[client].want(room, None);
        }
    }

    /// Who is not stopped has everything, and all that they said is stored.
    fn check_complete(&self, promise: Promise) -> Checked {
        for client in self.clients.iter().filter(|client| !client.is_stopped) {
            let who = format!("p{} ({})", client.number, client.name);
            check(client.is_live, promise, || format!("{who} is not connected"))?;
            for (room, place) in client.places.iter().filter(|(_, place)| place.is_wanted) {
                let head = self.truth.head(room);
                check(place.last.map_or(0, Seq::get) == head, promise, || {
                    format!("{who} has {room} as {place:?}, and its head is {head}")
                })?;
            }
            for message in &client.outbox {
                let is_over = matches!(message.state, State::Acked(..) | State::Refused(_));
                let places = &client.places;
                let is_joined = |room| places.get(room).is_some_and(|place| place.is_joined);
                let is_possible = message.what.room().is_none_or(is_joined);
                check(is_over || !is_possible, promise, || {
                    format!("{who} got no answer to {message:?}")
                })?;
            }
        }
        Ok(())
    }

    /// Everyone sees those who are there.
    fn check_presence(&self) -> Checked {
        let owners = truth::names(&self.kept)?;
        let mut there: BTreeMap<RoomName, BTreeSet<NameKey>> = BTreeMap::new();
        for link in self.links.values().filter(|link| link.is_held && link.is_served) {
            let client = &self.clients[link.client];
            let owned = client.identity.as_ref().and_then(|it| owners.get(it.as_str()));
            let name = owned.map_or(Ok(client.name.clone()), |name| UserName::parse(name));
            let key = name.unwrap().key();
            for room in link.view.rooms.keys() {
                there.entry(room.clone()).or_default().insert(key.clone());
            }
        }
        there.remove(&RoomName::announcements());
        for link in self.links.values().filter(|link| link.is_held) {
            for (room, told) in &link.view.rooms {
                let Some(there) = there.get(room) else { continue };
                let seen: BTreeSet<_> = told.members.keys().cloned().collect();
                let is_all = seen == *there && told.count as usize == there.len();
                check(is_all, Promise::AtRest, || {
                    let who = link.client;
                    format!("p{who} sees {seen:?} ({}) in {room}: {there:?}", told.count)
                })?;
            }
        }
        Ok(())
    }
}
