//! The hub's state machine on simulated time, with a model of what is around it.

mod announcing;
mod asking;
mod changes;
mod client;
mod drain;
mod frames;
mod harness;
mod hello;
mod idle;
mod ledger;
mod lists;
mod markers;
mod names;
mod operators;
mod posting;
mod presence;
mod private;
mod properties;
mod rooms;
mod show;
mod tokens;
mod typing;
