// The page: brings together what comes from the hub, what is typed, and what is shown.

import { parseDraft, splitAddress } from "./commands.js";
import * as draft from "./draft.js";
import { Log, timeOf } from "./log.js";
import * as outbox from "./outbox.js";
import * as reader from "./reading.js";
import * as model from "./state.js";
import * as store from "./store.js";
import * as view from "./view.js";
import { Wire } from "./wire.js";

const AGENT = "hubbub-page";
const UNREACHABLE = "The hub can't be reached just now; try again soon.";
/// How soon what changed is drawn, and how soon what was read is told, in milliseconds.
const DRAW_MS = 16;
const READ_MS = 400;

const { at } = view;
const state = model.create(store.rooms(), store.current() ?? model.LOBBY);
const log = new Log(at("log"));
const asked = { name: store.name() ?? "", password: undefined };
let offlineSince = null;
let isIdle = false;
let drawing = null;
let reading = null;

state.hub = store.hub();
state.outbox = store.outbox().map((kept) => Object.assign(outbox.waiting(kept.id), kept));

const wire = new Wire({ opened: sayHello, frame: receive, lost, stopped });

function sayHello() {
  const { name, password } = asked;
  wire.send({ type: "hello", id: "hello", name, secret: store.secret(), password, agent: AGENT });
}

function receive(frame) {
  if (frame.type === "welcome") arrived(frame);
  for (const effect of model.receive(state, frame, Date.now())) perform(effect);
  warn();
  flush();
  redraw();
}

function arrived(frame) {
  offlineSince = null;
  asked.name = frame.name;
  store.setHub(frame.hub);
  at("entry").close();
  view.status("live");
  view.takeBack(UNREACHABLE);
  wire.watch(frame.heartbeat_ms);
  draft.focus();
}

function warn() {
  const warning = store.warning();
  if (warning) view.notice(warning);
}

function perform(effect) {
  if (effect.send) wire.send(effect.send);
  if (effect.settled) store.forget(effect.settled);
  if (effect.kept) store.keep(outbox.find(state, effect.kept));
  if (effect.remember) remember();
  if (effect.read) tellSoon();
  if (effect.tell) view.notice(effect.tell);
  if (effect.restore) restore(effect.restore);
  if (effect.later !== undefined) setTimeout(flush, effect.later + 1);
  if (effect.ask) refused(effect.ask);
  if (effect.bye) parted(effect.bye);
}

function remember() {
  asked.name = state.me.name;
  store.setName(asked.name);
  const own = [...state.rooms.values()].filter((room) => !room.peer);
  const names = own.map((room) => room.name).filter((name) => name !== model.ANNOUNCEMENTS);
  // Before all are joined again, those that are still to come are not forgotten.
  state.wanted = state.wanted.filter((name) => !state.rooms.has(name) && isComing(name));
  store.setRooms([...names, ...state.wanted]);
}

function isComing(name) {
  const requests = [...state.requests.values()];
  return requests.some(({ type, room }) => type === "join" && room === name);
}

// The hub did not take the hello: it says what to change, or when to try again.
function refused({ code, text, suggest, retry_after_ms: retryAfter }) {
  if (retryAfter !== undefined) {
    wire.comeBackAfter(retryAfter);
    return view.status(model.sentence(text));
  }
  wire.hold();
  const wantsPassword = code === "password_required";
  const wrong = asked.password && "That is not the password; try again.";
  view.askName({
    name: suggest ?? asked.name,
    error: wantsPassword ? wrong : model.sentence(text),
    wantsPassword: wantsPassword || asked.password !== undefined,
  });
}

function parted({ reason, retry_after_ms: retryAfter }) {
  if (retryAfter !== undefined) wire.comeBackAfter(retryAfter);
  isIdle = reason === "idle";
  if (isIdle || reason === "kicked" || reason === "banned") wire.hold();
}

// Who was idle, and disconnected for that, comes back by doing something.
function wake() {
  if (!isIdle) return;
  isIdle = false;
  wire.connect();
}

function lost() {
  landed();
  if (state.phase === "live") state.phase = "offline";
  offlineSince ??= new Date();
  const since = timeOf(offlineSince);
  const held = isIdle ? "idle; any key connects again" : "not connected";
  view.status(wire.isHeld ? held : `offline since ${since}, retrying`);
  redraw();
}

function landed() {
  outbox.land(state);
  for (const effect of model.disconnected(state)) perform(effect);
}

function stopped(why) {
  landed();
  state.phase = "stopped";
  view.status("stopped; reload the page to come back");
  view.notice(`${why} Reload the page to knock again.`);
  redraw();
}

function flush() {
  for (const frame of outbox.due(state, Date.now())) wire.send(frame);
}

function redraw() {
  // Not by animation frames: there are none in a tab that is not looked at, and its title counts.
  drawing ??= setTimeout(drawNow, DRAW_MS);
}

function drawNow() {
  drawing = null;
  const room = model.currentRoom(state);
  see();
  view.draw(state);
  if (!room) return;
  changeDraft(room);
  log.draw(state, room);
  look();
}

// What follows from what can be seen: it is read, and what is before it is wanted soon.
function look() {
  const room = model.currentRoom(state);
  if (!room) return;
  log.look();
  if (see()) redraw();
  const { count } = reader.unread(state, room);
  at("newest").hidden = log.isAtEnd;
  at("newest").textContent = count > 0 ? `↓ ${count} new` : "↓ newest";
  if (log.isNearStart()) for (const effect of model.older(state, room)) perform(effect);
}

// Who looks at the end of a room has read it.
function see() {
  state.isWatching = log.isAtEnd && document.visibilityState === "visible";
  const isNews = reader.see(state);
  if (isNews) tellSoon();
  return isNews;
}

function tellSoon() {
  reading ??= setTimeout(tellRead, READ_MS);
}

function tellRead() {
  reading = null;
  for (const frame of reader.untold(state)) wire.send(frame);
}

// Each room has a draft of its own.
function changeDraft(room) {
  if (draft.room() === room.name) return;
  // What is being written to somebody goes on in their private room, once that is known.
  const isMoved = draft.room()?.startsWith("@") && !state.rooms.has(draft.room());
  draft.turnTo(room.name, isMoved || state.along === room.name);
  state.along = null;
  store.setCurrent(room.name);
}

// What is typed and clicked.

function go(name) {
  reader.go(state, name);
  view.drawer(null);
  view.notice(null);
  drawNow();
  if (matchMedia("(pointer: fine)").matches) draft.focus();
}

function goToPeer(name) {
  go(model.openPeer(state, name).name);
}

function joinRoom(name, typed) {
  const room = name.replace(/^#/, "").toLowerCase();
  if (state.rooms.has(room)) return go(room);
  view.drawer(null);
  return asking({ type: "join", room: name }, { room, go: true, typed });
}

function say(room, text) {
  const to = room.name.startsWith("@") ? room.peer : undefined;
  const entry = outbox.waiting(store.newId(), room.name, to, text, state.hub);
  store.keep(entry);
  state.outbox.push(entry);
  room.line = null;
  log.isAtEnd = true;
  warn();
  flush();
  redraw();
}

const COMMANDS = {
  name: (rest, typed) => asking({ type: "name", name: rest.trim() }, { typed }),
  join: (rest, typed) => (rest ? joinRoom(rest.trim(), typed) : showRooms()),
  leave: () => leave(state.current),
  msg: message,
  who,
  topic,
  help: () => at("help").showModal(),
};

// Sends what can't wait for the hub, or says that it did not go out. What was `typed` for it, as
// `{room, text}` or `{field, text}`, comes back if it is refused.
function asking(frame, about) {
  if (state.phase !== "live") return UNREACHABLE;
  return wire.send(model.request(state, frame, about).send) || UNREACHABLE;
}

function restore({ room, field, text }) {
  if (field) at(field).value ||= text;
  else draft.restore(room, text);
}

function leave(name) {
  if (name === model.ANNOUNCEMENTS) return "Announcements are for everyone; they can't be left.";
  const room = state.rooms.get(name);
  if (name === model.LOBBY) return "The lobby is where everybody meets; it can't be left here.";
  if (room?.peer) return "A private conversation stays; just go to another room.";
  if (state.outbox.some((entry) => entry.room === name)) return "Not everything here is sent yet.";
  return asking({ type: "leave", room: name });
}

function message(rest) {
  const { to, text } = splitAddress(rest);
  if (!to) return "/msg NAME TEXT says something to one person.";
  if (!text) return goToPeer(to);
  say(model.openPeer(state, to), text);
  view.notice(`To ${to} alone: ${text}`);
}

function who() {
  const names = [...(model.currentRoom(state)?.members.keys() ?? [])].sort();
  view.notice(`Here: ${names.join(", ")}`);
}

function topic(rest, typed) {
  const room = model.currentRoom(state);
  const set = { type: "topic", room: room.name, text: rest, id: store.newId() };
  if (rest) return asking(set, { typed });
  view.notice(room.topic ? `The topic: ${room.topic}` : "There is no topic yet.");
}

function showRooms() {
  view.drawer("rooms");
  at("join-room").focus();
  asking({ type: "rooms", limit: 100 });
}

// Tells what is wrong, if a command says so.
function complain(wrong) {
  if (typeof wrong === "string") view.notice(wrong);
  return typeof wrong === "string";
}

function submit() {
  const room = model.currentRoom(state);
  const meant = parseDraft(draft.text());
  if (meant.nothing) return;
  view.notice(room ? null : UNREACHABLE);
  if (!room) return;
  if (meant.error) return view.notice(meant.error);
  if (meant.say) say(room, meant.say);
  // A command that could not be carried out stays, to be mended.
  const typed = { room: room.name, text: draft.text() };
  if (meant.command && complain(COMMANDS[meant.command](meant.rest, typed))) return;
  draft.sent(room.name);
}

function enter() {
  asked.name = at("entry-name").value.trim();
  if (!at("entry-secret").hidden) asked.password = at("entry-password").value;
  if (!asked.name) return nameless();
  if (wire.socket?.readyState === WebSocket.OPEN) sayHello();
  else wire.connect();
}

function nameless() {
  const wantsPassword = !at("entry-secret").hidden;
  view.askName({ name: "", error: "Type the name that others will see.", wantsPassword });
  at("entry-name").focus();
}

// The hub would not take it: back into the draft.
function putBack(id) {
  draft.add(outbox.find(state, id).text);
  discard(id);
}

function discard(id) {
  outbox.drop(state, id);
  store.forget(id);
  redraw();
}

function clicked(event) {
  const { go: room, join, leave: left, person, again, discard: away } =
    event.target.closest("button")?.dataset ?? {};
  if (room) go(room);
  if (join) complain(joinRoom(join));
  if (left) complain(leave(left));
  if (person) goToPeer(person);
  if (again) putBack(again);
  if (away) discard(away);
}

function toggle(which) {
  const isOpen = at(which).classList.contains("is-open");
  view.drawer(isOpen ? null : which);
  if (!isOpen && which === "rooms") asking({ type: "rooms", limit: 100 });
}

function listen() {
  view.submitted("composer", submit);
  view.submitted("entry-form", enter);
  view.submitted("join-form", () => {
    const room = at("join-room").value.trim();
    const typed = { field: "join-room", text: room };
    if (room && !complain(joinRoom(room, typed))) at("join-room").value = "";
  });
  at("draft").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  at("draft").addEventListener("input", () => {
    draft.keep();
    view.notice(null);
  });
  document.addEventListener("click", clicked);
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  document.addEventListener("keydown", (event) => event.key === "Escape" && view.drawer(null));
  at("rooms-button").addEventListener("click", () => toggle("rooms"));
  at("people-button").addEventListener("click", () => toggle("people"));
  at("shade").addEventListener("click", () => view.drawer(null));
  at("newest").addEventListener("click", () => (log.toEnd(), look()));
  at("log").addEventListener("scroll", look, { passive: true });
  at("help").addEventListener("close", draft.refocus);
  // Without a name there is no chat behind it.
  at("entry").addEventListener("cancel", (event) => event.preventDefault());
  addEventListener("online", () => wire.check());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && state.me) wire.check();
    look();
  });
}

view.fillHelp();
listen();
view.keepAboveKeyboard();
if (asked.name) {
  view.status("connecting");
  wire.connect();
} else {
  view.status("");
  view.askName({ name: "", error: null, wantsPassword: false });
}
redraw();
