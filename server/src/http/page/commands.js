// What a draft means: words to say, or a command. Pure.

import { TEXT_BYTES_MAX, byteLength, sendable } from "./text.js";

/// Each command: its name, what it takes, what it does.
export const COMMANDS = [
  { name: "name", takes: "NAME", does: "take another name" },
  { name: "join", takes: "ROOM", does: "go to a room; a new one is made" },
  { name: "leave", takes: "", does: "leave this room" },
  { name: "msg", takes: "NAME TEXT", does: "say something to one person; without a text: open" },
  { name: "me", takes: "TEXT", does: "say what you do" },
  { name: "who", takes: "", does: "who is here" },
  { name: "topic", takes: "TEXT", does: "say what the room is about; alone: read it" },
  { name: "help", takes: "", does: "this list; //text sends a text that begins with /" },
];

const ALIASES = { nick: "name", rooms: "join", w: "msg", "?": "help" };
const NEEDED = { name: "/name NAME takes another name", me: "/me TEXT says what you do" };

/// Reads a draft: `{say}`, `{command, rest}`, `{nothing: true}` or `{error}`.
export function parseDraft(draft) {
  const text = sendable(draft).replace(/^\n+|\s+$/g, "");
  if (text === "") return { nothing: true };
  if (!text.startsWith("/") || text.includes("\n")) return say(text);
  if (text.startsWith("//")) return say(text.slice(1));
  const [, word, rest] = /^\/(\S*)\s*(.*)$/su.exec(text);
  const name = ALIASES[word.toLowerCase()] ?? word.toLowerCase();
  if (!COMMANDS.some((command) => command.name === name)) {
    return { error: `There is no command /${word}. //${word} sends it as text; /help lists all.` };
  }
  if (NEEDED[name] && rest === "") return { error: `${NEEDED[name]}.` };
  return name === "me" ? say(text) : { command: name, rest };
}

function say(text) {
  const bytes = byteLength(text);
  if (bytes <= TEXT_BYTES_MAX) return { say: text };
  return { error: `A message has at most ${TEXT_BYTES_MAX} bytes, this has ${bytes}; shorten it.` };
}

/// The two parts of what /msg takes.
export function splitAddress(rest) {
  const [, to, text] = /^@?(\S*)\s*(.*)$/su.exec(rest);
  return { to, text };
}
