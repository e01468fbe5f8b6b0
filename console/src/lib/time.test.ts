import { describe, expect, test } from 'vitest';
import { ago, clock, moment, parseSpan, seconds, span, spanField, toDuration } from './time';

const at = (text: string) => Date.parse(text);

describe('times', () => {
  test('are told in the zone, over the change of summer time', () => {
    expect(clock(at('2026-03-29T00:59:59Z'), 'Europe/Berlin')).toBe('01:59:59');
    expect(clock(at('2026-03-29T01:00:00Z'), 'Europe/Berlin')).toBe('03:00:00');
  });

  test('name the day only where it is not today in that zone, and the year where it is another', () => {
    const now = at('2026-01-02T23:30:00Z');
    expect(moment(at('2026-01-02T23:10:00Z'), now, 'UTC')).toBe('23:10:00');
    expect(moment(at('2026-01-02T22:30:00Z'), now, 'Europe/Berlin')).toBe('2 Jan 23:30:00');
    expect(moment(at('2025-12-31T08:00:00Z'), now, 'UTC')).toBe('31 Dec 2025 08:00:00');
    expect(moment(undefined, now)).toBe('–');
  });

  test('are told by their distance', () => {
    const now = 10_000_000_000;
    expect([0, 42, 300, 7300, 200_000].map((s) => ago(now - s * 1000, now))).toEqual([
      'just now',
      '42 s ago',
      '5 min ago',
      '2 h ago',
      '2 d ago',
    ]);
  });
});

describe('durations', () => {
  test('are read from protobuf and told in words', () => {
    expect([seconds('1.500s'), seconds('90s'), seconds(undefined), seconds('1m')]).toEqual([
      1.5,
      90,
      undefined,
      undefined,
    ]);
    expect([0.5, 42, 60, 185, 3720].map(span)).toEqual([
      '0.5 s',
      '42 s',
      '1 min',
      '3 min 5 s',
      '1 h 2 min',
    ]);
  });

  test('come back from the field that they are typed in', () => {
    for (const text of ['500ms', '10s', '1m30s', '2m', '1h30m', '0s'])
      expect(spanField(toDuration(parseSpan(text)!))).toBe(text);
    for (const text of ['', '5', 's', '-1s', '5 minutes', '1d'])
      expect(parseSpan(text), text).toBeUndefined();
  });
});
