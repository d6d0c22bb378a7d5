// What is being written: each room has a draft of its own, kept until it is sent.

import * as store from "./store.js";
import { at } from "./view.js";

/// Most rows that it takes; what is longer scrolls.
const ROWS_MAX = 6;

let shown = null;

const field = () => at("draft");

/// The room whose draft is shown.
export const room = () => shown;
export const text = () => field().value;
export const focus = () => field().focus();

/// What is in the field is kept for its room.
export function keep() {
  if (shown) store.setDraft(shown, text());
  fit();
}

/// Shows the draft of this room, or takes what is there along into it.
export function turnTo(name, isTaken) {
  if (isTaken) store.setDraft(name, text());
  shown = name;
  show(store.draft(name));
}

/// What was written in this room is on its way; another room may be shown by now.
export function sent(name) {
  store.setDraft(name, "");
  show(shown === name ? "" : store.draft(shown));
}

/// Puts a text behind what is being written.
export function add(more) {
  field().value = text() ? `${text()}\n${more}` : more;
  keep();
  focus();
}

function show(what) {
  field().value = what;
  fit();
}

function fit() {
  field().rows = Math.min(ROWS_MAX, text().split("\n").length);
}
