//! What people do and what goes wrong, as chance has it.

use protocol::{
    Addressee, ClientFrame, MessageText, Note, PageLimit, RoomName, Seq, SessionId, Topic,
    UserName,
    client::{Away, History, Leave, Name, Read, Say, Typing, Who},
};

use super::{
    client::{Message, State, What},
    network::Cut,
    plan::{Checked, pick},
    world::{Event, World, note},
};

/// What may happen, how often beside the others, and whether it is a fault.
const ACTS: [(Act, u32, bool); 26] = [
    (Act::Say, 60, false),
    (Act::Flood, 3, false),
    (Act::Direct, 10, false),
    (Act::Announce, 6, false),
    (Act::Appoint, 4, false),
    (Act::SetTopic, 3, false),
    (Act::Edit, 8, false),
    (Act::Delete, 8, false),
    (Act::Join, 8, false),
    (Act::JoinFrom, 5, false),
    (Act::Leave, 4, false),
    (Act::Rename, 4, false),
    (Act::Away, 2, false),
    (Act::Look, 6, false),
    (Act::Read, 10, false),
    (Act::Type, 6, false),
    (Act::SayAgain, 6, true),
    (Act::ReuseId, 2, true),
    (Act::Quit, 2, false),
    (Act::Cut, 8, true),
    (Act::Crash, 2, true),
    (Act::Drain, 1, true),
    (Act::Stop, 3, true),
    (Act::Slow, 4, true),
    (Act::Disk, 2, true),
    (Act::Wait, 4, true),
];

/// Something that somebody does or suffers.
#[derive(Clone, Copy, Debug)]
enum Act {
    Say,
    Flood,
    Direct,
    Announce,
    Appoint,
    SetTopic,
    Edit,
    Delete,
    Join,
    JoinFrom,
    Leave,
    Rename,
    Away,
    Look,
    Read,
    Type,
    SayAgain,
    ReuseId,
    Quit,
    Cut,
    Crash,
    Drain,
    Stop,
    Slow,
    Disk,
    Wait,
}

impl World {
    /// The next act.
    pub(crate) fn act(&mut self) -> Checked {
        let Some(left) = self.acts_left.checked_sub(1) else { return Ok(()) };
        self.acts_left = left;
        let client = self.rng.usize(..self.clients.len());
        let act = self.choose();
        note!(self, "  p{client} {act:?}");
        self.perform_act(act, client)?;
        let pause = match self.rng.u32(0..100) {
            0..60 => self.rng.u64(0..30),
            60..95 => self.rng.u64(0..400),
            _ => self.rng.u64(0..5_000),
        };
        self.at(self.now + pause, Event::Act);
        Ok(())
    }

    fn choose(&mut self) -> Act {
        let has_faults = self.plan.faults > 0;
        let acts = || ACTS.iter().filter(|(.., is_fault)| has_faults || !is_fault);
        let mut chance = self.rng.u32(0..acts().map(|(_, often, _)| often).sum());
        for (act, often, _) in acts() {
            match chance.checked_sub(*often) {
                Some(rest) => chance = rest,
                None => return *act,
            }
        }
        Act::Say
    }

    fn perform_act(&mut self, act: Act, client: usize) -> Checked {
        match act {
            Act::Say => self.say(client, 1),
            Act::Flood => {
                self.counts.add("flood");
                let count = self.rng.usize(5..=25);
                self.say(client, count);
            }
            Act::Direct => self.direct(client),
            Act::Announce => self.announce(client),
            Act::Appoint => self.appoint(client),
            Act::SetTopic => self.set_topic(client),
            Act::Edit => self.change(client, true),
            Act::Delete => self.change(client, false),
            Act::Join => self.join(client),
            Act::JoinFrom => self.join_from(client),
            Act::Leave => self.leave(client),
            Act::Rename => self.rename(client),
            Act::Away => self.go_away(client),
            Act::Look => self.look(client),
            Act::Read => self.read_up_to(client),
            Act::Type => self.type_in(client),
            Act::SayAgain => self.say_again(client),
            Act::ReuseId => self.reuse_id(client),
            Act::Quit => return self.quit(client),
            Act::Cut => return self.cut_somebody(client),
            Act::Crash => return self.crash_if_up(),
            Act::Drain => self.drain(),
            Act::Stop => self.stop_or_go(client),
            Act::Slow => {
                self.counts.add("slow reader, or no more");
                self.clients[client].is_slow ^= true;
            }
            Act::Disk => self.fill_or_free_disk(),
            Act::Wait => self.wait(),
        }
        Ok(())
    }

    /// A connection that is welcome.
    fn awake(&self, client: usize) -> Option<SessionId> {
        let client = &self.clients[client];
        client.link.filter(|_| client.is_live && !client.is_stopped)
    }

    pub(crate) fn text(&mut self) -> MessageText {
        let length = *pick(&mut self.rng, &[1, 8, 40, 300]);
        let words: String = (0..length).map(|_| self.rng.alphanumeric()).collect();
        MessageText::parse(&words).unwrap()
    }

    /// A room of this client's.
    pub(crate) fn room_of(&mut self, client: usize) -> Option<RoomName> {
        let places = self.clients[client].places.iter();
        let rooms: Vec<_> = places
            .filter(|(room, place)| place.is_wanted && **room != RoomName::announcements())
            .map(|(room, _)| room.clone())
            .collect();
        (!rooms.is_empty()).then(|| pick(&mut self.rng, &rooms).clone())
    }

    pub(crate) fn send_due(&mut self, client: usize) {
        if !self.clients[client].is_stopped {
            let frames = self.clients[client].due(self.now);
            self.send(client, frames);
        }
    }

    fn say(&mut self, client: usize, count: usize) {
        let Some(room) = self.room_of(client) else { return };
        for _ in 0..count {
            let text = self.text();
            self.clients[client].say(What::Say(room.clone(), text));
        }
        self.send_due(client);
    }

    fn direct(&mut self, client: usize) {
        let other = self.rng.usize(..self.clients.len());
        let by_name = Addressee::Name(self.clients[other].name.clone());
        let to = match &self.clients[other].identity {
            Some(identity) if self.rng.bool() => Addressee::Identity(identity.clone()),
            _ => by_name,
        };
        let text = self.text();
        self.clients[client].say(What::Direct(to, text));
        self.send_due(client);
    }

    fn set_topic(&mut self, client: usize) {
        let Some(room) = self.room_of(client).filter(|room| !room.is_private()) else { return };
        let topic = Topic::parse(&format!("topic {}", self.rng.u32(..100))).unwrap();
        self.clients[client].say(What::Topic(room, topic));
        self.send_due(client);
    }

    fn join(&mut self, client: usize) {
        let room = pick(&mut self.rng, &self.rooms).clone();
        let after = if self.rng.bool() { None } else { Some(Seq::ZERO) };
        self.clients[client].want(&room, after);
        self.send_due(client);
    }

    /// Asks for a room from a number of which the client has more, or less, or that is not there
    /// yet, or is of another epoch: the answer is checked on the wire, the client's own log
    /// stays as it is.
    fn join_from(&mut self, client: usize) {
        let (Some(_), Some(room)) = (self.awake(client), self.room_of(client)) else { return };
        self.counts.add("join from any number");
        let head = self.truth.head(&room);
        let least = if self.rng.u32(0..4) == 0 { 0 } else { head.saturating_sub(12) };
        let after = Seq::new(self.rng.u64(least..=head + 2));
        let epoch = (self.rng.u32(0..8) == 0).then(|| protocol::Epoch::from_bytes([9; 8]));
        let id = Some(self.clients[client].id("f"));
        let join = protocol::client::Join { id, room: room.clone(), after, epoch };
        self.send(client, vec![ClientFrame::Join(join)]);
        // And then again from where it is, for itself.
        self.clients[client].want(&room, None);
        self.send_due(client);
    }

    fn leave(&mut self, client: usize) {
        let (Some(_), Some(room)) = (self.awake(client), self.room_of(client)) else { return };
        if let Some(place) = self.clients[client].places.get_mut(&room) {
            place.is_wanted = false;
        }
        let id = Some(self.clients[client].id("l"));
        self.send(client, vec![ClientFrame::Leave(Leave { id, room })]);
    }

    fn rename(&mut self, client: usize) {
        if self.awake(client).is_none() {
            return;
        }
        self.counts.add("rename");
        let number = self.rng.u32(0..12);
        let name = UserName::parse(&format!("name{number}")).unwrap();
        let id = Some(self.clients[client].id("n"));
        self.send(client, vec![ClientFrame::Name(Name { id, name })]);
    }

    fn go_away(&mut self, client: usize) {
        if self.awake(client).is_none() {
            return;
        }
        let text = self.rng.bool().then(|| Note::parse("tea").unwrap());
        let id = Some(self.clients[client].id("a"));
        self.send(client, vec![ClientFrame::Away(Away { id, text })]);
    }

    fn look(&mut self, client: usize) {
        let (Some(_), Some(room)) = (self.awake(client), self.room_of(client)) else { return };
        let id = Some(self.clients[client].id("q"));
        let frame = if self.rng.bool() {
            let before = self.rng.bool().then(|| Seq::new(self.rng.u64(0..50)).unwrap());
            let limit = PageLimit::new(self.rng.u64(1..=20)).unwrap();
            ClientFrame::History(History { id, room, before, after: None, limit })
        } else {
            ClientFrame::Who(Who { id, room: Some(room), name: None, after: None, limit: None })
        };
        self.send(client, vec![frame]);
    }

    /// Says that it has read what it has, or less, or more than there is.
    fn read_up_to(&mut self, client: usize) {
        let (Some(_), Some(room)) = (self.awake(client), self.room_of(client)) else { return };
        let has = self.clients[client].places[&room].last.unwrap_or(Seq::ZERO).get();
        let seq = match self.rng.u32(0..4) {
            0 => self.rng.u64(0..=has + 5),
            _ => has,
        };
        let (id, seq) = (Some(self.clients[client].id("r")), Seq::new(seq).unwrap());
        self.send(client, vec![ClientFrame::Read(Read { id, room, seq })]);
    }

    fn type_in(&mut self, client: usize) {
        let (Some(_), Some(room)) = (self.awake(client), self.room_of(client)) else { return };
        let id = Some(self.clients[client].id("t"));
        self.send(client, vec![ClientFrame::Typing(Typing { id, room })]);
    }

    /// Asks for what was said before a number.
    pub(crate) fn look_back(&mut self, client: usize, room: RoomName, before: u64) {
        if self.awake(client).is_none() {
            return;
        }
        let (id, before) = (Some(self.clients[client].id("q")), Seq::new(before));
        let limit = PageLimit::new(self.rng.u64(1..=20)).unwrap();
        let history = History { id, room, before, after: None, limit };
        self.send(client, vec![ClientFrame::History(history)]);
    }

    /// Sends a message again that was sent before, acked or not.
    fn say_again(&mut self, client: usize) {
        if self.awake(client).is_none() || self.clients[client].outbox.is_empty() {
            return;
        }
        let index = self.rng.usize(..self.clients[client].outbox.len());
        let message = &self.clients[client].outbox[index];
        if matches!(message.state, State::Asked(_) | State::Acked(..)) {
            let frame = message.frame();
            self.counts.add("retry");
            self.send(client, vec![frame]);
        }
    }

    /// Sends something else under an id that was used.
    fn reuse_id(&mut self, client: usize) {
        let Some(room) = self.room_of(client) else { return };
        let acked = |message: &&Message| matches!(message.state, State::Acked(..));
        let Some(message) = self.clients[client].outbox.iter().find(acked) else { return };
        let id = message.id.clone();
        self.counts.add("id reused");
        let text = MessageText::parse("something else").unwrap();
        self.send(client, vec![ClientFrame::Say(Say { id, room, text, reply_to: None })]);
    }

    /// A goodbye.
    fn quit(&mut self, client: usize) -> Checked {
        let Some(session) = self.awake(client) else { return Ok(()) };
        self.counts.add("quit");
        if let Some(link) = self.links.get_mut(&session) {
            link.up.push_back(super::host::Up::Close);
        }
        self.client_sees(session)
    }

    fn cut_somebody(&mut self, client: usize) -> Checked {
        let cuts = [Cut::Reset, Cut::Late, Cut::HubInTheDark, Cut::ClientInTheDark];
        let how = *pick(&mut self.rng, &cuts);
        match self.clients[client].link {
            Some(session) => self.cut(session, how),
            None => Ok(()),
        }
    }

    fn crash_if_up(&mut self) -> Checked {
        if self.host.is_some() { self.crash() } else { Ok(()) }
    }

    /// Its process is stopped, or goes on.
    pub(crate) fn stop_or_go(&mut self, client: usize) {
        let stops = !self.clients[client].is_stopped;
        self.clients[client].is_stopped = stops;
        if stops {
            return self.counts.add("client stopped");
        }
        if let Some(session) = self.clients[client].link {
            self.within(10, Event::Down(session));
            self.deliver_soon(session);
        }
    }

    fn fill_or_free_disk(&mut self) {
        let Some(host) = &mut self.host else { return };
        let is_full = !host.is_disk_full;
        host.fill_disk(is_full);
        if is_full {
            self.counts.add("disk full");
        }
    }

    /// Nobody does anything for a while: time for heartbeats and for those who linger.
    fn wait(&mut self) {
        let ms = *pick(&mut self.rng, &[200, 2_000, 12_000, 70_000]);
        self.counts.add("a while of nothing");
        self.at(self.now + ms, Event::Act);
    }
}
