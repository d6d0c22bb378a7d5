//! What a hub is told at its start, validated.

use std::{path::PathBuf, time::Duration};

/// How a hub runs. Made from flags, environment and file in `main`, or by a test.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the log is kept.
    pub storage: Storage,
    /// Messages a second that one connection may send; 0 is no limit.
    pub rate: u32,
    /// Messages at once, above `rate`.
    pub burst: u32,
    /// Most connections at once; 0 is no limit.
    pub connections_max: usize,
    /// Most connections at once from one address (IPv6: one /64); 0 is no limit.
    pub per_address_max: usize,
    /// What `hello` must carry, where the operator wants one.
    pub password: Option<String>,
    /// How long the hub waits before it tells that somebody without a clean goodbye has left.
    pub linger: Duration,
}

/// Where the log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In memory, gone at the end.
    Memory,
    /// In this directory, which one process holds at a time.
    Directory(PathBuf),
}

impl Config {
    /// The defaults of the specification with this storage.
    pub fn new(storage: Storage) -> Self {
        Self {
            storage,
            rate: 10,
            burst: 30,
            connections_max: 0,
            per_address_max: 0,
            password: None,
            linger: Duration::from_secs(10),
        }
    }
}
