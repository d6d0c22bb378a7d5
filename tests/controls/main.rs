//! The hub as a program, with faults: `HUBBUB_SABOTAGE` says which.

use std::process::ExitCode;

extern crate sabotaged as server;

#[path = "../../server/src/main.rs"]
mod program;

fn main() -> ExitCode {
    program::main()
}
