// The stream of what changes, over a websocket that comes back by itself.

const FIRST = 300; // milliseconds to the first try to come back
const MOST = 5000;

export class Stream {
  #wire = null;
  #pause = FIRST;
  #timer = 0;

  constructor(heard, lost) {
    this.heard = heard;
    this.lost = lost;
  }

  /** Ask for what a person sees; "" is the first person of the workspace. */
  connect(as) {
    clearTimeout(this.#timer);
    const before = this.#wire;
    const wire = new WebSocket(`ws://${location.host}/page/stream?as=${encodeURIComponent(as)}`);
    this.#wire = wire;
    before?.close();
    wire.onmessage = ({ data }) => {
      if (wire !== this.#wire) return;
      this.#pause = FIRST;
      this.heard(JSON.parse(data));
    };
    wire.onclose = () => {
      if (wire === this.#wire) this.#again(as);
    };
  }

  #again(as) {
    this.lost();
    this.#timer = setTimeout(() => this.connect(as), this.#pause);
    this.#pause = Math.min(2 * this.#pause, MOST);
  }
}
