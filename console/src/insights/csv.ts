// The gateway's table of attention, for people of a store.

/** Its column of times, in ids before which a comma cannot be. */
const START_COLUMN = 4;

/** The same table with the starts of hours and days as `isoIn` says them. */
export function withLocalStarts(csv: string, isoIn: (at: number) => string): string {
  return csv
    .split('\r\n')
    .map((line) => {
      const fields = line.split(',');
      const at = Date.parse(fields[START_COLUMN] ?? '');
      if (!Number.isNaN(at)) fields[START_COLUMN] = isoIn(at);
      return fields.join(',');
    })
    .join('\r\n');
}
