// Foreign text, made safe to look at, and links in it. Pure.

// What is not seen but has an effect: controls, bidi controls, zero-width and format
// characters, tags. Joiners and variation selectors stay, as emoji and scripts need them, and so
// do the tags of a flag.
const UNSEEN = new RegExp(
  "\\u{1F3F4}[\\u{E0020}-\\u{E007E}]+\\u{E007F}|" +
    "[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B\\u200E\\u200F" +
    "\\u2028-\\u202E\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB\\u{E0000}-\\u{E007F}]",
  "gu",
);
// Control characters that no message may contain.
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
const LINK = /https?:\/\/[^\s<>"'`]+/gi;
// What stands in a link where a reader looks for the host.
const WRITTEN = /^https?:\/\/([^/?#\\]*?)(?::\d+)?(?:[/?#\\]|$)/i;
// What ends a sentence rather than a link.
const TAIL = /[.,;:!?…]+$/;

/// Most bytes of a message.
export const TEXT_BYTES_MAX = 4096;

function named(character) {
  const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return `<U+${code}>`;
}

/// The text with everything in it that has an effect and no look of its own shown as <U+202E>.
export function visible(text) {
  return String(text).replace(UNSEEN, (found) =>
    found.startsWith("\u{1F3F4}") ? found : named(found),
  );
}

/// What was typed or pasted, as a message can carry it: control characters are written out.
export function sendable(text) {
  return text.replace(/\r\n?/g, "\n").replace(CONTROL, named);
}

/// How many bytes of UTF-8 a text has.
export function byteLength(text) {
  return new TextEncoder().encode(text).length;
}

/// The text in pieces, `{text}` or `{text, href, host}`; only http and https are links. The host
/// is there where the link does not show it: it is told behind it.
export function pieces(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const link = linkOf(match[0]);
    if (!link) continue;
    if (match.index > at) found.push({ text: visible(text.slice(at, match.index)) });
    found.push({ text: visible(link.text), href: link.href, host: link.host });
    at = match.index + link.text.length;
  }
  if (at < text.length) found.push({ text: visible(text.slice(at)) });
  return found;
}

function linkOf(raw) {
  let text = raw.replace(TAIL, "");
  // The bracket around a link is not a part of it; one that was opened in it is.
  while (/[)\]]$/.test(text) && !isBalanced(text)) text = text.slice(0, -1).replace(TAIL, "");
  try {
    const url = new URL(text);
    const isWeb = url.protocol === "http:" || url.protocol === "https:";
    const host = WRITTEN.exec(text)?.[1].toLowerCase() === url.hostname ? null : url.hostname;
    return isWeb && url.hostname ? { text, href: url.href, host } : null;
  } catch {
    return null;
  }
}

function isBalanced(text) {
  const count = (character) => text.split(character).length;
  return count("(") === count(")") && count("[") === count("]");
}
