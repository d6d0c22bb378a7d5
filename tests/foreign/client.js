// A client of a chat hub that knows nothing of it but WebSocket (the package `ws`).
// It joins, says something, hears somebody, takes another name and goes.
// Arguments: HOST:PORT, "text" or "json", NAME, and whom to hear.
"use strict";

const WebSocket = require("ws");

const [address, dialect, name, other] = process.argv.slice(2);
const isText = dialect === "text";
const renamed = `${name}2`;

const query = isText ? `?name=${name}` : "";
const socket = new WebSocket(`ws://${address}/ws${query}`);

function say(user, message) {
  socket.send(isText ? message : JSON.stringify({ user, message }));
}

// What is to be heard, in this order, and what is done then.
const steps = [
  ["System", `${name} joined`],
  [name, `hello from ${name}`],
  [other, `hello ${name}`, () => {
    if (isText) say(name, `/name ${renamed}`);
    say(renamed, "goodbye");
  }],
  ["System", `${name} is now known as ${renamed}`],
  [renamed, "goodbye", () => say(renamed, "/quit")],
];

socket.on("open", () => say(name, `hello from ${name}`));
socket.on("message", (data) => {
  if (steps.length === 0) return;
  const [user, message, then] = steps[0];
  const expected = isText ? `${user}: ${message}` : JSON.stringify({ user, message });
  if (data.toString() !== expected) return;
  steps.shift();
  if (then) then();
});
socket.on("error", (why) => {
  console.error(String(why));
  process.exit(1);
});
socket.on("close", (code) => {
  if (code !== 1000 || steps.length > 0) console.error(`closed with ${code} before`, steps);
  process.exit(code === 1000 && steps.length === 0 ? 0 : 1);
});
