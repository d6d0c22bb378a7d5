// One's own messages until the hub has them. Pure.
//
// Each has an id of its own, under which it is sent until it is answered: the hub stores it once,
// however often it comes. One message of a room is on its way at a time, so that they keep their
// order.

/// A message that waits: in a room, or `to` somebody whose private room is not known yet.
export function waiting(id, room, to, text, hub) {
  return { id, room, to, text, hub, flying: false, acked: false, failed: null, notBefore: 0 };
}

/// The frames that can be sent now; they count as on their way from now on.
export function due(state, now) {
  const busy = new Set();
  const frames = [];
  for (const entry of state.outbox) {
    if (entry.failed || entry.acked || busy.has(entry.room)) continue;
    busy.add(entry.room);
    if (entry.flying || entry.notBefore > now || !canGo(state, entry)) continue;
    entry.flying = true;
    frames.push(frameOf(entry));
  }
  return frames;
}

/// Nothing is on its way any more: the connection is gone.
export function land(state) {
  for (const entry of state.outbox) entry.flying = false;
}

/// The entry of this id.
export function find(state, id) {
  return state.outbox.find((entry) => entry.id === id);
}

/// Takes an entry out.
export function drop(state, id) {
  state.outbox = state.outbox.filter((entry) => entry.id !== id);
}

function canGo(state, entry) {
  return state.phase === "live" && (entry.to || state.rooms.get(entry.room)?.live);
}

function frameOf({ id, room, to, text }) {
  return to ? { type: "direct", id, to, text } : { type: "say", id, room, text };
}
