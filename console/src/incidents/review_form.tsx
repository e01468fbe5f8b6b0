// What staff say of the incident.
import { useState } from 'react';
import type { Incident, ReviewState } from '../gen/api';
import { CheckIcon, CrossIcon, UndoIcon } from '../ui/icons';
import { ReviewMark } from '../ui/parts';

export function ReviewForm({
  incident,
  mayReview,
  onReview,
}: {
  incident: Incident;
  mayReview: boolean;
  onReview: (verdict: ReviewState, note: string) => Promise<void>;
}) {
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const state = incident.reviewState;
  const reviewed = state === 'REVIEW_STATE_CONFIRMED' || state === 'REVIEW_STATE_FALSE_ALARM';
  if (!mayReview) {
    return (
      <p className="row">
        <ReviewMark state={state} />{' '}
        <span className="muted small-text">Reviews need the role operator.</span>
      </p>
    );
  }
  const give = (verdict: ReviewState) => {
    setBusy(true);
    void onReview(verdict, note.trim())
      .then(() => setNote(''))
      .finally(() => setBusy(false));
  };
  return (
    <div className="review-form">
      <button
        type="button"
        className={state === 'REVIEW_STATE_CONFIRMED' ? 'button confirm active' : 'button confirm'}
        aria-pressed={state === 'REVIEW_STATE_CONFIRMED'}
        aria-keyshortcuts="c"
        disabled={busy}
        onClick={() => give('REVIEW_STATE_CONFIRMED')}
      >
        <CheckIcon size={16} /> {state === 'REVIEW_STATE_CONFIRMED' ? 'Confirmed' : 'Confirm'}{' '}
        <kbd>c</kbd>
      </button>
      <button
        type="button"
        className={state === 'REVIEW_STATE_FALSE_ALARM' ? 'button active' : 'button'}
        aria-pressed={state === 'REVIEW_STATE_FALSE_ALARM'}
        aria-keyshortcuts="f"
        disabled={busy}
        onClick={() => give('REVIEW_STATE_FALSE_ALARM')}
      >
        <CrossIcon size={16} /> False alarm <kbd>f</kbd>
      </button>
      {reviewed && (
        <button
          type="button"
          className="icon-button"
          aria-label="Take the verdict back"
          title="Take the verdict back (u)"
          aria-keyshortcuts="u"
          disabled={busy}
          onClick={() => give('REVIEW_STATE_UNREVIEWED')}
        >
          <UndoIcon size={16} />
        </button>
      )}
      <input
        className="input"
        placeholder="Note, stored with the verdict"
        aria-label="Note, stored with the verdict"
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </div>
  );
}
