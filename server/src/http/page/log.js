// The messages: rows drawn once each, under eyes that stay where they are.

import { rowsOf } from "./rows.js";
import { pieces, visible } from "./text.js";
import { colourOf, isolated, make } from "./view.js";

/// How near to the end counts as being there, in pixels.
const NEAR = 40;
const QUOTE_CHARS = 80;

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const calendar = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

/// A time of day, as it is written everywhere here.
export const timeOf = (at) => clock.format(at);

/// The rows of the room that one looks at.
export class Log {
  constructor(list) {
    this.list = list;
    this.made = new Map();
    this.room = null;
    this.isAtEnd = true;
    const follow = () => this.isAtEnd && this.toEnd();
    new ResizeObserver(follow).observe(list);
  }

  /// Looks again where the reader is; to be called when it was scrolled.
  look() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.isAtEnd = true;
  }

  /// Whether the beginning of what is here can nearly be seen.
  isNearStart() {
    return this.list.scrollTop < this.list.clientHeight;
  }

  /// Draws a room; what is read stays where it is, or at the end.
  draw(state, room) {
    const isOther = this.room !== room;
    // Nobody wants another room, or older messages, read out as news.
    const isNews = !isOther && room.first === this.first;
    this.list.setAttribute("aria-live", isNews ? "polite" : "off");
    this.first = room.first;
    this.room = room;
    if (isOther) this.clear();
    const isFollowing = isOther || this.isAtEnd;
    const anchor = isFollowing ? null : this.anchor();
    this.reconcile(rowsOf(state, room));
    if (isFollowing) this.toEnd();
    else if (anchor) this.restore(anchor);
  }

  clear() {
    this.made.clear();
    this.list.replaceChildren();
  }

  // The first message that can be seen, and where it is. Other rows may go.
  anchor() {
    const top = this.list.scrollTop;
    const rows = [...this.list.querySelectorAll("article")];
    const row = rows.find((row) => row.offsetTop + row.offsetHeight > top);
    return row ? { key: row.dataset.key, offset: row.offsetTop - top } : null;
  }

  restore({ key, offset }) {
    const node = this.made.get(key)?.node;
    if (node) this.list.scrollTop = node.offsetTop - offset;
  }

  reconcile(rows) {
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, { node }] of this.made) {
      if (keys.has(key)) continue;
      node.remove();
      this.made.delete(key);
    }
    let next = this.list.firstChild;
    for (const row of rows) {
      const before = this.made.get(row.key);
      if (before && before.stamp !== row.stamp) {
        const node = drawRow(row);
        if (next === before.node) next = node;
        before.node.replaceWith(node);
        this.made.set(row.key, { node, stamp: row.stamp });
      }
      if (!before) this.made.set(row.key, { node: drawRow(row), stamp: row.stamp });
      const { node } = this.made.get(row.key);
      if (node === next) next = next.nextSibling;
      else this.list.insertBefore(node, next);
    }
  }
}

function drawRow(row) {
  const node = DRAWN[row.kind](row);
  node.dataset.key = row.key;
  return node;
}

const DRAWN = {
  message: drawMessage,
  announcement: drawAnnouncement,
  topic: drawTopic,
  notice: ({ item }) => make("p", "row note", {}, ...wordsOf(item.text)),
  note: ({ text }) => make("p", "row note", {}, text),
  unread: ({ text }) => make("p", "row unread", {}, text),
  day: ({ at }) => make("p", "row day", {}, calendar.format(at)),
  pending: drawPending,
};

function time(at) {
  return make("time", "", { datetime: new Date(at).toISOString() }, timeOf(at));
}

function wordsOf(text) {
  return pieces(text).flatMap(({ text, href, host }) => (href ? link(text, href, host) : text));
}

// Letters that look like others, and names before an @, hide where a link goes.
function link(text, href, host) {
  const shown = make("a", "", { href, target: "_blank", rel: "noopener noreferrer" }, text);
  return host ? [shown, make("span", "mark", {}, ` [to ${host}]`)] : [shown];
}

function drawMessage({ item, isFirst, reply, isMine }) {
  const row = make("article", `row message${isFirst ? " first" : ""}${isMine ? " mine" : ""}`);
  const author = isolated(item.from, `author ${colourOf(item.by)}`);
  if (isFirst) row.append(make("p", "by", {}, author, " ", time(item.at)));
  if (reply) row.append(quote(reply));
  if (item.deleted) row.append(make("p", "gone", {}, "message deleted"));
  else row.append(bodyOf(item));
  return row;
}

function bodyOf(item) {
  const action = item.kind === "message" && /^\/me\s+/.exec(item.text);
  const body = make("bdi", "body");
  if (action) body.append(make("em", "", {}, "* ", visible(item.from), " "));
  body.append(...wordsOf(action ? item.text.slice(action[0].length) : item.text));
  const said = make("p", action ? "said action" : "said", {}, body);
  if (item.edited) said.append(make("span", "mark", {}, " (edited)"));
  return said;
}

function quote(reply) {
  if (reply === "old") return make("p", "quote", {}, "↪ answers an older message");
  const text = reply.deleted ? "message deleted" : reply.text.slice(0, QUOTE_CHARS);
  return make("p", "quote", {}, "↪ ", isolated(reply.from, "author"), " ", isolated(text));
}

function drawAnnouncement({ item }) {
  const author = isolated(item.from, "author");
  const label = make("p", "by", {}, make("strong", "", {}, "Announcement"), " by ", author, " ");
  label.append(time(item.at));
  const row = make("article", "row announcement", {}, label);
  row.append(item.deleted ? make("p", "gone", {}, "announcement deleted") : bodyOf(item));
  return row;
}

function drawTopic({ item }) {
  const says = item.text ? " set the topic: " : " took the topic away";
  return make("p", "row note", {}, isolated(item.from, "author"), says, isolated(item.text));
}

function drawPending({ entry, mark, author }) {
  const row = make("article", `row message mine pending${author ? " first" : ""}`);
  const name = author && isolated(author.name, `author ${colourOf(author.identity)}`);
  if (name) row.append(make("p", "by", {}, name));
  row.append(make("p", "said", {}, make("bdi", "body", {}, ...wordsOf(entry.text))));
  if (mark) row.lastChild.append(make("span", "mark", {}, ` (${mark})`));
  if (!entry.failed) return row;
  row.append(make("p", "why", { role: "alert" }, entry.failed));
  const again = { type: "button", "data-again": entry.id };
  const away = { type: "button", "data-discard": entry.id };
  row.append(make("button", "", again, "Edit"), make("button", "", away, "Discard"));
  return row;
}
