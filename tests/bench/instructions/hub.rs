//! The hub takes a `say`, and then what the ledger has decided about it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use protocol::{
    ClientFrame, Epoch, HubId, RoomName, SessionId, Topic,
    client::{Hello, Join, Say},
    server::{Durability, ServerInfo},
};
use server::{
    hub::{
        effect::Effect,
        input::{Input, Now, Ticket},
        state::{HubState, Settings},
    },
    ledger::{Decision, Outcome, RoomRecord, Snapshot},
};

use crate::{
    made::{self, AT},
    subject::{Once, Size},
};

/// When all that comes of joining is over: the windows of presence and what follows them.
const SETTLED: Duration = Duration::from_mins(1);

/// A `say` of the next member of the next room, and its outcome.
pub(crate) fn say(size: Size, most: usize) -> anyhow::Result<Once> {
    let mut hub = Filled::new(size)?;
    let first = hub.first_ticket()?;
    let inputs = (0..most).map(|number| hub.exchange(number + 1, first + 1 + number as u64));
    let mut inputs = inputs.collect::<anyhow::Result<Vec<_>>>()?.into_iter();
    let mut effects = Vec::new();
    Ok(Box::new(move || {
        let Some((said, decided)) = inputs.next() else { return };
        hub.state.handle(now(SETTLED), said, &mut effects);
        hub.state.handle(now(SETTLED), decided, &mut effects);
        effects.clear();
    }))
}

/// A hub with everyone in their room.
struct Filled {
    state: HubState,
    size: Size,
}

impl Filled {
    fn new(size: Size) -> anyhow::Result<Self> {
        let mut hub = Self { state: HubState::new(snapshot(size)?, settings()), size };
        for person in 0..size.rooms * size.members {
            hub.enter(person)?;
        }
        hub.tell(SETTLED / 2, Input::Tick);
        hub.tell(SETTLED, Input::Tick);
        Ok(hub)
    }

    fn enter(&mut self, person: usize) -> anyhow::Result<()> {
        let session = SessionId(person as u64);
        let guest = made::identity(person);
        self.tell(Duration::ZERO, Input::Connected { session, guest });
        let name = made::name(person)?;
        let hello = Hello { id: None, name, secret: None, password: None, agent: None };
        self.tell(Duration::ZERO, Input::Frame { session, frame: ClientFrame::Hello(hello) });
        let room = made::room(person % self.size.rooms)?;
        let join = Join { id: None, room, after: None, epoch: None };
        self.tell(Duration::ZERO, Input::Frame { session, frame: ClientFrame::Join(join) });
        Ok(())
    }

    fn tell(&mut self, mono: Duration, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.state.handle(now(mono), input, &mut effects);
        effects
    }

    /// The hub counts what it asks of the ledger; from here on, one for each message. Shows that
    /// a message is stored, acknowledged and told.
    fn first_ticket(&mut self) -> anyhow::Result<u64> {
        let (said, _) = self.exchange(0, 0)?;
        let effects = self.tell(SETTLED, said);
        let proposed = effects.iter().find_map(|effect| match effect {
            Effect::Propose(proposal) => Some(proposal.ticket.0),
            _ => None,
        });
        let first = proposed.with_context(|| format!("nothing was proposed: {effects:?}"))?;
        let (_, decided) = self.exchange(0, first)?;
        let told = self.tell(SETTLED, decided);
        let is_told = matches!(told[..], [Effect::Reply { answers: true, .. }, Effect::Append(_)]);
        ensure!(is_told, "it was not told: {told:?}");
        Ok(first)
    }

    /// The message of a number, and what the ledger decides about it.
    fn exchange(&self, number: usize, ticket: u64) -> anyhow::Result<(Input, Input)> {
        // Person p is in room p % rooms.
        let person = number % (self.size.rooms * self.size.members);
        let room = made::room(person % self.size.rooms)?;
        let seq = self.size.of_each_room() + number / self.size.rooms + 1;
        let event = made::event(&room, seq, person)?;
        let (id, text) = (event.id.clone(), made::text()?);
        let frame = ClientFrame::Say(Say { id, room, text, reply_to: None });
        let decision =
            Decision::Stored { event: Arc::new(event), private: None, erased: Vec::new() };
        let outcome = Outcome { ticket: Ticket(ticket), decision };
        Ok((Input::Frame { session: SessionId(person as u64), frame }, Input::Decided(outcome)))
    }
}

fn now(mono: Duration) -> Now {
    Now { mono, wall: AT }
}

fn snapshot(size: Size) -> anyhow::Result<Snapshot> {
    let rooms = (0..size.rooms).map(|number| record(made::room(number)?, size.of_each_room()));
    Ok(Snapshot {
        hub: HubId::from_bytes([1; 16]),
        epoch: Epoch::from_bytes([1; 8]),
        durability: Durability::Memory,
        newest: AT,
        rooms: rooms.collect::<anyhow::Result<_>>()?,
        people: Vec::new(),
        read: Vec::new(),
        tokens: Vec::new(),
    })
}

fn record(room: RoomName, history: usize) -> anyhow::Result<RoomRecord> {
    let (head, oldest) = (made::seq(history)?, made::seq(1)?);
    Ok(RoomRecord { room, head, oldest, topic: Topic::default(), private: None })
}

fn settings() -> Settings {
    Settings {
        password: None,
        linger: Duration::from_secs(10),
        idle_timeout: None,
        rate: 0,
        burst: 0,
        server: ServerInfo { name: "counted".to_owned(), version: "0".to_owned() },
    }
}
