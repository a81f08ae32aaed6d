// What the workspace looks like to one person: the rows that the server told, by key.

export class State {
  rows = new Map();

  #messages = new Map(); // channel -> ts -> row

  /** Take a frame of the stream: rows that are new or other, keys that are gone. */
  apply({ fresh, set, gone }) {
    if (fresh) {
      this.rows.clear();
      this.#messages.clear();
    }
    for (const key of gone) this.#take(key);
    for (const [key, row] of Object.entries(set)) this.#put(key, row);
  }

  #put(key, row) {
    this.rows.set(key, row);
    if (!key.startsWith("message ")) return;
    if (!this.#messages.has(row.channel)) this.#messages.set(row.channel, new Map());
    this.#messages.get(row.channel).set(row.ts, row);
  }

  #take(key) {
    const row = this.rows.get(key);
    this.rows.delete(key);
    if (key.startsWith("message ")) this.#messages.get(row.channel)?.delete(row.ts);
  }

  get team() { return this.rows.get("team"); }
  get me() { return this.team.me; }
  get modal() { return this.rows.get("modal"); }
  get home() { return this.rows.get("home"); }

  user(id) { return this.rows.get(`user ${id}`); }
  group(id) { return this.rows.get(`group ${id}`); }
  channel(id) { return this.rows.get(`channel ${id}`); }

  /** Rows of a kind, in the order in which they came. */
  all(kind) {
    return [...this.rows].filter(([key]) => key.startsWith(`${kind} `)).map(([, row]) => row);
  }

  people() { return this.all("user").filter((user) => !user.bot); }

  /** All messages of a channel, oldest first. */
  messages(channel) {
    const rows = [...(this.#messages.get(channel)?.values() ?? [])];
    return rows.sort((one, other) => (one.ts < other.ts ? -1 : 1));
  }

  message(channel, ts) { return this.#messages.get(channel)?.get(ts); }

  /** What stands in the channel itself, not only in a thread. */
  roots(channel) {
    return this.messages(channel).filter(
      (row) => !isReply(row) || row.subtype === "thread_broadcast",
    );
  }

  /** Replies by the ts of their root, without those that only I see. */
  threads(channel) {
    const found = new Map();
    for (const row of this.messages(channel)) {
      if (!isReply(row) || row.only_you) continue;
      if (!found.has(row.thread_ts)) found.set(row.thread_ts, []);
      found.get(row.thread_ts).push(row);
    }
    return found;
  }

  /** A thread with its root, oldest first; mine alone, too. */
  thread(channel, root) {
    return this.messages(channel).filter((row) => row.ts === root || row.thread_ts === root);
  }
}

export const isReply = (row) => Boolean(row.thread_ts) && row.thread_ts !== row.ts;
