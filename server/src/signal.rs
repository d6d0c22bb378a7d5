//! When the system wants a hub to stop.

use std::{io, process};

use protocol::server::ByeReason;
use tokio::{
    select,
    signal::unix::{Signal, SignalKind, signal},
};

/// What a process exits with that was told twice to stop.
const IMPATIENT: i32 = 130;

/// Ends with the first SIGTERM (the hub starts again soon) or SIGINT (it does not). From then on
/// a second one ends the process at once.
pub fn first_of_two() -> io::Result<impl Future<Output = ByeReason>> {
    let mut signals = Signals::new()?;
    Ok(async move {
        let reason = signals.next().await;
        tokio::spawn(async move {
            signals.next().await;
            process::exit(IMPATIENT);
        });
        reason
    })
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { terminate, interrupt })
    }

    async fn next(&mut self) -> ByeReason {
        select! {
            _ = self.terminate.recv() => ByeReason::Restart,
            _ = self.interrupt.recv() => ByeReason::Shutdown,
        }
    }
}
