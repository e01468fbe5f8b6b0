// Messages that come and go in the corner: arriving incidents, and what became of an action. A live
// region says them to screen readers.
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import { CloseIcon } from './icons';

export interface Notice {
  /** A later notice with the same key takes the place of an earlier one. */
  key: string;
  tone: 'info' | 'ok' | 'warning' | 'critical';
  title: ReactNode;
  text?: ReactNode;
  /** What screen readers say; the title where it is text. */
  spoken?: string;
  action?: { label: string; run: () => void };
  /** Stays until closed. */
  sticky?: boolean;
}

interface Notifier {
  notify: (notice: Notice) => void;
  dismiss: (key: string) => void;
  /** Says something to screen readers alone. */
  say: (text: string) => void;
}

const Context = createContext<Notifier>({ notify: () => {}, dismiss: () => {}, say: () => {} });
const SHOWN = 4;
const STAY_MS = 8000;

export const useNotifier = () => useContext(Context);

export function NotifyProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const [spoken, setSpoken] = useState('');
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());

  const dismiss = useCallback((key: string) => {
    clearTimeout(timers.current.get(key));
    timers.current.delete(key);
    setNotices((old) => old.filter((notice) => notice.key !== key));
  }, []);

  const notify = useCallback(
    (notice: Notice) => {
      setNotices((old) =>
        [notice, ...old.filter((other) => other.key !== notice.key)].slice(0, SHOWN),
      );
      setSpoken(notice.spoken ?? (typeof notice.title === 'string' ? notice.title : ''));
      clearTimeout(timers.current.get(notice.key));
      if (!notice.sticky)
        timers.current.set(
          notice.key,
          setTimeout(() => dismiss(notice.key), STAY_MS),
        );
    },
    [dismiss],
  );

  useEffect(() => {
    const running = timers.current;
    return () => running.forEach((timer) => clearTimeout(timer));
  }, []);

  const value = useMemo(() => ({ notify, dismiss, say: setSpoken }), [notify, dismiss]);
  return (
    <Context.Provider value={value}>
      {children}
      <div className="sr-only" role="status" aria-live="polite">
        {spoken}
      </div>
      <div className="notices" role="region" aria-label="Notifications">
        {notices.map((notice) => (
          <div key={notice.key} className={`notice-card ${notice.tone}`}>
            <div className="notice-body">
              <div className="notice-title">{notice.title}</div>
              {notice.text && <div className="muted">{notice.text}</div>}
            </div>
            {notice.action && (
              <button
                type="button"
                className="button small"
                onClick={() => {
                  notice.action?.run();
                  dismiss(notice.key);
                }}
              >
                {notice.action.label}
              </button>
            )}
            <button
              type="button"
              className="icon-button"
              aria-label="Dismiss"
              onClick={() => dismiss(notice.key)}
            >
              <CloseIcon size={14} />
            </button>
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}
