// What is to be seen of a room, row by row. Pure: times are given, not asked for.

import { ANNOUNCEMENTS, KEPT_MAX } from "./state.js";

/// For how long what one person says is one paragraph, in milliseconds.
const TOGETHER_MS = 5 * 60 * 1000;

/// The rows of a room, top to bottom. Each has a `key`, which is its own for as long as it is
/// there, and a `stamp`, which is another one when it looks otherwise.
export function rowsOf(state, room) {
  const rows = [topRow(room)].filter(Boolean);
  const bySeq = new Map(room.items.map((item) => [item.seq, item]));
  let before = null;
  let isLineDue = room.line !== null;
  for (const item of woven(state, room)) {
    if (isLineDue && item.seq > room.line && !item.isElsewhere) {
      if (item.by !== state.me?.identity) rows.push(row("unread", "unread", { text: "unread" }));
      isLineDue = false;
    }
    before = pushItem(rows, state, item, before, bySeq);
  }
  return [...rows, ...pendingRows(state, room, before)];
}

function row(kind, key, fields, stamp = "") {
  return { kind, key, stamp: `${kind} ${stamp}`, ...fields };
}

function topRow(room) {
  if (room.loading || (room.more && room.items.length < KEPT_MAX)) {
    return row("note", "top", { text: "Loading what was said before…" }, "loading");
  }
  if (room.more) {
    const text = `This page keeps ${KEPT_MAX} messages of a room; hubbub in a terminal shows all.`;
    return row("note", "top", { text }, "full");
  }
  if (room.first === null) return null;
  const text = beginning(room);
  return row("note", "top", { text }, text);
}

function beginning(room) {
  if (room.oldest > 1) return "What was said before is no longer kept.";
  if (room.last > 0) return "Here it began.";
  return "Nothing has been said here yet. Type below and press Enter.";
}

// What was announced to everyone and is news to this page is told in every room, too.
function woven(state, room) {
  const told = state.rooms.get(ANNOUNCEMENTS);
  if (!told || told === room) return room.items;
  const news = told.items.filter((item) => item.isNews && item.kind === "announcement");
  if (news.length === 0) return room.items;
  const all = [...room.items, ...news.map((item) => ({ ...item, isElsewhere: true }))];
  // Sorting keeps the order of a room, whose clock may have gone back.
  let latest = 0;
  const timed = all.map((item) => {
    latest = item.isElsewhere ? item.at : Math.max(latest, item.at ?? 0);
    return { item, at: latest };
  });
  return timed.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

function pushItem(rows, state, item, before, bySeq) {
  const key = `${item.isElsewhere ? "all" : item.kind}:${item.seq}`;
  if (item.kind === "gap") {
    rows.push(row("note", key, { text: gapText(item) }));
    return null;
  }
  const day = dayOf(item.at);
  if (!before || before.day !== day) rows.push(row("day", `day:${key}`, { at: item.at }, day));
  if (item.kind === "topic" || item.kind === "notice") {
    rows.push(row(item.kind, key, { item }));
    return { day };
  }
  const isFirst = startsParagraph(item, before, day);
  const reply = item.replyTo ? (bySeq.get(item.replyTo) ?? "old") : null;
  const isMine = item.by === state.me?.identity;
  const stamp = [item.changed, isFirst, reply?.changed, isMine].join(" ");
  rows.push(row(item.kind, key, { item, isFirst, reply, isMine }, stamp));
  return { day, by: item.by, from: item.from, at: item.at, kind: item.kind };
}

function startsParagraph(item, before, day) {
  return (
    !before ||
    before.day !== day ||
    before.by !== item.by ||
    before.from !== item.from ||
    before.kind !== "message" ||
    item.kind !== "message" ||
    item.at - before.at > TOGETHER_MS
  );
}

function gapText({ from, seq, reason }) {
  if (reason === "epoch") return "The hub has begun a new history; what was here is gone.";
  if (reason === "hub") return "This is another hub than before; what was here is gone.";
  const range = from === seq ? `Message ${from} is` : `Messages ${from} to ${seq} are`;
  return `${range} no longer kept.`;
}

function dayOf(at) {
  return new Date(at).toDateString();
}

// What is on its way looks as it will, so that nothing moves when it is there.
function pendingRows(state, room, before) {
  const own = state.outbox.filter((entry) => entry.room === room.name);
  const isFirst = !before || before.by !== state.me?.identity || before.kind !== "message";
  return own.map((entry, place) => {
    const author = isFirst && place === 0 ? state.me : null;
    const mark = markOf(state, entry);
    const fields = { entry: { ...entry }, mark, author };
    return row("pending", `out:${entry.id}`, fields, `${author?.name}${mark}${entry.failed}`);
  });
}

function markOf(state, entry) {
  if (entry.failed) return "not sent";
  if (entry.acked) return "";
  return state.phase === "live" ? "sending…" : "waits for the connection";
}
