//! How the hub's lives begin and end.

use std::time::Duration;

use protocol::server::ByeReason;
use server::{hub::input::Input, parts::Command};

use super::{
    host::Host,
    plan::{Checked, Sabotage},
    world::{Event, World, note},
};

/// How long a draining hub stays at most.
const DRAIN: u64 = 10_000;
/// How long its shards may write then.
const WRITE_OUT: Duration = Duration::from_secs(5);

impl World {
    /// A hub starts from what is kept.
    pub(crate) fn start(&mut self) -> Checked {
        if self.host.is_some() {
            return Ok(());
        }
        self.life += 1;
        self.truth.learn(&self.kept)?;
        self.truth.compare(&self.kept)?;
        self.host = Some(Host::start(&self.plan, &self.store, self.life, self.now));
        self.at(self.now + 1000, Event::Second(self.life));
        if self.plan.kept.is_some() {
            self.within(8_000, Event::Trim(self.life));
        }
        self.wake_hub();
        Ok(())
    }

    /// The operator stops the hub: it drains.
    pub(crate) fn drain(&mut self) {
        let Some(host) = self.host.as_mut().filter(|host| host.drain.is_none()) else { return };
        host.drain = Some(self.now + DRAIN);
        self.counts.add("drain");
        self.command_all(|| Command::Pause);
        while let Some(input) = self.host.as_mut().and_then(Host::next_input) {
            self.tell_hub(input);
        }
        let reason = if self.rng.bool() { ByeReason::Restart } else { ByeReason::Shutdown };
        self.tell_hub(Input::Drain { reason });
        self.hub_may_be_drained();
    }

    /// Once everyone was told goodbye, the shards end; then the ledger; then it starts again.
    pub(crate) fn hub_may_be_drained(&mut self) {
        let now = self.now;
        let Some(host) = &mut self.host else { return };
        let Some(by) = host.drain else { return };
        let is_finishing = host.shards.iter().all(|shard| shard.end.is_some());
        if is_finishing && host.shards.iter().all(|shard| shard.is_over(now)) {
            return self.end_drained();
        }
        let is_told = host.shards.iter().any(|shard| {
            shard.commands.iter().any(|command| matches!(command, Command::Finish(_)))
        });
        if !is_finishing && !is_told && (host.hub.is_drained() || by <= now) {
            self.command_all(|| Command::Finish(WRITE_OUT));
        }
    }

    fn end_drained(&mut self) {
        let Some(mut host) = self.host.take() else { return };
        // The ledger ends after what was proposed.
        let batch: Vec<_> = host.proposals.drain(..).collect();
        let _ = host.writer.commit(&batch, &host.notes, |_| {});
        note!(self, "  drained");
        drop(host);
        self.hub_is_gone(false);
    }

    /// The process is killed.
    pub(crate) fn crash(&mut self) -> Checked {
        if self.plan.sabotage == Some(Sabotage::AckBeforeCommit) {
            self.lose_uncommitted();
        }
        self.host = None;
        self.counts.add("crash");
        note!(self, "  crash");
        self.hub_is_gone(true);
        Ok(())
    }

    /// What was told before its commit, and is not committed yet, will never be.
    fn lose_uncommitted(&mut self) {
        let Some(host) = &self.host else { return };
        for (room, log) in &self.truth.rooms {
            let connection = host.writer.connection();
            let named = (room.as_str(), log.head.cast_signed());
            let lose = "DELETE FROM event WHERE seq > ?2
                        AND room = (SELECT number FROM room WHERE name = ?1)";
            connection.execute(lose, named).unwrap();
            connection.execute("UPDATE room SET head = ?2 WHERE name = ?1", named).unwrap();
        }
    }

    fn hub_is_gone(&mut self, is_crash: bool) {
        let sessions: Vec<_> = self.links.keys().copied().collect();
        for session in sessions {
            let is_lost = is_crash && self.rng.bool();
            let Some(link) = self.links.get_mut(&session) else { continue };
            link.is_served = false;
            if !link.is_held {
                self.links.remove(&session);
                continue;
            }
            if is_lost {
                link.wire.lose();
            }
            self.within(self.plan.latency * 4, Event::Down(session));
        }
        self.within(3_000, Event::Start);
    }
}
