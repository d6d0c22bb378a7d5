//! The network and the clients' ends: connecting, delivering, cutting.

use std::{collections::VecDeque, sync::Arc};

use protocol::{ClientFrame, EventKind, ServerFrame, SessionId, codec};

use super::{
    host::Up,
    plan::Checked,
    view::View,
    wire::{Down, Wire, next_frame},
    world::{Event, Link, World, note},
};

/// A client that hears nothing for so long connects anew.
const SILENCE: u64 = 60_000;
/// Most milliseconds before a client connects again.
const COME_BACK: u64 = 2_000;

/// How a connection breaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Both ends learn of it soon; what was on its way is lost.
    Reset,
    /// Both ends learn of it after what was on its way.
    Late,
    /// Only the client knows.
    HubInTheDark,
    /// Only the hub knows, until the client finds it silent.
    ClientInTheDark,
}

impl World {
    /// A client connects, if there is a hub.
    pub(crate) fn connect(&mut self, client: usize) -> Checked {
        if self.clients[client].link.is_some() {
            return Ok(());
        }
        self.sessions += 1;
        let session = SessionId(self.sessions);
        let wire = Arc::new(Wire::new(self.plan.capacity));
        if !self.accept(session, &wire) {
            self.within(COME_BACK, Event::Connect(client));
            return Ok(());
        }
        let link = Link {
            client,
            wire,
            up: VecDeque::new(),
            bytes: Vec::new(),
            view: View::default(),
            is_served: true,
            is_held: true,
            is_dark: false,
            base: None,
            is_closing: false,
            unasked: 0,
        };
        self.links.insert(session, link);
        let hello = self.clients[client].connected(self.now, session);
        self.send(client, vec![hello]);
        Ok(())
    }

    /// A client sends frames. Some never leave it, and some leave it twice.
    pub(crate) fn send(&mut self, client: usize, frames: Vec<ClientFrame>) {
        let Some(session) = self.clients[client].link.filter(|_| !frames.is_empty()) else {
            return;
        };
        for frame in frames {
            if self.fails(1, "request dropped") {
                continue;
            }
            let times = if self.fails(1, "request doubled") { 2 } else { 1 };
            note!(self, "  p{client} → {frame:?}");
            let Some(link) = self.links.get_mut(&session) else { return };
            link.view.asked(&frame, &mut self.truth);
            for _ in 0..times {
                link.up.push_back(Up::Text(codec::encode_client(&frame)));
            }
        }
        self.within(self.plan.latency, Event::Up(session));
    }

    /// Some of what a client has sent reaches the hub.
    pub(crate) fn up(&mut self, session: SessionId) -> Checked {
        let count = self.rng.usize(1..=4);
        let Some(link) = self.links.get_mut(&session) else { return Ok(()) };
        if link.is_dark {
            link.up.clear();
            return Ok(());
        }
        let count = count.min(link.up.len());
        let arrived: Vec<_> = link.up.drain(..count).collect();
        let is_left = !link.up.is_empty();
        let reading = self.host.as_mut().and_then(|host| host.readings.get_mut(&session));
        if let Some(reading) = reading {
            reading.inbox.extend(arrived);
        }
        if is_left {
            self.within(self.plan.latency, Event::Up(session));
        }
        self.look_at(session);
        Ok(())
    }

    /// Has what is on its way to a client delivered, as fast as it reads.
    pub(crate) fn deliver_soon(&mut self, session: SessionId) {
        let Some(link) = self.links.get(&session) else { return };
        let client = &self.clients[link.client];
        if client.is_stopped && link.is_held {
            return;
        }
        let ms = if client.is_slow { 400 } else { self.plan.latency };
        self.within(ms, Event::Down(session));
    }

    /// Some of what is on its way reaches a client.
    pub(crate) fn down(&mut self, session: SessionId) -> Checked {
        let Some(link) = self.links.get(&session) else { return Ok(()) };
        if link.is_dark {
            return Ok(());
        }
        let client = &self.clients[link.client];
        if link.is_held && client.is_stopped {
            return Ok(());
        }
        let most = if client.is_slow { 120 } else { 40_000 };
        let taken = link.wire.take(self.rng.usize(1..=most));
        let (is_held, client) = (link.is_held, link.client);
        if is_held && !taken.is_empty() {
            self.clients[client].heard = self.now;
            self.arrive(session, &taken)?;
        }
        self.wake_writer(session);
        self.after_delivery(session);
        Ok(())
    }

    /// A shard that waited for this socket may write again.
    fn wake_writer(&mut self, session: SessionId) {
        let Some(waiter) = self.links.get(&session).and_then(|link| link.wire.wake()) else {
            return;
        };
        let Some(host) = &mut self.host else { return };
        host.shard(session).unblocked.push(waiter);
        let index = host.shard_index(session);
        self.soon(Event::Shard(self.life, index));
    }

    fn after_delivery(&mut self, session: SessionId) {
        let Some(link) = self.links.get(&session) else { return };
        if link.wire.len() > 0 {
            return self.deliver_soon(session);
        }
        if link.is_served {
            return;
        }
        if link.is_held {
            self.within(self.plan.latency, Event::ClientSees(session));
        } else {
            self.links.remove(&session);
        }
    }

    /// Bytes arrive at a client: every frame is checked before the client has it.
    fn arrive(&mut self, session: SessionId, taken: &[u8]) -> Checked {
        let Some(link) = self.links.get_mut(&session) else { return Ok(()) };
        link.bytes.extend(taken);
        loop {
            let Some(link) = self.links.get_mut(&session).filter(|link| link.is_held) else {
                return Ok(());
            };
            let Some(down) = next_frame(&mut link.bytes)? else { return Ok(()) };
            match down {
                Down::Frame(frame) => {
                    link.view.told(&frame, &mut self.truth)?;
                    self.told(session, &frame)?;
                }
                Down::Ping => {
                    link.up.push_back(Up::Pong);
                    self.within(self.plan.latency, Event::Up(session));
                }
                Down::Pong => {}
                Down::Close => self.client_sees(session)?,
            }
        }
    }

    fn told(&mut self, session: SessionId, frame: &ServerFrame) -> Checked {
        let client = self.links[&session].client;
        note!(self, "  p{client} ← {frame:?}");
        self.counts.add(kind(frame));
        let is_event = matches!(frame, ServerFrame::Event(_));
        if is_event && self.fails(1, "event lost by its client") {
            return Ok(());
        }
        let times = if is_event && self.fails(1, "event doubled by its client") { 2 } else { 1 };
        for _ in 0..times {
            let frames = self.clients[client].told(self.now, frame)?;
            self.send(client, frames);
        }
        Ok(())
    }

    /// A client looks after what it waits for, now and then.
    pub(crate) fn wake(&mut self, number: usize) -> Checked {
        self.within(2_000, Event::Wake(number));
        let client = &mut self.clients[number];
        if client.is_stopped {
            return Ok(());
        }
        let Some(session) = client.link else { return Ok(()) };
        if client.heard + SILENCE < self.now {
            self.counts.add("hub found silent");
            return self.client_sees(session);
        }
        let mut frames = client.due(self.now);
        if self.is_calm && self.plan.idle.is_some() {
            frames.extend(client.look_around());
        }
        self.send(number, frames);
        Ok(())
    }

    /// A client lets go of its connection, or learns that it is gone, and comes back.
    pub(crate) fn client_sees(&mut self, session: SessionId) -> Checked {
        let Some(link) = self.links.get_mut(&session).filter(|link| link.is_held) else {
            return Ok(());
        };
        link.is_held = false;
        let (client, is_served) = (link.client, link.is_served);
        if self.clients[client].is_stopped {
            // It will learn of it when it goes on.
            link.is_held = true;
            self.at(self.now + 1000, Event::ClientSees(session));
            return Ok(());
        }
        self.clients[client].disconnected();
        self.within(COME_BACK, Event::Connect(client));
        if is_served {
            self.within(self.plan.latency * 2, Event::HubSees(session));
        } else {
            self.links.remove(&session);
        }
        Ok(())
    }

    /// The hub's end learns that the client is gone, unless nothing comes through.
    pub(crate) fn hub_sees(&mut self, session: SessionId) -> Checked {
        let Some(link) = self.links.get_mut(&session).filter(|link| !link.is_dark) else {
            return Ok(());
        };
        link.wire.break_off();
        let arrived: Vec<_> = link.up.drain(..).collect();
        let reading = self.host.as_mut().and_then(|host| host.readings.get_mut(&session));
        if let Some(reading) = reading {
            reading.inbox.extend(arrived);
            reading.is_lost = true;
        }
        self.wake_writer(session);
        self.look_at(session);
        Ok(())
    }

    /// A connection breaks.
    pub(crate) fn cut(&mut self, session: SessionId, how: Cut) -> Checked {
        let Some(link) = self.links.get_mut(&session) else { return Ok(()) };
        match how {
            Cut::Reset => {
                self.counts.add("cut: reset");
                link.up.clear();
                link.wire.lose();
            }
            Cut::Late => self.counts.add("cut: late"),
            Cut::HubInTheDark => {
                self.counts.add("cut: the hub is not told");
                link.is_dark = true;
                return self.client_sees(session);
            }
            Cut::ClientInTheDark => {
                self.counts.add("cut: the client is not told");
                self.hub_sees(session)?;
                if let Some(link) = self.links.get_mut(&session) {
                    link.is_dark = true;
                }
                return Ok(());
            }
        }
        self.hub_sees(session)?;
        self.within(self.plan.latency, Event::ClientSees(session));
        Ok(())
    }
}

fn kind(frame: &ServerFrame) -> &'static str {
    match frame {
        ServerFrame::Gap(_) => "told a gap",
        ServerFrame::Members(_) => "told members",
        ServerFrame::Error(_) => "told an error",
        ServerFrame::Ack(_) => "told an ack",
        ServerFrame::Event(event) if event.deleted.is_some() => "told what is deleted",
        ServerFrame::Event(event) if event.edited.is_some() => "told what was edited",
        ServerFrame::Event(event) if event.kind == EventKind::Announcement => {
            "told an announcement"
        }
        ServerFrame::Event(_) => "told an event",
        ServerFrame::Joined(_) => "told joined",
        ServerFrame::Presence(_) => "told presence",
        ServerFrame::Bye(_) => "told bye",
        ServerFrame::Page(_) => "told a page",
        ServerFrame::Renamed(_) => "told renamed",
        ServerFrame::Left(_) => "told left",
        ServerFrame::Read(_) => "told how far one has read",
        ServerFrame::Typing(_) => "told who writes",
        _ => "told something else",
    }
}
