//! Many seeds on all cores, and one seed with its trace.

use std::{
    fmt,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use super::{
    plan::{Checked, Counts, Promise, Sabotage, Violation},
    world::World,
};

/// A seed that breaks a promise.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) seed: u64,
    pub(crate) violation: Violation,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, violation } = self;
        writeln!(f, "seed {seed} breaks a promise. {violation}")?;
        write!(f, "replay: HUBBUB_SEED={seed} cargo test -p tests --test sim replay -- --nocapture")
    }
}

/// Runs these seeds on all cores, and counts what happened in them; or the first that fails.
pub(crate) fn seeds(range: Range<u64>) -> Result<Counts, Found> {
    let (counts, found) = run(range, None);
    found.map_or(Ok(counts), Err)
}

/// The first of these seeds at which a fault of the hub is noticed.
pub(crate) fn first_violation(range: Range<u64>, sabotage: Sabotage) -> Option<Found> {
    run(range, Some(sabotage)).1
}

/// One seed with everything that happened.
pub(crate) fn trace_of(seed: u64, sabotage: Option<Sabotage>) -> (Vec<String>, Checked) {
    let mut world = World::new(seed, sabotage, true);
    let result = live(&mut world);
    (world.trace().to_vec(), result)
}

fn run(range: Range<u64>, sabotage: Option<Sabotage>) -> (Counts, Option<Found>) {
    let next = AtomicU64::new(range.start);
    let counts = Mutex::new(Counts::default());
    let found: Mutex<Option<Found>> = Mutex::new(None);
    let work = || {
        while found.lock().unwrap().is_none() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= range.end {
                return;
            }
            let mut world = World::new(seed, sabotage, false);
            let result = live(&mut world);
            counts.lock().unwrap().absorb(&world.counts);
            if let Err(violation) = result {
                *found.lock().unwrap() = Some(Found { seed, violation });
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    (counts.into_inner().unwrap(), found.into_inner().unwrap())
}

/// Lives through a world; that the hub panics is a broken promise, too.
fn live(world: &mut World) -> Checked {
    catch_unwind(AssertUnwindSafe(|| world.run())).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?");
        Err(Violation { promise: Promise::Alive, what: format!("a panic: {text}") })
    })
}
