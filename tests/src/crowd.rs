//! People who talk and listen while the hub under them is killed, cut and stalled, each with a
//! record of their own: what they sent, what was acked, what they saw. At the end the records are
//! held against the log.

mod audit;
mod participant;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use protocol::{Epoch, Identity, RequestId, RoomName};
use tokio::{
    runtime::Runtime,
    sync::watch,
    task::JoinHandle,
    time::{interval, timeout},
};

use audit::Log;
pub use audit::{Entry, Kind, Violation, audit};
use participant::{Pace, Participant};

/// In which rooms everyone is.
pub(crate) const ROOMS: [&str; 2] = ["lobby", "games"];
/// As much as a hub can bear.
const QUICK: Pace = Pace { pause_ms: 12, text_bytes: 200 };
/// Long messages, now and then.
const SLOW: Pace = Pace { pause_ms: 400, text_bytes: 4000 };
/// How long everyone may take, when the faults are over, to have sent and seen everything.
const SETTLING: Duration = Duration::from_mins(2);
/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What a person knows of what happened.
#[derive(Debug, Default)]
pub struct Record {
    /// Whether they talk.
    pub(crate) talks: bool,
    /// Who they are.
    pub(crate) identity: Option<Identity>,
    /// What they sent, in order, and where.
    pub(crate) sent: Vec<(RoomName, Entry)>,
    /// What was acked, and at which place.
    pub(crate) acked: BTreeMap<RequestId, (RoomName, u64)>,
    /// What they saw of each room.
    pub(crate) rooms: BTreeMap<RoomName, Seen>,
    /// What they found wrong when it came.
    pub(crate) violations: Vec<Violation>,
    /// How often they were welcome.
    pub(crate) welcomes: u32,
    /// How often something was not taken, for now as a rule.
    pub(crate) refused: u32,
}

/// What was seen of a room.
#[derive(Debug, Default)]
pub struct Seen {
    pub(crate) epoch: Option<Epoch>,
    /// Which event was at seq 1, 2, ….
    pub(crate) events: Vec<Entry>,
}

/// What is wanted of everyone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// Say nothing new; what is not acked is still sent again.
    pub(crate) hush: bool,
    /// Go, when this much of each room has been seen.
    pub(crate) until: Option<BTreeMap<RoomName, u64>>,
}

/// Everyone who takes part.
#[derive(Debug)]
pub struct Crowd {
    runtime: Runtime,
    address: SocketAddr,
    wish: watch::Sender<Wish>,
    people: Vec<(Arc<Mutex<Record>>, JoinHandle<()>)>,
}

impl Crowd {
    /// So many people who talk and listen, and so many who only listen, at this hub.
    pub fn gather(address: SocketAddr, talkers: u8, listeners: u8) -> Self {
        Self::of(address, talkers, listeners, QUICK)
    }

    /// The same, where people talk as people do.
    pub fn gather_slow(address: SocketAddr, talkers: u8, listeners: u8) -> Self {
        Self::of(address, talkers, listeners, SLOW)
    }

    fn of(address: SocketAddr, talkers: u8, listeners: u8, pace: Pace) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let (wish, wished) = watch::channel(Wish::default());
        let people = (0..talkers + listeners).map(|number| {
            let talks = number < talkers;
            let record = Arc::new(Mutex::new(Record { talks, ..Record::default() }));
            let person =
                Participant::new(address, number, pace, Arc::clone(&record), wished.clone());
            (record, runtime.spawn(person.run()))
        });
        let people = people.collect();
        Self { runtime, address, wish, people }
    }

    /// How many messages were acked so far.
    pub fn acked(&self) -> usize {
        self.people.iter().map(|(record, _)| lock(record).acked.len()).sum()
    }

    /// How often something was not taken.
    pub fn refused(&self) -> u32 {
        self.people.iter().map(|(record, _)| lock(record).refused).sum()
    }

    /// The hub they are at.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs something beside them.
    pub(crate) fn block_on<T>(&self, something: impl Future<Output = T>) -> T {
        self.runtime.block_on(something)
    }

    /// Waits until so many more messages are acked.
    pub fn wait_for_acks(&self, more: usize) {
        let enough = self.acked() + more;
        self.wait_until("acks", || self.acked() >= enough);
    }

    /// Waits until something is so, as long as people may take to settle.
    pub fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + SETTLING;
        while !is_so() {
            assert!(Instant::now() < deadline, "waited {SETTLING:?} for {what}");
            thread::park_timeout(LOOK);
        }
    }

    /// Has everyone send what is not acked and see what there is; then says what was wrong.
    pub fn finish(self) -> Outcome {
        self.wish.send_modify(|wish| wish.hush = true);
        let quiet = self.runtime.block_on(async { timeout(SETTLING, self.all_acked()).await });
        if quiet.is_err() {
            return self.given_up(Violation::new(Kind::Stuck, "not everything was acked"));
        }
        let mut violations = Vec::new();
        let logs = match self.runtime.block_on(audit::read(self.address)) {
            Ok(logs) => logs,
            Err(violation) => return self.given_up(violation),
        };
        let heads = logs.iter().map(|(room, log)| (room.clone(), log.len() as u64)).collect();
        self.wish.send_modify(|wish| wish.until = Some(heads));
        let Self { runtime, people, .. } = self;
        let mut records = Vec::new();
        for (record, person) in people {
            let ended = runtime.block_on(async { timeout(SETTLING, person).await });
            let mut record = std::mem::take(&mut *lock(&record));
            violations.append(&mut record.violations);
            match ended {
                Ok(ended) => ended.expect("no panic"),
                Err(_) => violations.push(Violation::new(Kind::Stuck, "did not see everything")),
            }
            records.push(record);
        }
        violations.extend(audit(&records, &logs));
        Outcome { logs, ..Outcome::new(&records, violations) }
    }

    async fn all_acked(&self) {
        let is_acked = |record: &Record| record.acked.len() == record.sent.len();
        let mut look = interval(LOOK);
        while !self.people.iter().all(|(record, _)| is_acked(&lock(record))) {
            look.tick().await;
        }
    }

    /// Gives up: the hub does not start any more, and said this.
    pub fn gone(self, complaints: &str) -> Outcome {
        self.given_up(Violation::new(Kind::Dead, complaints))
    }

    fn given_up(self, why: Violation) -> Outcome {
        let records: Vec<_> =
            self.people.iter().map(|(record, _)| std::mem::take(&mut *lock(record))).collect();
        let found = records.iter().flat_map(|record| record.violations.clone());
        let violations = found.chain([why]).collect();
        Outcome::new(&records, violations)
    }
}

/// What came of it all.
#[derive(Debug)]
pub struct Outcome {
    /// How many messages were sent, each acked in the end.
    pub sent: usize,
    /// How many events all of them saw together.
    pub seen: usize,
    /// How often somebody had to come back.
    pub returns: usize,
    /// The logs as they were read at the end.
    pub(crate) logs: BTreeMap<RoomName, Log>,
    /// What was wrong; nothing, where every promise was kept.
    pub violations: Vec<Violation>,
}

impl Outcome {
    fn new(records: &[Record], violations: Vec<Violation>) -> Self {
        let seen = |record: &Record| record.rooms.values().map(|seen| seen.events.len()).sum();
        let returns = |record: &Record| record.welcomes.saturating_sub(1) as usize;
        Self {
            sent: records.iter().map(|record| record.sent.len()).sum(),
            seen: records.iter().map(|record| -> usize { seen(record) }).sum(),
            returns: records.iter().map(returns).sum(),
            logs: BTreeMap::new(),
            violations,
        }
    }

    /// Fails the test if a promise was broken, or if nothing was tried.
    #[track_caller]
    pub fn all_kept(&self) {
        let first: Vec<_> = self.violations.iter().take(10).collect();
        let count = self.violations.len();
        assert!(self.violations.is_empty(), "{count} promises broken, first: {first:#?}");
        assert!(self.sent > 0 && self.seen > self.sent, "{} sent, {} seen", self.sent, self.seen);
    }

    /// The same, and each of so many rounds has to have thrown somebody out.
    #[track_caller]
    pub fn all_kept_through(&self, rounds: u32) {
        self.all_kept();
        let returns = self.returns;
        assert!(returns >= rounds as usize, "{returns} returns: most of the rounds hit nobody");
    }

    /// Fails the test if nothing of these kinds was noticed.
    #[track_caller]
    pub fn noticed(&self, kinds: &[Kind]) {
        let is_there = self.violations.iter().any(|violation| kinds.contains(&violation.kind));
        let first: Vec<_> = self.violations.iter().take(10).collect();
        assert!(is_there, "none of {kinds:?} was noticed, first: {first:#?}");
    }
}

pub(crate) fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}
