// One verdict for all selected incidents.
import { useState } from 'react';
import type { ReviewState } from '../gen/api';
import { count } from '../lib/words';
import { CheckIcon, CrossIcon } from '../ui/icons';

export function BulkBar({
  size,
  onReview,
  onClear,
}: {
  size: number;
  onReview: (verdict: ReviewState, note: string) => Promise<unknown>;
  onClear: () => void;
}) {
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const give = (verdict: ReviewState) => {
    setBusy(true);
    void onReview(verdict, note.trim()).finally(() => setBusy(false));
  };
  return (
    <div className="bulk-bar" role="region" aria-label="Review of the selection">
      <strong>{count(size, 'incident')} selected</strong>
      <input
        className="input small grow"
        placeholder="Note for all"
        aria-label="Note for all"
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <button
        type="button"
        className="button small confirm"
        disabled={busy}
        onClick={() => give('REVIEW_STATE_CONFIRMED')}
      >
        <CheckIcon size={14} /> Confirm
      </button>
      <button
        type="button"
        className="button small"
        disabled={busy}
        onClick={() => give('REVIEW_STATE_FALSE_ALARM')}
      >
        <CrossIcon size={14} /> False alarm
      </button>
      <button type="button" className="button small quiet" onClick={onClear}>
        Clear
      </button>
    </div>
  );
}
