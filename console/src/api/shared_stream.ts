// One stream of server-sent events for every tab of a browser. Over HTTP/1.1 a browser opens six connections
// to a host, and a stream in each tab would take one of them each.
//
// Tabs that share a stream ask for the same lock. Whoever holds it reads the stream and tells the others by a
// broadcast channel; when its tab is closed the next one gets the lock and goes on from the last event that it
// saw. A holder that does not answer, because its tab was put to sleep, loses the lock to a tab that is looked
// at. Where the browser has no locks, as on pages without HTTPS, each tab reads for itself.
import { openStream, type SseEvent, type StreamState } from './sse';

export interface SharedStreamOptions {
  url: string;
  /** Tabs with the same name share; it names the user, too, since scopes differ. */
  name: string;
  onEvent: (event: SseEvent) => void;
  onState: (state: StreamState) => void;
  /** The stream began anew without a place to go on from; what happened in between is not known. */
  onGap: () => void;
  /** For tests: what a browser gives. */
  platform?: Platform;
}

export interface Platform {
  /** Undefined where the browser has none. */
  locks: Pick<LockManager, 'request'> | undefined;
  channel: (name: string) => BroadcastChannel;
  /** Whether somebody looks at the tab. */
  visible: () => boolean;
  /** Calls `listener` when somebody begins to look, until the function that it returns is called. */
  onVisible: (listener: () => void) => () => void;
  open: typeof openStream;
  setTimer: (run: () => void, ms: number) => () => void;
}

type Message =
  | { kind: 'event'; event: SseEvent }
  | { kind: 'state'; state: StreamState; cursor: string }
  | { kind: 'gap' }
  /** The holder lives. */
  | { kind: 'beat' }
  /** A tab asks how the stream is. The holder answers with the state. */
  | { kind: 'hello' };

/** The server sends something every 15 s, so a holder that lives is heard of as often; else it is asked. */
const SILENCE_MS = 20_000;
/** A holder that lives answers within this time, also on a machine that is busy. */
const ANSWER_MS = 5_000;

const browser: Platform = {
  locks: typeof navigator === 'undefined' ? undefined : navigator.locks,
  channel: (name) => new BroadcastChannel(name),
  visible: () => document.visibilityState === 'visible',
  onVisible: (listener) => {
    const look = () => document.visibilityState === 'visible' && listener();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  },
  open: openStream,
  setTimer: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Shares the stream until the function that it returns is called. */
export function openSharedStream(options: SharedStreamOptions): () => void {
  const platform = options.platform ?? browser;
  const tab = new Tab(options, platform);
  tab.start();
  return () => tab.stop();
}

class Tab {
  private readonly channel: BroadcastChannel | undefined;
  private waiting = new AbortController();
  private attempt = 0;
  private cursor = '';
  private opened = false;
  private stopped = false;
  private state: StreamState = { kind: 'connecting' };
  /** Set while this tab reads the stream: stops reading and gives the lock back. */
  private release: (() => void) | undefined;
  private stopWatch: () => void = () => {};
  private stopLooking: () => void = () => {};
  /** There is no session; the next login makes a new tab. */
  private ended = false;

  constructor(
    private readonly options: SharedStreamOptions,
    private readonly platform: Platform,
  ) {
    this.channel = platform.locks ? platform.channel(options.name) : undefined;
  }

  start(): void {
    this.options.onState(this.state);
    if (!this.channel) {
      this.read(() => {});
      return;
    }
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => this.hear(data);
    this.stopLooking = this.platform.onVisible(() => {
      if (!this.release && !this.ended) this.ask();
    });
    this.ask();
    this.queue(false);
  }

  stop(): void {
    this.stopped = true;
    this.stopWatch();
    this.stopLooking();
    this.waiting.abort();
    this.release?.();
    this.channel?.close();
  }

  private queue(steal: boolean): void {
    const attempt = ++this.attempt;
    this.waiting.abort();
    this.waiting = new AbortController();
    const current = () => !this.stopped && attempt === this.attempt;
    const hold = () =>
      new Promise<void>((done) => {
        if (current()) this.read(done);
        else done();
      });
    // A lock that is stolen takes no signal.
    const how = steal ? { steal } : { signal: this.waiting.signal };
    this.platform.locks!.request(this.options.name, how, hold).catch(() => {
      if (!current()) return;
      // Another tab took the lock.
      this.release?.();
      this.watch();
      this.queue(false);
    });
  }

  /** Reads the stream for all tabs until it is released. */
  private read(done: () => void): void {
    this.stopWatch();
    const close = this.platform.open({
      url: this.options.url,
      resume: () => this.cursor,
      onBeat: () => this.tell({ kind: 'beat' }),
      onEvent: (event) => {
        this.tell({ kind: 'event', event });
        this.take(event);
      },
      onState: (state) => this.follow(state),
    });
    this.release = () => {
      this.release = undefined;
      close();
      done();
    };
  }

  private follow(state: StreamState): void {
    const broken = state.kind === 'broken' ? state.status : undefined;
    // A place that the gateway no longer takes would be refused for ever.
    if (broken === 400) this.cursor = '';
    if (state.kind === 'open') {
      if (this.opened && !this.cursor) {
        this.tell({ kind: 'gap' });
        this.options.onGap();
      }
      this.opened = true;
    }
    this.show(state);
    this.tell({ kind: 'state', state, cursor: this.cursor });
    // Without a session nothing is read; whichever tab logs in first goes on.
    if (broken === 401) {
      this.ended = true;
      this.release?.();
    }
  }

  private hear(message: Message): void {
    if (this.release) {
      if (message.kind === 'hello')
        this.tell({ kind: 'state', state: this.state, cursor: this.cursor });
      return;
    }
    if (message.kind === 'hello') return;
    this.watch();
    if (message.kind === 'event') this.take(message.event);
    else if (message.kind === 'gap') this.options.onGap();
    else if (message.kind === 'state') {
      if (message.state.kind === 'open') this.opened = true;
      if (!this.cursor) this.cursor = message.cursor;
      this.show(message.state);
    }
  }

  private take(event: SseEvent): void {
    if (event.id) this.cursor = event.id;
    this.options.onEvent(event);
  }

  private show(state: StreamState): void {
    this.state = state;
    this.options.onState(state);
  }

  private tell(message: Message): void {
    if (!this.stopped) this.channel?.postMessage(message);
  }

  /** Asks the holder where it is silent for long. */
  private watch(): void {
    this.stopWatch();
    this.stopWatch = this.platform.setTimer(() => this.ask(), SILENCE_MS);
  }

  /** Takes the lock where the holder does not answer and somebody looks at this tab. */
  private ask(): void {
    this.stopWatch();
    this.tell({ kind: 'hello' });
    this.stopWatch = this.platform.setTimer(() => {
      if (this.platform.visible()) this.queue(true);
      else this.watch();
    }, ANSWER_MS);
  }
}
