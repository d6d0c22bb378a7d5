//! When the system wants a hub to stop.

use std::{future::pending, io};

use protocol::server::ByeReason;
use tokio::{
    select,
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

/// Two futures. The first ends with the first SIGUSR1 (the hub starts again soon), SIGTERM or
/// SIGINT (it does not): drain. The second ends with another one after that: end at once.
pub fn stop() -> io::Result<(impl Future<Output = ByeReason>, impl Future<Output = ()>)> {
    let mut signals = Signals::new()?;
    let (pass_on, passed_on) = oneshot::channel::<Signals>();
    let first = async move {
        let reason = signals.next().await;
        // Whoever does not want to know of a second one has dropped that future.
        let _ = pass_on.send(signals);
        reason
    };
    let second = async move {
        match passed_on.await {
            Ok(mut signals) => _ = signals.next().await,
            Err(_) => pending().await,
        }
    };
    Ok((first, second))
}

#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    restart: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        let restart = signal(SignalKind::user_defined1())?;
        Ok(Self { terminate, interrupt, restart })
    }

    async fn next(&mut self) -> ByeReason {
        select! {
            _ = self.terminate.recv() => ByeReason::Shutdown,
            _ = self.interrupt.recv() => ByeReason::Shutdown,
            _ = self.restart.recv() => ByeReason::Restart,
        }
    }
}
