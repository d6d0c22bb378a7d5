// What one looks at, and what has been read. Pure.

import { ANNOUNCEMENTS, currentRoom } from "./state.js";

/// Looks at this room, from where one left off reading.
export function go(state, name) {
  const room = state.rooms.get(name);
  if (!room || name === state.current) return;
  const before = currentRoom(state);
  if (before) before.line = null;
  state.current = name;
  room.line = unread(state, room).count > 0 ? room.read : null;
}

/// How many messages of others have not been read, and whether there may be more.
export function unread(state, room) {
  const isNew = (item) =>
    item.seq > room.read &&
    (item.kind === "message" || item.kind === "announcement") &&
    !item.deleted &&
    item.by !== state.me?.identity;
  const count = room.items.filter(isNew).length;
  return { count, more: room.more && room.first !== null && room.read + 1 < room.first };
}

/// What one looks at is read; announcements are in every room. Says whether that is news.
export function see(state) {
  const seen = [currentRoom(state), state.rooms.get(ANNOUNCEMENTS)];
  const news = state.isWatching ? seen.filter((room) => room?.live && room.last > room.read) : [];
  for (const room of news) room.read = room.last;
  return news.length > 0;
}

/// What the hub is not told yet about how far one has read.
export function untold(state) {
  const rooms = [...state.rooms.values()].filter((room) => room.live && room.read > room.told);
  return rooms.map((room) => {
    room.told = room.read;
    return { type: "read", room: room.name, seq: room.read };
  });
}
