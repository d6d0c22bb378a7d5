//! Faults for a hub under load, for the tests that expect it to keep its promises and for the
//! controls that break one and expect the rig to notice.

mod clock;
mod descriptors;
pub mod disk;
mod full;
mod kill;
mod power;
mod rounds;
mod stalled;
mod storm;
mod sync;
mod typist;

pub use clock::{set_the_clock_back, stop_the_hub};
pub use descriptors::run_out_of_descriptors;
pub use full::{fill_the_disk, small_disk};
pub use kill::kill_again_and_again;
pub use power::lose_power_again_and_again;
pub use rounds::{is_long_run, rounds};
pub use stalled::stall;
pub use storm::{Storm, reconnect_storm};
pub use sync::{fail_a_sync_of_a_new_log, fail_each_sync};
pub use typist::{Finding, Loss, Typed, kill_the_client_again_and_again};
