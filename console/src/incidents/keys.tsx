// Keys of the incident pages, and the page that tells them.
import { useEffect, useRef } from 'react';
import type { ReviewState } from '../gen/api';
import { Dialog } from '../ui/dialog';
import { Key } from '../ui/parts';

interface Actions {
  move: (step: number) => void;
  open: () => void;
  close: () => void;
  verdict: (verdict: ReviewState) => void;
  select: () => void;
  help: () => void;
}

/** Listens while the page is there; never while something is typed or a dialog is open. */
export function useKeys(actions: Actions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as Element;
      if (
        target.closest(
          'input:not([type=checkbox]), textarea, select, dialog, .popover, [role=slider], .login',
        )
      )
        return;
      const act = latest.current;
      switch (event.key) {
        case 'j':
          act.move(1);
          break;
        case 'k':
          act.move(-1);
          break;
        case 'Enter':
          if (target.closest('a, button, input, video')) return;
          act.open();
          break;
        case 'Escape':
          act.close();
          break;
        case 'c':
          act.verdict('REVIEW_STATE_CONFIRMED');
          break;
        case 'f':
          act.verdict('REVIEW_STATE_FALSE_ALARM');
          break;
        case 'u':
          act.verdict('REVIEW_STATE_UNREVIEWED');
          break;
        case 'x':
          act.select();
          break;
        case '?':
          act.help();
          break;
        default:
          return;
      }
      event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

const KEYS: [string[], string][] = [
  [['j', 'k'], 'Next and previous incident'],
  [['Enter'], 'Open the incident'],
  [['Esc'], 'Close it, or drop the selection'],
  [['c'], 'Confirm'],
  [['f'], 'False alarm'],
  [['u'], 'Take the verdict back'],
  [['x'], 'Select for a review of several'],
  [['?'], 'This help'],
];

export function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="dialog-body key-list">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <Key key={key}>{key}</Key>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
        <div>
          <dt>
            <Key>←</Key>
            <Key>→</Key>
          </dt>
          <dd>On the timeline: back and forward by one second</dd>
        </div>
      </dl>
    </Dialog>
  );
}
