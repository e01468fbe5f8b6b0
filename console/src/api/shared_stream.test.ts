import { describe, expect, test } from 'vitest';
import { openSharedStream, type Platform } from './shared_stream';
import type { SseEvent, StreamOptions, StreamState } from './sse';

/** Tabs of one browser with locks, a channel, streams and time that tests drive. */
class Browser {
  private readonly channels = new Set<FakeChannel>();
  private readonly queue: (() => void)[] = [];
  private holder: { reject: (error: unknown) => void } | undefined;
  private timers: { run: () => void; at: number }[] = [];
  private now = 0;
  /** Streams that are open at present. */
  streams: StreamOptions[] = [];

  platform(visible = true, withLocks = true): Platform {
    return {
      locks: withLocks ? ({ request: this.request } as unknown as LockManager) : undefined,
      channel: () => new FakeChannel(this.channels) as unknown as BroadcastChannel,
      visible: () => visible,
      onVisible: () => () => {},
      open: (options) => {
        this.streams.push(options);
        return () => {
          this.streams = this.streams.filter((one) => one !== options);
        };
      },
      setTimer: (run, ms) => {
        const timer = { run, at: this.now + ms };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((one) => one !== timer);
        };
      },
    };
  }

  pass(ms: number): Promise<void> {
    this.now += ms;
    const due = this.timers.filter((one) => one.at <= this.now);
    this.timers = this.timers.filter((one) => one.at > this.now);
    due.forEach((one) => one.run());
    return settle();
  }

  private readonly request = (
    _name: string,
    { steal, signal }: { steal?: boolean; signal?: AbortSignal },
    hold: () => Promise<void>,
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      const grant = () => {
        const own = { reject };
        this.holder = own;
        void hold().then(() => {
          resolve();
          if (this.holder !== own) return;
          this.holder = undefined;
          this.queue.shift()?.();
        });
      };
      if (steal) {
        this.holder?.reject(new DOMException('stolen', 'AbortError'));
        grant();
      } else if (this.holder) {
        this.queue.push(grant);
        signal?.addEventListener('abort', () => {
          const at = this.queue.indexOf(grant);
          if (at >= 0) this.queue.splice(at, 1);
          reject(signal.reason);
        });
      } else grant();
    });
}

class FakeChannel {
  onmessage: ((event: { data: unknown }) => void) | undefined;
  constructor(private readonly all: Set<FakeChannel>) {
    all.add(this);
  }
  postMessage(data: unknown): void {
    for (const one of this.all)
      if (one !== this) queueMicrotask(() => this.all.has(one) && one.onmessage?.({ data }));
  }
  close(): void {
    this.all.delete(this);
  }
}

const settle = () => new Promise<void>((done) => setImmediate(done));
const event = (id: string): SseEvent => ({ event: 'transition', data: `data ${id}`, id });

async function openTab(browser: Browser, platform = browser.platform()) {
  const tab = { seen: [] as string[], states: [] as StreamState[], gaps: 0, stop: () => {} };
  tab.stop = openSharedStream({
    url: '/stream',
    name: 'incidents.ada',
    onEvent: ({ id }) => tab.seen.push(id),
    onState: (state) => tab.states.push(state),
    onGap: () => tab.gaps++,
    platform,
  });
  await settle();
  return tab;
}

describe('the tabs of a browser', () => {
  test('read one stream together', async () => {
    const browser = new Browser();
    const tabs = [await openTab(browser), await openTab(browser), await openTab(browser)];
    expect(browser.streams).toHaveLength(1);
    browser.streams[0]!.onState({ kind: 'open' });
    browser.streams[0]!.onEvent(event('7'));
    await settle();
    for (const tab of tabs) {
      expect(tab.seen).toEqual(['7']);
      expect(tab.states.at(-1)).toEqual({ kind: 'open' });
    }
    tabs.forEach((tab) => tab.stop());
    expect(browser.streams).toHaveLength(0);
  });

  test('go on from the last event where the one that reads is closed', async () => {
    const browser = new Browser();
    const first = await openTab(browser);
    const second = await openTab(browser);
    browser.streams[0]!.onState({ kind: 'open' });
    browser.streams[0]!.onEvent(event('7'));
    await settle();
    first.stop();
    await settle();
    expect(browser.streams).toHaveLength(1);
    expect(browser.streams[0]!.resume?.()).toBe('7');
    browser.streams[0]!.onState({ kind: 'open' });
    expect(second.gaps).toBe(0);
  });

  test('tell a new one how the stream is, and where it is', async () => {
    const browser = new Browser();
    const first = await openTab(browser);
    browser.streams[0]!.onState({ kind: 'open' });
    browser.streams[0]!.onEvent(event('9'));
    const late = await openTab(browser);
    expect(late.states.at(-1)).toEqual({ kind: 'open' });
    first.stop();
    await settle();
    expect(browser.streams[0]!.resume?.()).toBe('9');
  });

  test('all load anew where nobody knows what was missed', async () => {
    const browser = new Browser();
    const tabs = [await openTab(browser), await openTab(browser)];
    const stream = browser.streams[0]!;
    stream.onState({ kind: 'open' });
    stream.onEvent(event('9'));
    stream.onState({ kind: 'broken', error: 'Too old.', status: 400 });
    expect(stream.resume?.()).toBe('');
    stream.onState({ kind: 'open' });
    await settle();
    expect(tabs.map((tab) => tab.gaps)).toEqual([1, 1]);
  });

  test('take over from one that is asleep, once somebody looks at them', async () => {
    const browser = new Browser();
    const platform = browser.platform();
    let own!: BroadcastChannel;
    const { channel } = platform;
    platform.channel = (name) => (own = channel(name));
    await openTab(browser, platform);
    const first = browser.streams[0]!;
    await openTab(browser, browser.platform(false));
    let look = () => {};
    const seen = await openTab(browser, {
      ...browser.platform(),
      onVisible: (listener) => {
        look = listener;
        return () => {};
      },
    });
    // One that lives answers when it is asked, however little there is to tell.
    for (let n = 0; n < 10; n++) await browser.pass(4_000);
    expect(browser.streams).toEqual([first]);

    own.onmessage = null;
    look();
    await browser.pass(5_000);
    expect(browser.streams).toHaveLength(1);
    expect(browser.streams[0]).not.toBe(first);
    browser.streams[0]!.onEvent(event('3'));
    expect(seen.seen).toEqual(['3']);
  });

  test('do not take over while nobody looks at them', async () => {
    const browser = new Browser();
    const platform = browser.platform();
    let own!: BroadcastChannel;
    const { channel } = platform;
    platform.channel = (name) => (own = channel(name));
    await openTab(browser, platform);
    const first = browser.streams[0]!;
    own.onmessage = null;
    await openTab(browser, browser.platform(false));
    for (let n = 0; n < 10; n++) await browser.pass(20_000);
    expect(browser.streams).toEqual([first]);
  });

  test('read nothing without a session, and whichever logs in first reads for all', async () => {
    const browser = new Browser();
    const first = await openTab(browser);
    const second = await openTab(browser);
    browser.streams[0]!.onState({ kind: 'broken', error: 'Log in.', status: 401 });
    await settle();
    browser.streams[0]!.onState({ kind: 'broken', error: 'Log in.', status: 401 });
    await settle();
    expect(browser.streams).toHaveLength(0);
    second.stop();
    const again = await openTab(browser);
    expect(browser.streams).toHaveLength(1);
    browser.streams[0]!.onEvent(event('5'));
    await settle();
    expect([first.seen, again.seen]).toEqual([['5'], ['5']]);
  });

  test('read each for itself where the browser has no locks', async () => {
    const browser = new Browser();
    const tabs = [
      await openTab(browser, browser.platform(true, false)),
      await openTab(browser, browser.platform(true, false)),
    ];
    expect(browser.streams).toHaveLength(2);
    tabs.forEach((tab) => tab.stop());
    expect(browser.streams).toHaveLength(0);
  });
});
