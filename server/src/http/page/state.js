// What the page knows, and what each frame of the hub makes of it. Pure: no DOM, no clock, no
// socket. `receive` changes the state and says what is to be done about it.

import { change, changedSince, itemOf } from "./changes.js";
import { drop, find } from "./outbox.js";

/// Most entries of a room that are kept.
export const KEPT_MAX = 2000;
/// How many events to ask for at once.
const PAGE = 50;
/// How much of an announcement that was missed is told beside the draft.
const TOLD_CHARS = 120;

/// The room that is always there, and the one that everybody is in.
export const LOBBY = "lobby";
export const ANNOUNCEMENTS = "announcements";

const ROWS = new Set(["message", "announcement", "topic", "notice"]);

/// Nothing is known yet. `wanted` are the rooms to join, `current` the one to look at.
export function create(wanted, current) {
  return {
    phase: "new",
    me: null,
    hub: null,
    server: null,
    rooms: new Map(),
    others: [],
    wanted,
    current,
    outbox: [],
    requests: new Map(),
    counter: 0,
    along: null,
    gone: new Set(),
    wasHere: wanted.length > 0,
    isWatching: false,
  };
}

function newRoom(name) {
  return {
    name,
    peer: null,
    topic: "",
    live: false,
    items: [],
    changes: new Map(),
    first: null,
    last: null,
    oldest: 1,
    epoch: null,
    more: false,
    loading: false,
    read: 0,
    told: 0,
    news: 0,
    line: null,
    members: new Map(),
    count: 0,
  };
}

/// The room of this name, made if it is not here.
export function openRoom(state, name) {
  if (!state.rooms.has(name)) state.rooms.set(name, newRoom(name));
  return state.rooms.get(name);
}

/// A conversation with somebody, whose private room may not be known yet.
export function openPeer(state, peer) {
  const known = [...state.rooms.values()].find((room) => isSame(room.peer, peer));
  if (known) return known;
  const room = openRoom(state, `@${peer.toLowerCase()}`);
  room.peer = peer;
  return room;
}

function isSame(one, other) {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}

/// The room to look at.
export function currentRoom(state) {
  return state.rooms.get(state.current) ?? state.rooms.get(LOBBY) ?? null;
}

/// A request with an id of its own, unless it is stored: then it has one for good. `about` says
/// what its answer is about.
export function request(state, frame, about = {}) {
  state.counter += 1;
  const id = frame.id ?? `r${state.counter}`;
  state.requests.set(id, { type: frame.type, ...about });
  return { send: { ...frame, id } };
}

/// The connection is gone. What was typed and never answered comes back: `{restore}`.
export function disconnected(state) {
  const typed = [...state.requests.values()].map((about) => about.typed).filter(Boolean);
  state.requests.clear();
  for (const room of state.rooms.values()) {
    room.live = false;
    room.loading = false;
  }
  return typed.map((restore) => ({ restore }));
}

/// Asks for what is older than what is here, if there is any and it is not on its way.
export function older(state, room) {
  if (!room.live || !room.more || room.loading || room.items.length >= KEPT_MAX) return [];
  room.loading = true;
  const frame = { type: "history", room: room.name, before: room.first, limit: PAGE };
  return [request(state, frame, { room: room.name })];
}

/// Takes a frame of the hub, and returns what is to be done: `{send}`, `{settled}` (an id),
/// `{remember}`, `{read}` (to be told), `{tell}` (a sentence), `{restore}` (what was typed, to be
/// typed otherwise), `{ask}` (why), `{later}` (milliseconds), `{bye}`.
export function receive(state, frame, now) {
  const id = frame.id;
  const asked = state.requests.get(id);
  const effects = (HANDLERS[frame.type] ?? ignore)(state, frame, asked, now);
  state.requests.delete(id);
  return effects;
}

const HANDLERS = {
  welcome,
  joined,
  event,
  ack,
  page,
  rooms,
  members,
  presence,
  gap,
  left,
  renamed,
  read,
  error,
  bye: (state, frame) => [{ bye: frame }],
};

function ignore() {
  return [];
}

function welcome(state, frame) {
  state.phase = "live";
  // Another hub at this address has other rooms, and what was written for its predecessor is
  // not for it.
  if (state.hub && state.hub !== frame.hub) beginAnew(state);
  for (const entry of state.outbox) {
    if (entry.hub && entry.hub !== frame.hub) entry.failed = "This was written for another hub.";
  }
  state.me = { name: frame.name, identity: frame.identity, role: frame.role };
  state.hub = frame.hub;
  state.server = frame.server;
  state.heartbeat = frame.heartbeat_ms;
  state.others = frame.rooms;
  const own = frame.rooms.filter((room) => room.peer).map((room) => room.room);
  const followed = [...state.rooms.keys()].filter((name) => !name.startsWith("@"));
  const names = new Set([LOBBY, ANNOUNCEMENTS, ...state.wanted, ...own, ...followed]);
  return [{ remember: true }, ...[...names].flatMap((name) => join(state, name))];
}

function beginAnew(state) {
  const open = [...state.rooms.values()].filter((room) => !room.peer);
  const names = open.map((room) => room.name);
  state.wanted = [...new Set([...state.wanted, ...names])];
  state.wasHere = false;
  state.gone = new Set(names.filter((name) => name !== ANNOUNCEMENTS));
  state.rooms.clear();
}

/// Follows a room, from where one left it.
export function join(state, name) {
  const room = state.rooms.get(name);
  const frame = { type: "join", room: name };
  if (room?.last !== null && room?.last !== undefined && room.epoch) {
    frame.after = room.last;
    frame.epoch = room.epoch;
  }
  return [request(state, frame, { room: name })];
}

function joined(state, frame, asked) {
  const room = openRoom(state, frame.room);
  const isNew = room.epoch === null;
  const isOther = !isNew && (room.epoch !== frame.epoch || room.last > frame.head);
  room.live = true;
  room.peer = frame.peer ?? null;
  room.topic = frame.topic;
  room.oldest = frame.oldest;
  room.epoch = frame.epoch;
  room.read = Math.max(room.read, frame.read ?? (isNew ? neverRead(state, frame) : 0));
  room.told = frame.read ?? 0;
  room.count = frame.count;
  room.members = new Map(frame.members.map((member) => [member.name, member]));
  if (frame.peer) adopt(state, room);
  if (asked?.go) state.current = room.name;
  // What was typed behind `/join` is meant for this room.
  if (asked?.typed && !asked.typed.field) state.along = room.name;
  if (isNew || isOther) room.news = room.read;
  const effects = [{ remember: true }];
  if (room.read > room.told) effects.push({ read: true });
  if (isNew || isOther) effects.push(...beginAt(state, room, frame.head));
  if (isOther) room.items.push(gapRow(frame.head, frame.head, "epoch"));
  if (state.gone.delete(room.name)) room.items.push(gapRow(frame.head, frame.head, "hub"));
  return effects;
}

// Who comes for the first time has missed nothing; who was here has, if something was announced.
function neverRead(state, { room, peer, head }) {
  return peer || (room === ANNOUNCEMENTS && state.wasHere) ? 0 : head;
}

function gapRow(from, to, reason) {
  return { kind: "gap", seq: to, from, reason, changed: 0 };
}

// What was written to somebody before their private room was known is in it.
function adopt(state, room) {
  const draft = `@${room.peer.toLowerCase()}`;
  for (const entry of state.outbox) if (entry.room === draft) entry.room = room.name;
  if (state.current === draft) state.current = room.name;
  state.rooms.delete(draft);
}

// Nothing of the room is here: what there is begins with the newest page.
function beginAt(state, room, head) {
  room.items = [];
  room.changes.clear();
  room.last = head;
  room.read = Math.min(room.read, head);
  room.first = head + 1;
  room.more = head >= room.oldest;
  room.loading = false;
  return older(state, room);
}

function event(state, frame) {
  const room = state.rooms.get(frame.room);
  if (!room || frame.seq <= room.last) return [];
  room.last = frame.seq;
  if (frame.kind === "topic") room.topic = frame.text ?? "";
  if (frame.kind === "edit") change(room, frame.target, { text: frame.text, seq: frame.seq });
  if (frame.kind === "delete") change(room, frame.target, { deleted: true, seq: frame.seq });
  if (ROWS.has(frame.kind)) {
    room.items.push({ ...itemOf(frame), isNews: true });
    trim(room);
  }
  const isOwn = frame.by === state.me?.identity;
  const isSeen = state.isWatching && state.current === room.name;
  if (!isOwn && !isSeen) room.line ??= room.read;
  if (!isOwn || !find(state, frame.id)) return [];
  drop(state, frame.id);
  room.line = null;
  return [{ settled: frame.id }];
}

function trim(room) {
  if (room.items.length <= KEPT_MAX) return;
  room.items.splice(0, room.items.length - KEPT_MAX);
  room.first = room.items[0].seq;
  room.more = true;
}

function page(state, frame) {
  const room = state.rooms.get(frame.room);
  if (!room) return [];
  room.loading = false;
  room.oldest = frame.oldest;
  const items = frame.events.filter((event) => event.seq < room.first && ROWS.has(event.kind));
  const own = items.filter((item) => item.by === state.me?.identity && find(state, item.id));
  const isNews = (event) => event.seq > room.news;
  const shown = items.map((event) => ({ ...itemOf(event), isNews: isNews(event) }));
  room.items.unshift(...shown.map((item) => changedSince(room, item)));
  room.first = Math.min(room.first, frame.events[0]?.seq ?? room.first);
  room.more = frame.more && room.first > room.oldest;
  for (const item of own) drop(state, item.id);
  const settled = own.map((item) => ({ settled: item.id }));
  return room.name === ANNOUNCEMENTS ? [...settled, ...missed(shown)] : settled;
}

// What was announced while nobody looked stands where its time says, perhaps far above.
function missed(shown) {
  const isTold = (item) => item.isNews && item.kind === "announcement" && !item.deleted;
  const newest = shown.filter(isTold).at(-1);
  if (!newest) return [];
  const start = [...newest.text].slice(0, TOLD_CHARS).join("");
  const text = start.length < newest.text.length ? `${start}…` : start;
  return [{ tell: `Announced by ${newest.from} while you were away: ${text}` }];
}

function ack(state, frame) {
  const entry = find(state, frame.id);
  if (!entry) return [];
  entry.acked = true;
  entry.flying = false;
  const room = state.rooms.get(frame.room);
  if (room) entry.room = room.name;
  // What comes by itself takes its place; what came before is there already.
  if (!room || frame.seq <= room.last) drop(state, frame.id);
  return [{ settled: frame.id }];
}

function rooms(state, frame) {
  state.others = frame.rooms;
  return [];
}

function members(state, frame) {
  const room = state.rooms.get(frame.room);
  if (!room) return [];
  room.members = new Map(frame.members.map((member) => [member.name, member]));
  if (!frame.more) room.count = frame.members.length;
  return [];
}

function presence(state, frame) {
  const room = state.rooms.get(frame.room);
  if (!room) return [];
  for (const name of frame.left ?? []) room.members.delete(name);
  for (const { from, to } of frame.renamed ?? []) rename(room, from, to);
  for (const member of frame.joined ?? []) room.members.set(member.name, member);
  room.count = frame.count;
  for (const { from, to } of frame.renamed ?? []) renamePeer(state, from, to);
  return [];
}

function rename(room, from, to) {
  const member = room.members.get(from);
  room.members.delete(from);
  if (member) room.members.set(to, { ...member, name: to });
}

function renamePeer(state, from, to) {
  for (const room of state.rooms.values()) if (isSame(room.peer, from)) room.peer = to;
}

function gap(state, frame) {
  const room = state.rooms.get(frame.room);
  // That it is another history was told by the epoch in `joined` already.
  if (!room || frame.reason === "epoch") return [];
  room.items.push(gapRow(frame.from, frame.to, frame.reason));
  room.last = Math.max(room.last, frame.to);
  return [];
}

function left(state, frame) {
  state.rooms.delete(frame.room);
  if (state.current === frame.room) state.current = LOBBY;
  return [{ remember: true }, request(state, { type: "rooms", limit: 100 })];
}

function renamed(state, frame) {
  state.me.name = frame.to;
  return [{ remember: true }, { tell: `You are ${frame.to} now.` }];
}

function read(state, frame) {
  const room = state.rooms.get(frame.room);
  if (!room) return [];
  room.told = Math.max(room.told, frame.seq);
  room.read = Math.max(room.read, room.told);
  return [];
}

function error(state, frame, asked, now) {
  if (state.phase !== "live") return [{ ask: frame }];
  const entry = find(state, frame.id);
  if (entry) return refused(state, entry, frame, now);
  const room = state.rooms.get(asked?.room);
  if (asked?.type === "history" && room) room.loading = false;
  if (asked?.type === "join" && !room && state.current === asked.room) state.current = LOBBY;
  const suggestion = frame.suggest ? ` ${frame.suggest} is free.` : "";
  return [{ tell: sentence(frame.text) + suggestion, restore: asked?.typed }];
}

function refused(state, entry, frame, now) {
  entry.flying = false;
  if (frame.retry_after_ms === undefined) {
    entry.failed = sentence(frame.text);
    // Where it is not seen at the message, it is told.
    const tell = entry.room === state.current ? undefined : `Not sent. ${entry.failed}`;
    return [{ kept: entry.id, tell }];
  }
  entry.notBefore = now + frame.retry_after_ms;
  return [{ later: frame.retry_after_ms }];
}

/// What the hub says, as a sentence of the page.
export function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
