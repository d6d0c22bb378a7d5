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

/// Takes the focus again: given back by the browser, it comes without a caret in some.
export function refocus() {
  field().blur();
  focus();
}

/// What is in the field is kept for its room.
export function keep() {
  if (shown) store.setDraft(shown, text());
  fit();
}

/// Shows the draft of this room; what is there is taken along into it, or stays where it is.
export function turnTo(name, isTaken) {
  if (isTaken && text()) {
    store.setDraft(name, joined(store.draft(name), text()));
    store.setDraft(shown, "");
  }
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
  field().value = joined(text(), more);
  keep();
  focus();
}

/// What was written in this room and could not be done is there again, where nothing else is.
export function restore(name, what) {
  if (store.draft(name)) return;
  store.setDraft(name, what);
  if (shown === name) show(what);
}

function joined(one, other) {
  return one ? `${one}\n${other}` : other;
}

function show(what) {
  field().value = what;
  fit();
}

function fit() {
  field().rows = Math.min(ROWS_MAX, text().split("\n").length);
}
