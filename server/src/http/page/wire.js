// The connection to the hub, made again whenever it is lost.

const SUBPROTOCOL = "hubbub.v1";
/// Between two tries: first, and at most, in milliseconds.
const BACK_OFF_MS = [1000, 30_000];
/// How long a connection must last for the next one to be tried soon again.
const PROVEN_MS = 60_000;
/// After how long without a frame, ours being unanswered, a connection is given up.
const SILENCE_MS = 15_000;
/// The hub does not want one back.
const SHOWN_THE_DOOR = 4403;

/// One connection at a time. Tells `opened()`, `frame(frame)`, `lost()` and `stopped(why)`.
export class Wire {
  constructor(tell) {
    this.tell = tell;
    this.socket = null;
    this.tries = 0;
    this.retryAfter = null;
    this.isHeld = false;
    this.timer = null;
    this.silence = null;
    this.beat = null;
  }

  /// Connects at once, if there is no connection.
  connect() {
    clearTimeout(this.timer);
    this.isHeld = false;
    if (this.socket) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws`, SUBPROTOCOL);
    this.socket = socket;
    socket.addEventListener("open", () => this.opened(socket));
    socket.addEventListener("message", (message) => this.came(socket, message.data));
    socket.addEventListener("close", (close) => this.closed(socket, close.code));
  }

  /// Sends a frame; says whether there is somebody to send it to.
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /// Does not connect again until told to.
  hold() {
    this.isHeld = true;
  }

  /// The hub said when to come back.
  comeBackAfter(ms) {
    this.retryAfter = ms;
  }

  /// Looks whether the hub is still there, and says so to it every so often from now on.
  watch(heartbeatMs) {
    clearInterval(this.beat);
    this.beat = setInterval(() => this.check(), heartbeatMs);
  }

  /// Looks whether the hub is still there: a phone that slept is not told that it is not.
  check() {
    if (!this.socket) return this.isHeld ? undefined : this.connect();
    const socket = this.socket;
    if (this.send({ type: "ping" })) {
      this.silence ??= setTimeout(() => this.closed(socket, 1006), SILENCE_MS);
    }
  }

  opened(socket) {
    if (socket !== this.socket) return;
    this.openedAt = Date.now();
    this.tell.opened();
  }

  came(socket, text) {
    if (socket !== this.socket) return;
    this.heard();
    let frame = null;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // No hub sends that.
    }
    if (frame && typeof frame.type === "string") this.tell.frame(frame);
  }

  heard() {
    clearTimeout(this.silence);
    this.silence = null;
  }

  closed(socket, code) {
    if (socket !== this.socket) return;
    this.heard();
    this.socket = null;
    socket.close();
    if (code === SHOWN_THE_DOOR) {
      this.hold();
      return this.tell.stopped("The hub has shown you the door.");
    }
    this.tell.lost();
    if (!this.isHeld) this.timer = setTimeout(() => this.connect(), this.delay());
  }

  // What the hub said, or twice as long each time, up to a limit, of which a random part: so
  // that not all come at once.
  delay() {
    if (this.openedAt && Date.now() - this.openedAt > PROVEN_MS) this.tries = 0;
    this.openedAt = null;
    const told = this.retryAfter;
    this.retryAfter = null;
    const most = Math.min(BACK_OFF_MS[0] * 2 ** this.tries, BACK_OFF_MS[1]);
    this.tries += 1;
    return told ?? Math.random() * most;
  }
}
