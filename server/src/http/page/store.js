// What this browser keeps about this hub's address: who one is, and what was not sent yet.

const PREFIX = "hubbub.";
const OUT = "out.";
const SECRET_BYTES = 32;

// What the browser would not keep: it may be full, or keep nothing, as in some private windows.
const memory = new Map();
const FORGETFUL =
  "This browser has no place for this page: what is not sent yet, and that you are who you are, " +
  "is lost when you close it.";
let isForgetful = false;
let isTold = false;

/// Once, when something could not be kept: what that means.
export function warning() {
  if (isTold || !isForgetful) return null;
  isTold = true;
  return FORGETFUL;
}

function get(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

function set(key, value) {
  try {
    localStorage.setItem(PREFIX + key, value);
    memory.delete(key);
  } catch {
    memory.set(key, value);
    isForgetful = true;
  }
}

function remove(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // It was never there.
  }
}

function keys() {
  const found = new Set(memory.keys());
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const key = localStorage.key(at);
      if (key.startsWith(PREFIX)) found.add(key.slice(PREFIX.length));
    }
  } catch {
    // Only what is in memory, then.
  }
  return [...found];
}

function parsed(text, otherwise) {
  try {
    return JSON.parse(text) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/// Who one is: 32 random bytes, made once. All tabs of a browser are the same person.
export function secret() {
  const fresh = () => base64url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  if (!get("secret")) set("secret", fresh());
  return get("secret");
}

function base64url(bytes) {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export const name = () => get("name");
export const setName = (value) => set("name", value);
export const hub = () => get("hub");
export const setHub = (value) => set("hub", value);
export const current = () => get("current");
export const setCurrent = (value) => set("current", value);

export const draft = (room) => get(`draft.${room}`) ?? "";
export const setDraft = (room, text) =>
  text ? set(`draft.${room}`, text) : remove(`draft.${room}`);

/// The rooms one was in.
export function rooms() {
  const list = parsed(get("rooms"), []);
  return Array.isArray(list) ? list.filter((room) => typeof room === "string") : [];
}
export const setRooms = (list) => set("rooms", JSON.stringify(list));

/// What was not sent yet, in the order in which it was written: ids are UUIDs of version 7.
export function outbox() {
  const own = keys().filter((key) => key.startsWith(OUT)).sort();
  const entries = own.map((key) => parsed(get(key), null));
  return entries.filter((entry) => entry && entry.id && entry.text);
}
export const keep = ({ id, room, to, text, hub, failed }) =>
  set(OUT + id, JSON.stringify({ id, room, to, text, hub, failed }));
export const forget = (id) => remove(OUT + id);

/// A UUID of version 7 (RFC 9562, section 5.7), later ones sorting behind earlier ones.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  lastMs = Math.max(Date.now(), lastMs + 1);
  for (let at = 0; at < 6; at += 1) bytes[at] = Math.floor(lastMs / 2 ** (8 * (5 - at))) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
let lastMs = 0;
