//! The hub's task and the shards: each takes a turn when chance says so.

use std::{sync::Arc, time::Duration};

use protocol::{ServerFrame, SessionId, Timestamp, codec};
use server::{
    hub::{
        effect::Effect,
        input::{Input, Now},
    },
    parts::{Attach, Command, Encoded, Notes},
};

use super::{
    host::{Host, Wanted},
    plan::{Checked, Sabotage},
    wire::Wire,
    world::{BEGIN, Event, World, note},
};

impl World {
    /// The clock of the shards goes on, and each looks after what comes of itself.
    pub(crate) fn second(&mut self) -> Checked {
        let Some(host) = &mut self.host else { return Ok(()) };
        let seconds = ((self.now - host.start) / 1000) as u32;
        let (life, shards) = (host.life, host.shards.len());
        if self.plan.sabotage != Some(Sabotage::NoHeartbeat) {
            host.shards.iter().for_each(|shard| shard.hints.clock().set(seconds));
        }
        for shard in 0..shards {
            self.soon(Event::Shard(life, shard));
        }
        self.at(self.now + 1000, Event::Second(life));
        self.hub_may_be_drained();
        Ok(())
    }

    /// The hub takes some of what waits for it.
    pub(crate) fn hub_turn(&mut self) -> Checked {
        for _ in 0..self.rng.usize(1..=8) {
            let Some(input) = self.host.as_mut().and_then(Host::next_input) else { break };
            self.tell_hub(input);
        }
        let Some(host) = &self.host else { return Ok(()) };
        let may_go_on = !host.news.is_empty() || !host.pages.is_empty();
        if may_go_on || !host.inputs.is_empty() && host.hub.may_take_input() {
            self.soon(Event::Hub(self.life));
        }
        self.hub_may_be_drained();
        Ok(())
    }

    /// The hub has wanted to be woken.
    pub(crate) fn tick(&mut self) -> Checked {
        if let Some(host) = &mut self.host {
            host.tick = None;
            self.tell_hub(Input::Tick);
        }
        Ok(())
    }

    pub(crate) fn tell_hub(&mut self, input: Input) {
        note!(self, "  hub ← {input:?}");
        let Some(host) = &mut self.host else { return };
        let mono = Duration::from_millis(self.now - host.start);
        let now = Now { mono, wall: Timestamp(BEGIN + self.now.cast_signed()) };
        let mut effects = Vec::new();
        host.hub.handle(now, input, &mut effects);
        for effect in effects {
            self.perform(effect);
        }
        self.wake_hub();
    }

    /// Sees to it that the hub is woken when it wants to be.
    pub(crate) fn wake_hub(&mut self) {
        let Some(host) = &mut self.host else { return };
        let Some(deadline) = host.hub.next_deadline() else { return };
        let at = host.start + deadline.as_micros().div_ceil(1000) as u64;
        if host.tick.is_none_or(|tick| at < tick) {
            host.tick = Some(at);
            self.at(at, Event::Tick(self.life, at));
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Reply { session, frame, answers } => {
                self.note_unasked(session, &frame, answers);
                self.command(session, Command::Reply { session, frame, answers });
            }
            Effect::Done { session } => self.command(session, Command::Done(session)),
            Effect::Attach { session, joined, gap, mut after, reader, answers } => {
                if self.plan.sabotage == Some(Sabotage::OverlappingReplay) {
                    after = after.previous();
                }
                self.note_unasked(session, &ServerFrame::Joined((*joined).clone()), answers);
                let attach = Attach { session, joined, gap, after, reader, answers };
                self.command(session, Command::Attach(Box::new(attach)));
            }
            Effect::Detach { session, room, left } => {
                self.command(session, Command::Detach { session, room, left });
            }
            Effect::Append(event) => {
                let (room, seq, frame) = (event.room.clone(), event.seq, Encoded::event(&event));
                self.command_all(|| Command::Append {
                    room: room.clone(),
                    seq,
                    frame: frame.clone(),
                });
            }
            Effect::Erase { .. } if self.plan.sabotage == Some(Sabotage::NothingErased) => {}
            Effect::Erase { room, left } => {
                let left: Vec<_> = left
                    .into_iter()
                    .map(|event| (event.seq, Encoded::event(&Arc::new(event))))
                    .collect();
                self.command_all(|| Command::Erase { room: room.clone(), left: left.clone() });
            }
            Effect::Notice(notice) => {
                let (room, frame) = (notice.room().clone(), Encoded::notice(notice.into()));
                self.command_all(|| Command::Notice { room: room.clone(), frame: frame.clone() });
            }
            Effect::Propose(proposal) => self.propose(proposal),
            Effect::ReadPage { ticket, query } => self.want(Wanted::Asked(ticket, query)),
            Effect::Seen(people) => self.keep(|notes| notes.add_seen(people)),
            Effect::KeepRead(markers) => self.keep(|notes| notes.add_read(markers)),
            // Nobody asks here but connections.
            Effect::Answer { .. } => {}
            Effect::Close { session, code, reason } => {
                if let Some(link) = self.links.get_mut(&session) {
                    link.is_closing = true;
                }
                self.command(session, Command::Close { session, code, reason });
            }
        }
    }

    fn keep(&mut self, add: impl FnOnce(&mut Notes)) {
        if let Some(host) = &mut self.host {
            add(&mut host.notes);
            self.soon(Event::Ledger(self.life));
        }
    }

    fn note_unasked(&mut self, session: SessionId, frame: &ServerFrame, is_answer: bool) {
        if let Some(link) = self.links.get_mut(&session).filter(|_| !is_answer) {
            link.unasked += codec::encode_server(frame).len() + 10;
        }
    }

    /// A command for the shard of one connection.
    pub(crate) fn command(&mut self, session: SessionId, command: Command<Wire>) {
        let Some(host) = &mut self.host else { return };
        host.shard(session).commands.push_back(command);
        let index = host.shard_index(session);
        self.soon(Event::Shard(self.life, index));
    }

    pub(crate) fn command_all(&mut self, command: impl Fn() -> Command<Wire>) {
        let Some(host) = &mut self.host else { return };
        host.shards.iter_mut().for_each(|shard| shard.commands.push_back(command()));
        for index in 0..host.shards.len() {
            self.soon(Event::Shard(self.life, index));
        }
    }

    /// A shard does its round.
    pub(crate) fn shard_turn(&mut self, index: usize) -> Checked {
        let is_busy = self.fails(2, "ledger and hub busy");
        let Some(host) = &mut self.host else { return Ok(()) };
        let shard = &mut host.shards[index];
        let waiting = shard.commands.len();
        let count = if waiting == 0 { 0 } else { self.rng.usize(1..=waiting) };
        shard.core.around.is_busy = is_busy;
        shard.turn(count);
        let outside = &mut shard.core.around;
        let wanted = std::mem::take(&mut outside.wanted);
        let told = std::mem::take(&mut outside.told);
        if let Some(within) = outside.finish.take() {
            shard.end = Some(self.now + within.as_millis() as u64);
        }
        let goes_on = shard.core.is_dirty() || !shard.commands.is_empty() || is_busy;
        for page in wanted {
            self.want(Wanted::Lagging(index, page));
        }
        self.inputs(told);
        if goes_on {
            self.soon(Event::Shard(self.life, index));
        }
        self.look_at_links();
        self.hub_may_be_drained();
        Ok(())
    }

    /// Connections and shards tell the hub something.
    pub(crate) fn inputs(&mut self, inputs: impl IntoIterator<Item = Input>) {
        let Some(host) = &mut self.host else { return };
        host.inputs.extend(inputs);
        if !host.inputs.is_empty() {
            self.soon(Event::Hub(self.life));
        }
    }

    /// After a shard's round: what can be delivered, and who can be read again.
    fn look_at_links(&mut self) {
        let sessions: Vec<_> = self.links.keys().copied().collect();
        for session in sessions {
            self.look_at(session);
        }
    }

    /// Sees to it that what is ready on a connection happens.
    pub(crate) fn look_at(&mut self, session: SessionId) {
        let Some(link) = self.links.get(&session) else { return };
        if link.wire.is_reset() {
            link.wire.lose();
        }
        if link.wire.len() > 0 && !link.is_dark {
            self.deliver_soon(session);
        }
        let (now, life) = (self.now, self.life);
        let Some(host) = &mut self.host else { return };
        let Some(reading) = host.readings.get_mut(&session) else { return };
        let is_paused = reading.paused_until > now && !reading.inbox.is_empty();
        let (is_ready, until) = (reading.is_ready(now), reading.paused_until);
        if is_ready {
            self.soon(Event::Read(life, session));
        } else if is_paused {
            self.at(until, Event::Read(life, session));
        }
    }
}
