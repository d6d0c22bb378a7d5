// The page around the messages: rooms, people, headings. Foreign text gets in as text only.

import { COMMANDS } from "./commands.js";
import { unread } from "./reading.js";
import { ANNOUNCEMENTS, LOBBY, currentRoom } from "./state.js";
import { visible } from "./text.js";

/// How many colours the style has for people.
const COLOURS = 8;

export const at = (id) => document.getElementById(id);

/// An element with a class, attributes and children; strings become text.
export function make(tag, looks = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (looks) element.className = looks;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/// A name, or another text of somebody, that has no effect on what is around it.
export function isolated(text, looks = "") {
  return make("bdi", looks, {}, visible(text));
}

/// The colour of a person, the same in every room.
export function colourOf(identity) {
  let sum = 0;
  for (const character of identity ?? "") sum = (sum * 31 + character.charCodeAt(0)) % 9973;
  return `colour${sum % COLOURS}`;
}

/// What a room is called.
export function titleOf(room) {
  return room.peer ? `@${room.peer}` : room.name;
}

/// Draws all but the messages.
export function draw(state) {
  const room = currentRoom(state);
  put("room", room ? titleOf(room) : "Hubbub");
  put("topic", room?.peer ? "only the two of you" : (room?.topic ?? ""));
  at("draft").placeholder = room ? `Message ${titleOf(room)}, or /help` : "Message";
  drawRooms(state, room);
  drawOthers(state);
  drawPeople(state, room);
  drawTitle(state, room);
}

function put(id, text) {
  const shown = visible(text);
  if (at(id).textContent !== shown) at(id).textContent = shown;
}

/// The tab's title: how much is unread, where one is.
function drawTitle(state, room) {
  const counts = [...state.rooms.values()].map((room) => unread(state, room).count);
  const sum = counts.reduce((all, count) => all + count, 0);
  const title = `${sum ? `(${sum}) ` : ""}${room ? visible(titleOf(room)) : "join"} · Hubbub`;
  if (document.title !== title) document.title = title;
  const elsewhere = sum - (room ? unread(state, room).count : 0);
  put("rooms-button", elsewhere ? `Rooms (${elsewhere})` : "Rooms");
}

function drawRooms(state, current) {
  const shown = [...state.rooms.values()].filter(
    (room) => room.name !== ANNOUNCEMENTS || room.items.length > 0,
  );
  shown.sort((a, b) => order(a) - order(b) || inOrder(titleOf(a), titleOf(b)));
  replace("room-list", shown.map((room) => roomEntry(state, room, room === current)));
}

// `room 9` before `room 10`.
function inOrder(one, other) {
  return one.localeCompare(other, undefined, { numeric: true });
}

function order(room) {
  if (room.name === LOBBY) return 0;
  if (room.name === ANNOUNCEMENTS) return 3;
  return room.peer ? 2 : 1;
}

function roomEntry(state, room, isCurrent) {
  const { count, more } = unread(state, room);
  const attributes = { type: "button", "data-go": room.name };
  if (isCurrent) attributes["aria-current"] = "true";
  const button = make("button", "entry", attributes, isolated(titleOf(room), "name"));
  if (count > 0) {
    const number = `${count}${more ? "+" : ""}`;
    button.append(make("span", "count", {}, number, make("span", "unseen", {}, " unread")));
  }
  const entry = make("li", "", {}, button);
  if (isCurrent && !room.peer && room.name !== LOBBY && room.name !== ANNOUNCEMENTS) {
    const label = { type: "button", "data-leave": room.name, "aria-label": `Leave ${room.name}` };
    entry.append(make("button", "leave", label, "Leave"));
  }
  return entry;
}

function drawOthers(state) {
  const others = state.others.filter(
    (room) => !room.peer && !state.rooms.has(room.room) && room.room !== ANNOUNCEMENTS,
  );
  at("other-rooms").hidden = others.length === 0;
  replace("other-list", others.slice(0, 50).map(otherEntry));
}

function otherEntry(room) {
  const attributes = { type: "button", "data-join": room.room };
  const button = make("button", "entry", attributes, isolated(room.room, "name"));
  button.append(make("span", "count quiet", {}, `${room.members} here`));
  return make("li", "", {}, button);
}

function drawPeople(state, room) {
  const count = room?.count ?? 0;
  put("people-count", room ? `${count} here` : "");
  put("people-button", room ? `People (${count})` : "People");
  const members = [...(room?.members.values() ?? [])];
  members.sort((a, b) => a.name.localeCompare(b.name));
  const entries = members.map((member) => memberEntry(state, member));
  const rest = count - members.length;
  if (rest > 0) entries.push(make("li", "quiet", {}, `and ${rest} more`));
  replace("people-list", entries);
}

function memberEntry(state, member) {
  const isMe = member.name === state.me?.name;
  const notes = [isMe && "you", member.role === "operator" && "operator", member.away && "away"];
  const note = notes.filter(Boolean).join(", ");
  const name = isolated(member.name, "name");
  const label = isMe ? make("span", "entry", {}, name) : personButton(member.name, name);
  if (note) label.append(make("span", "quiet", {}, ` ${note}`));
  if (member.away) label.setAttribute("title", visible(member.away));
  return make("li", "", {}, label);
}

function personButton(name, content) {
  const label = `Write to ${visible(name)} privately`;
  return make("button", "entry", { type: "button", "data-person": name, title: label }, content);
}

// Only entries that look otherwise are drawn again: what is clicked or has the focus stays there.
function replace(id, entries) {
  const list = at(id);
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset : null;
  for (const [place, entry] of entries.entries()) {
    const before = list.children[place];
    if (!before) list.append(entry);
    else if (!before.isEqualNode(entry)) before.replaceWith(entry);
  }
  while (list.children.length > entries.length) list.lastChild.remove();
  if (focused && !list.contains(document.activeElement)) refocus(list, focused);
}

function refocus(list, focused) {
  const keys = Object.keys(focused);
  const isSame = (button) => keys.every((key) => button.dataset[key] === focused[key]);
  [...list.querySelectorAll("button")].find(isSame)?.focus();
}

/// Says something beside the draft, until the next key.
export function notice(text) {
  at("notice").hidden = !text;
  at("notice").textContent = visible(text ?? "");
}

/// What was said is no longer so.
export function takeBack(text) {
  if (at("notice").textContent === text) notice(null);
}

/// Says how the connection is.
export function status(text) {
  put("status", text);
  document.body.classList.toggle("is-live", text === "live");
}

/// Fills in what can be typed.
export function fillHelp() {
  for (const { name, takes, does } of COMMANDS) {
    at("help-list").append(make("dt", "", {}, `/${name} ${takes}`), make("dd", "", {}, does));
  }
}

/// Asks for the name, and for a password where the hub wants one.
export function askName({ name, error, wantsPassword }) {
  at("entry-where").textContent = `at ${location.host}`;
  at("entry-error").hidden = !error;
  at("entry-error").textContent = visible(error ?? "");
  at("entry-secret").hidden = !wantsPassword;
  at("entry-password").required = wantsPassword;
  at("entry-name").value = name;
  if (!at("entry").open) at("entry").showModal();
  const field = at(wantsPassword ? "entry-password" : "entry-name");
  field.focus();
  field.select();
}

/// What to do when a form is sent.
export function submitted(form, handle) {
  at(form).addEventListener("submit", (event) => {
    event.preventDefault();
    handle();
  });
}

/// Shows or hides what is at the side of a narrow window.
export function drawer(which) {
  for (const id of ["rooms", "people"]) {
    const isOpen = id === which;
    at(id).classList.toggle("is-open", isOpen);
    at(`${id}-button`).setAttribute("aria-expanded", String(isOpen));
  }
  at("shade").hidden = !which;
}

/// Where a keyboard covers the page instead of making it smaller, the page makes itself smaller.
export function keepAboveKeyboard() {
  const { visualViewport: seen } = window;
  seen?.addEventListener("resize", () => {
    const isCovered = innerHeight - seen.height > 100 && seen.scale === 1;
    document.body.style.height = isCovered ? `${seen.height}px` : "";
    if (isCovered) scrollTo(0, 0);
  });
}
