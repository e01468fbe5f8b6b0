// Who did what, newest first, by page. The conditions are in the address.
import { useEffect, useMemo, useState } from 'react';
import type { AuditEntry } from '../gen/api';
import { listAuditEntries } from '../api/endpoints';
import { address, navigate, usePlace } from '../lib/router';
import { instant, moment, parseRange, putRange, rangeEnds, type TimeRange } from '../lib/time';
import { roleWords } from '../lib/words';
import { BackIcon, CloseIcon, NextIcon } from '../ui/icons';
import { useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { TimeChoice } from '../ui/time_choice';

const PAGE_SIZE = 50;
/** A word that is being typed is asked for once it rests. */
const REST_MS = 400;

export interface AuditFilter extends TimeRange {
  principal: string;
  target: string;
}

export function parseAudit(query: URLSearchParams): AuditFilter {
  return {
    principal: (query.get('principal') ?? '').trim(),
    target: (query.get('target') ?? '').trim(),
    ...parseRange(query),
  };
}

export function auditQuery(filter: AuditFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.principal) query.set('principal', filter.principal);
  if (filter.target) query.set('target', filter.target);
  putRange(query, filter);
  return query;
}

/** "ReviewIncident" as "Review incident". */
export function actionWords(action: string): string {
  const words = action.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(' ');
  return words
    .map((word, i) => (i === 0 || word === word.toUpperCase() ? word : word.toLowerCase()))
    .join(' ');
}

const results: Record<string, string> = {
  OK: 'Done',
  PERMISSION_DENIED: 'Refused',
  UNAUTHENTICATED: 'Not logged in',
  NOT_FOUND: 'Not found',
  INVALID_ARGUMENT: 'Invalid',
  ALREADY_EXISTS: 'Was there already',
  ABORTED: 'Changed meanwhile',
  FAILED_PRECONDITION: 'Not possible',
  RESOURCE_EXHAUSTED: 'Too many',
  UNAVAILABLE: 'Not available',
};

export function AuditTab() {
  const { query } = usePlace();
  const text = query.toString();
  const filter = useMemo(() => parseAudit(new URLSearchParams(text)), [text]);
  const key = auditQuery(filter).toString();
  // Tokens of the pages before this one, this one's last.
  const [tokens, setTokens] = useState({ key, pages: [''] });
  const pages = tokens.key === key ? tokens.pages : [''];
  const token = pages[pages.length - 1]!;
  const page = useResource(`audit ${key} ${token}`, (signal) => {
    const { from, until } = rangeEnds(filter, Date.now());
    return listAuditEntries(
      {
        principal: filter.principal,
        target: filter.target,
        fromTime: from,
        untilTime: until,
        pageSize: PAGE_SIZE,
        pageToken: token,
      },
      signal,
    );
  });
  const change = (part: Partial<AuditFilter>) =>
    navigate(address('/system/audit', auditQuery({ ...filter, ...part })), { replace: true });
  const next = page.data?.nextPageToken;

  return (
    <div className="system">
      <div className="row wrap audit-filter" role="search" aria-label="Conditions of the log">
        <Word
          label="Who"
          value={filter.principal}
          onChange={(principal) => change({ principal })}
        />
        <Word
          label="About"
          hint="for example camera aisle-1"
          value={filter.target}
          onChange={(target) => change({ target })}
        />
        <TimeChoice label="Time" fromLabel="From" range={filter} onChange={change} />
        {key && (
          <button
            type="button"
            className="button quiet small"
            onClick={() => navigate('/system/audit', { replace: true })}
          >
            <CloseIcon size={12} /> Remove all
          </button>
        )}
        <span className="grow" />
        {page.data && (pages.length > 1 || next) && (
          <div className="pager" role="group" aria-label="Pages of the log">
            <button
              type="button"
              className="icon-button"
              aria-label="Newer ones"
              disabled={pages.length === 1}
              onClick={() => setTokens({ key, pages: pages.slice(0, -1) })}
            >
              <BackIcon />
            </button>
            <span className="number">page {pages.length}</span>
            <button
              type="button"
              className="icon-button"
              aria-label="Older ones"
              disabled={!next}
              onClick={() => next && setTokens({ key, pages: [...pages, next] })}
            >
              <NextIcon />
            </button>
          </div>
        )}
      </div>
      {!page.data ? (
        page.error ? (
          <Failed error={page.error} retry={page.reload} />
        ) : (
          <Loading what="the log" />
        )
      ) : page.data.entries.length === 0 ? (
        <Empty title={key ? 'No entry fits' : 'Nothing was done yet'} />
      ) : (
        <>
          <Outdated error={page.error} />
          <Entries entries={page.data.entries} onTarget={(target) => change({ target })} />
        </>
      )}
    </div>
  );
}

function Entries({
  entries,
  onTarget,
}: {
  entries: readonly AuditEntry[];
  onTarget: (target: string) => void;
}) {
  const now = Date.now();
  return (
    <div className="table-scroll framed">
      <table className="table audit-table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.number}>
              <td className="number">{moment(instant(entry.time), now)}</td>
              <th scope="row">
                {entry.principal || '–'}
                <span className="block-text muted small-text">
                  {entry.isToken ? 'Token · ' : ''}
                  {roleWords[entry.role]}
                </span>
              </th>
              <td>
                {actionWords(entry.action)}
                {entry.target && (
                  <button
                    type="button"
                    className="audit-target"
                    title="Show what else was about this"
                    onClick={() => onTarget(entry.target)}
                  >
                    {entry.target}
                  </button>
                )}
              </td>
              <td className={entry.result === 'OK' ? 'muted' : 'warning-text'}>
                {results[entry.result] ?? entry.result}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Word({
  label,
  hint,
  value,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      className="input small audit-word"
      aria-label={label}
      placeholder={hint ? `${label}, ${hint}` : label}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
