//! The WebSocket task: it dials, says hello, moves frames both ways and comes back after every
//! loss. What it is told and what it tells go through two bounded channels; neither side ever
//! waits for the other while it holds something that the other needs.

pub mod address;
pub mod back_off;
pub(crate) mod command;
pub mod dial;
mod ends;
mod fault;
mod ignoring;
mod talk;
pub mod tls;

use std::{sync::Arc, time::Duration};

use fastrand::f64 as random;
use protocol::{HubId, Identity, RoomName, UserName};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::{self, Instant},
};

use self::{
    address::Address,
    back_off::BackOff,
    command::LinkCommand,
    dial::{DialError, Dialled, dial},
    talk::Ended,
    tls::Trust,
};
use crate::{
    event::LinkEvent,
    host::Appointer,
    storage::{Claim, Storage, StorageError},
};

/// Frames that came and were not looked at yet. The screen takes them all at once; a page has
/// one frame, so this is plenty, and at most 16 MiB. When it is full, the socket is not read.
const EVENTS_MAX: usize = 256;
/// What is to be sent and was not yet. The hub reads on after 64 unanswered requests at the
/// latest, so a queue that gets this long means that the connection does not move.
const COMMANDS_MAX: usize = 1024;
/// How long one attempt may take: the slowest links need seconds for TCP and the upgrade.
const DIAL_DEADLINE: Duration = Duration::from_secs(10);
/// How long the task may take to send what is queued and to say goodbye.
const GOODBYE_DEADLINE: Duration = Duration::from_millis(500);

/// Who one is going to be, as far as could be chosen without asking.
#[derive(Debug)]
pub enum Who {
    /// This one.
    Claimed(Claim),
    /// The user has to say.
    Ask {
        /// The name that one would have had.
        tried: UserName,
        /// One that is free on this machine.
        suggest: UserName,
    },
}

/// What a connection begins with.
#[derive(Debug)]
pub struct Start {
    /// Where the hub is.
    pub address: Address,
    /// Which hub it must be. What is unsent is for this one, and no other gets to see it.
    pub hub: HubId,
    /// Who to be there.
    pub who: Who,
    /// What the hub may ask for.
    pub password: Option<String>,
    /// Whose certificates are believed, where there is TLS.
    pub trust: Trust,
    /// A connection that is open already.
    pub dialled: Option<Dialled>,
    /// Where secrets and names are kept.
    pub storage: Storage,
    /// Makes whom one is an operator first, where this process has started the hub.
    pub appointer: Option<Appointer>,
}

/// The shell's end of the connection.
#[derive(Debug)]
pub struct Link {
    /// What happens.
    pub events: mpsc::Receiver<LinkEvent>,
    commands: mpsc::Sender<LinkCommand>,
    reset: Arc<Notify>,
    task: JoinHandle<Option<StorageError>>,
}

impl Link {
    /// Begins to connect, for as long as this is kept.
    pub fn start(start: Start) -> Self {
        let (event_sender, events) = mpsc::channel(EVENTS_MAX);
        let (commands, command_receiver) = mpsc::channel(COMMANDS_MAX);
        let reset = Arc::new(Notify::new());
        let connection = Connection::new(start, event_sender, command_receiver, reset.clone());
        let task = tokio::spawn(connection.run());
        Self { events, commands, reset, task }
    }

    /// Hands a command over. It never waits: where even the long queue is full the connection
    /// does not move, so it is given up, and the state sends again what it keeps.
    pub fn tell(&self, command: LinkCommand) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.commands.try_send(command) {
            self.reset.notify_waiters();
        }
    }

    /// Sends what is queued, says goodbye, and tells what could not be kept on disk.
    pub async fn close(self) -> Option<StorageError> {
        drop((self.commands, self.events));
        time::timeout(2 * GOODBYE_DEADLINE, self.task).await.ok()?.ok()?
    }
}

struct Connection {
    address: Address,
    hub: HubId,
    who: Who,
    password: Option<String>,
    trust: Trust,
    dialled: Option<Dialled>,
    storage: Storage,
    appointer: Option<Appointer>,
    events: mpsc::Sender<LinkEvent>,
    commands: mpsc::Receiver<LinkCommand>,
    reset: Arc<Notify>,
    back_off: BackOff,
    /// Who one is, as far as the shell knows.
    told: Option<Identity>,
    /// Whom the shell has been told of that this one ignores.
    ignored_of: Option<Identity>,
    /// The first thing that could not be kept.
    unkept: Option<StorageError>,
}

/// The shell does not listen any more: the task ends.
struct ShellGone;

/// What a command means for a connection that is not there.
enum Wish {
    Wait,
    DialNow,
    StayAway,
}

impl Connection {
    fn new(
        start: Start,
        events: mpsc::Sender<LinkEvent>,
        commands: mpsc::Receiver<LinkCommand>,
        reset: Arc<Notify>,
    ) -> Self {
        let Start { address, hub, who, password, trust, dialled, storage, appointer } = start;
        let back_off = BackOff::default();
        let told = match &who {
            Who::Claimed(claim) => Some(claim.identity.clone()),
            Who::Ask { .. } => None,
        };
        let (ignored_of, unkept) = (None, None);
        #[rustfmt::skip]
        return Self {
            address, hub, who, password, trust, dialled, storage, appointer, events, commands,
            reset, back_off, told, ignored_of, unkept,
        };
    }

    async fn run(mut self) -> Option<StorageError> {
        while self.connect_once().await.is_ok() {}
        self.unkept
    }

    /// From one attempt to the moment of the next.
    async fn connect_once(&mut self) -> Result<(), ShellGone> {
        self.emit(LinkEvent::Connecting).await?;
        self.tell_who().await?;
        let ended = match self.reach().await? {
            Ok(dialled) => self.attend(dialled).await?,
            Err(ended) => ended,
        };
        match ended {
            Ended::Lost => self.wait_to_retry().await,
            Ended::AwaitsUser => self.wait_for_user().await,
            Ended::Stopped(why) => {
                self.emit(LinkEvent::Stopped { why }).await?;
                self.wait_for_user().await
            }
            Ended::ShellGone => Err(ShellGone),
        }
    }

    /// Dials, with an open ear.
    async fn reach(&mut self) -> Result<Result<Dialled, Ended>, ShellGone> {
        if let Some(dialled) = self.dialled.take() {
            return Ok(Ok(dialled));
        }
        let (address, trust) = (self.address.clone(), self.trust.clone());
        let attempt = dial(&address, &trust, DIAL_DEADLINE);
        tokio::pin!(attempt);
        loop {
            tokio::select! {
                outcome = &mut attempt => return Ok(outcome.map_err(|error| ended_by(&error))),
                command = self.commands.recv() => {
                    if let Wish::StayAway = self.while_away(command.ok_or(ShellGone)?) {
                        return Ok(Err(Ended::AwaitsUser));
                    }
                }
            }
        }
    }

    async fn attend(&mut self, dialled: Dialled) -> Result<Ended, ShellGone> {
        if dialled.hub != self.hub {
            let why = format!("another hub answers at {} now; /quit, then join it", self.address);
            return Ok(Ended::Stopped(why));
        }
        // Who was asked for a name before all this may have given one: nobody is asked twice.
        while let Ok(command) = self.commands.try_recv() {
            if let Wish::StayAway = self.while_away(command) {
                return Ok(Ended::AwaitsUser);
            }
        }
        self.emit(LinkEvent::Opened { hub: self.hub.clone() }).await?;
        let begun = Instant::now();
        let ended = self.talk(dialled).await;
        self.back_off.lived(begun.elapsed());
        Ok(ended)
    }

    async fn wait_to_retry(&mut self) -> Result<(), ShellGone> {
        let retry_in = self.back_off.next(random());
        self.emit(LinkEvent::Lost { retry_in }).await?;
        let lost_at = Instant::now();
        loop {
            let command = tokio::select! {
                () = time::sleep_until(lost_at + retry_in) => return Ok(()),
                command = self.commands.recv() => command.ok_or(ShellGone)?,
            };
            match self.while_away(command) {
                Wish::Wait => {}
                Wish::DialNow => return Ok(()),
                Wish::StayAway => return self.wait_for_user().await,
            }
        }
    }

    async fn wait_for_user(&mut self) -> Result<(), ShellGone> {
        loop {
            let command = self.commands.recv().await.ok_or(ShellGone)?;
            if let Wish::DialNow = self.while_away(command) {
                return Ok(());
            }
        }
    }

    /// A command while there is no connection. Frames go nowhere: the state has kept what must
    /// not be lost, and sends it after the next welcome.
    fn while_away(&mut self, command: LinkCommand) -> Wish {
        match command {
            LinkCommand::Send(_) | LinkCommand::ConfirmHub(false) | LinkCommand::HangUp => {
                return Wish::Wait;
            }
            LinkCommand::ConfirmHub(true) => self.trust(),
            LinkCommand::Introduce(name) => self.take_name(&name),
            LinkCommand::Password(password) => self.password = Some(password),
            LinkCommand::Reconnect => self.back_off.reset(),
            LinkCommand::Disconnect => return Wish::StayAway,
            LinkCommand::AlsoKnownAs(name) => return self.keep_name(&name),
            LinkCommand::RememberRooms { rooms, current } => {
                return self.keep_rooms(&rooms, current.as_ref());
            }
            LinkCommand::KeepIgnored { whom, is_ignored } => {
                return self.keep_ignored(&whom, is_ignored);
            }
        }
        Wish::DialNow
    }

    /// Becomes whoever has this name here, or somebody new.
    fn take_name(&mut self, name: &UserName) {
        let held = match &self.who {
            Who::Claimed(claim) => Some(claim),
            Who::Ask { .. } => None,
        };
        match self.storage.take(&self.hub, name, held) {
            Ok(claim) => self.who = Who::Claimed(claim),
            Err(error) => self.could_not_keep(Err(error)),
        }
    }

    fn trust(&mut self) {
        let kept = self.storage.trust(&self.hub, &self.address.to_string());
        self.could_not_keep(kept);
    }

    fn keep_name(&mut self, name: &UserName) -> Wish {
        if let Who::Claimed(claim) = &mut self.who {
            let kept = self.storage.also_known_as(&self.hub, &claim.identity, name);
            claim.name = name.clone();
            self.could_not_keep(kept);
        }
        Wish::Wait
    }

    fn keep_rooms(&mut self, rooms: &[RoomName], current: Option<&RoomName>) -> Wish {
        if let Who::Claimed(claim) = &self.who {
            let kept = self.storage.remember_rooms(&self.hub, &claim.identity, rooms, current);
            self.could_not_keep(kept);
        }
        Wish::Wait
    }

    /// One can chat on without a disk, but is told at the end.
    fn could_not_keep(&mut self, kept: Result<(), StorageError>) {
        if let Err(error) = kept {
            self.unkept.get_or_insert(error);
        }
    }

    /// Whose the outbox is that the shell keeps.
    async fn tell_who(&mut self) -> Result<(), ShellGone> {
        let Who::Claimed(claim) = &self.who else { return Ok(()) };
        let identity = claim.identity.clone();
        if self.told.replace(identity.clone()).as_ref() != Some(&identity) {
            self.emit(LinkEvent::Claimed { identity: identity.clone() }).await?;
        }
        self.tell_ignored(identity).await
    }

    async fn emit(&self, event: LinkEvent) -> Result<(), ShellGone> {
        self.events.send(event).await.map_err(|_| ShellGone)
    }
}

fn ended_by(error: &DialError) -> Ended {
    match error {
        DialError::NotAHubbub(_)
        | DialError::Certificate(..)
        | DialError::NobodyTrusted(_)
        | DialError::SpeaksNoTls(_)
        | DialError::SpeaksTls(_)
        | DialError::NoCommonTls(_) => Ended::Stopped(error.to_string()),
        DialError::Unresolved(_)
        | DialError::NothingListens(_)
        | DialError::NoAnswer(_)
        | DialError::HungUp(_)
        | DialError::Busy(_) => Ended::Lost,
    }
}

#[cfg(test)]
mod tests;
