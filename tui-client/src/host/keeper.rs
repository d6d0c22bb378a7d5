//! Keeps the child running: a hub that fails ends, as it must, and is started again.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{self, Instant},
};

use super::{
    Born, HubProcess, Plan,
    life_line::{APPOINTMENTS_MAX, Appointer, Appointment},
};
use crate::connection::back_off::BackOff;

/// How long the drain of the child is waited for: it gives its clients 5 s.
const DRAIN_DEADLINE: Duration = Duration::from_secs(7);

/// The hub that this process has started. It ends with the process, however that ends;
/// [`Keeper::end`] also waits for it.
#[derive(Debug)]
pub struct Keeper {
    stop: oneshot::Sender<()>,
    appointments: mpsc::Sender<Appointment>,
    task: JoinHandle<()>,
}

impl Keeper {
    /// Starts it again on its port whenever it ends by itself.
    pub(super) fn keep(plan: Arc<Plan>, hub: HubProcess, port: u16) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (appointments, asked) = mpsc::channel(APPOINTMENTS_MAX);
        let task = tokio::spawn(async move {
            let kept = keep_running(&plan, hub, port, (stopped, asked)).await;
            if let Some(mut hub) = kept {
                drop(hub.life_line);
                // Whether it took too long or could not be waited for: it ends by itself.
                let _ = time::timeout(DRAIN_DEADLINE, hub.child.wait()).await;
            }
        });
        Self { stop, appointments, task }
    }

    /// Makes whoever hosts an operator.
    pub fn appointer(&self) -> Appointer {
        Appointer(self.appointments.clone())
    }

    /// Lets the hub drain and end.
    pub async fn end(self) {
        drop(self.stop);
        let _ = self.task.await; // It panicked; the child has ended with its life line.
    }
}

/// Until it is to stop; then the child, if there is one just then.
async fn keep_running(
    plan: &Plan,
    mut hub: HubProcess,
    port: u16,
    (mut stopped, mut asked): (oneshot::Receiver<()>, mpsc::Receiver<Appointment>),
) -> Option<HubProcess> {
    let mut back_off = BackOff::default();
    loop {
        let born = Instant::now();
        loop {
            tokio::select! {
                _ = hub.child.wait() => break,
                _ = &mut stopped => return Some(hub),
                Some(Appointment { who, done }) = asked.recv() => {
                    hub.appoint(&who).await;
                    let _ = done.send(()); // Whoever asked may have gone on.
                }
            }
        }
        back_off.lived(born.elapsed());
        hub = tokio::select! {
            hub = start_again(plan, port, &mut back_off) => hub,
            _ = &mut stopped => return None,
        };
    }
}

async fn start_again(plan: &Plan, port: u16, back_off: &mut BackOff) -> HubProcess {
    loop {
        time::sleep(back_off.next(fastrand::f64())).await;
        // Why it does not start is in the log; clients say that they are offline.
        if let Ok(Born::Listening(hub, _)) = plan.start_child(port).await {
            return *hub;
        }
    }
}
