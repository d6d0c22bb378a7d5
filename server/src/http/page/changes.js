// Messages, and how they were changed since. Pure.

/// Most changes to messages that are not here which are kept, for pages that are on their way.
const CHANGES_MAX = 500;

/// What is kept of an event that has a row.
export function itemOf(frame) {
  const { seq, at, from, by, kind, id, text, reply_to: replyTo } = frame;
  const changed = Math.max(frame.edited?.seq ?? 0, frame.deleted?.seq ?? 0);
  const flags = { edited: Boolean(frame.edited), deleted: Boolean(frame.deleted), changed };
  return { seq, at, from, by, kind, id, text: text ?? "", replyTo, ...flags };
}

/// A message reads otherwise, or is gone. Changes count by their seqs: no page that was on its
/// way undoes one.
export function change(room, target, { text, deleted, seq }) {
  const item = room.items.find((item) => item.seq === target);
  if (item) applyChange(item, { text, deleted, seq });
  else remember(room, target, { text, deleted, seq });
}

function applyChange(item, { text, deleted, seq }) {
  if (seq <= item.changed) return;
  item.changed = seq;
  if (deleted) Object.assign(item, { deleted: true, text: "" });
  else Object.assign(item, { edited: true, text: text ?? item.text });
}

function remember(room, target, change) {
  room.changes.delete(target);
  room.changes.set(target, change);
  if (room.changes.size > CHANGES_MAX) room.changes.delete(room.changes.keys().next().value);
}

/// The item of a page, as it is after what is known to have changed since.
export function changedSince(room, item) {
  const change = room.changes.get(item.seq);
  if (change) applyChange(item, change);
  return item;
}
