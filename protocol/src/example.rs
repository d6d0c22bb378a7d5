//! What the examples of the frames' documentation share.

use std::fmt::Debug;

use serde_json::Value;

use crate::codec;

/// Checks that a client's frame, as shown, is read, and written with the same fields again.
pub fn client(json: &str) {
    check(json, codec::decode_client(json).map(|frame| codec::encode_client(&frame)));
}

/// Checks that a frame of the hub, as shown, is read, and written with the same fields again.
pub fn server(json: &str) {
    check(json, codec::decode_server(json).map(|frame| codec::encode_server(&frame)));
}

fn check<E: Debug + PartialEq>(json: &str, again: Result<String, E>) {
    assert_eq!(again.map(|again| value(&again)), Ok(value(json)));
}

fn value(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}
