//! The headless hub of Hubbub: rooms as durable logs, told to everyone over WebSocket.
//!
//! The way through the house: `accept` takes sockets, `connection` reads frames, `hub` decides
//! (purely), `ledger` makes durable, `fanout` writes. See ARCHITECTURE.md.

mod accept;
mod asks;
pub mod config;
mod connection;
pub mod control;
mod dialect;
mod fanout;
pub mod files;
mod handshakes;
mod http;
pub mod hub;
pub mod ledger;
pub mod listen;
mod run;
mod sabotage;
pub mod signal;
pub mod tls;

/// Not an API: the parts that the simulator in `tests/sim` drives by hand.
#[doc(hidden)]
pub mod parts {
    pub use crate::{
        connection::must_be_answered,
        dialect::{Dialect, Encoded, frame::close},
        fanout::{
            Around, Attach, Clock, Command, Core, Ended, Gate, Held, Hints, Open, PageRead,
            PageWanted, RingSizes, Sizes, Socket, Waiter,
        },
        ledger::{Notes, Writer, open_memory, page},
    };
}

pub use config::{Config, Storage};
pub use run::{Error, Running, run};
