// A modal dialog on the browser's own <dialog>: focus stays inside, Escape closes it.
import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { errorText } from '../api/client';
import { CloseIcon } from './icons';
import { useNotifier } from './notify';
import { Problem } from './states';

export function Dialog({
  title,
  onClose,
  children,
  wide,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** A dialog that stores what is filled in. It stays open, with the reason, where that fails. */
export function FormDialog({
  title,
  action,
  complete,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  /** Words of the button that submits. */
  action: string;
  /** Whether everything that is needed is there and right. */
  complete: boolean;
  /** Closes the dialog itself where it succeeds. */
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="dialog-body form" onSubmit={(event) => void submit(event)}>
        {children}
        <Problem error={error} />
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy || !complete}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Asks before something that cannot be taken back. */
export function Confirm({
  title,
  children,
  action,
  busy,
  onConfirm,
  onClose,
}: {
  title: string;
  children: ReactNode;
  action: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-body">{children}</div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button danger" disabled={busy} onClick={onConfirm}>
          {action}
        </button>
      </footer>
    </Dialog>
  );
}

/** Asks, removes, and says in a notice what became of it. */
export function Removal({
  title,
  action,
  done,
  failed,
  remove,
  onDone,
  onClose,
  children,
}: {
  title: string;
  action: string;
  /** Notices of success and of failure. */
  done: string;
  failed: string;
  remove: () => Promise<void>;
  onDone: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { notify } = useNotifier();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await remove();
      notify({ key: 'removal', tone: 'ok', title: done });
      onDone();
    } catch (problem) {
      notify({ key: 'removal', tone: 'critical', title: failed, text: errorText(problem) });
    } finally {
      onClose();
    }
  };
  return (
    <Confirm
      title={title}
      action={action}
      busy={busy}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      {children}
    </Confirm>
  );
}
