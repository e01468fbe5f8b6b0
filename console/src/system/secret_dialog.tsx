// A secret that is shown this once.
import { useState } from 'react';
import { Dialog } from '../ui/dialog';

export function SecretDialog({
  title,
  secret,
  children,
  onClose,
}: {
  title: string;
  secret: string;
  children: string;
  onClose: () => void;
}) {
  const [copied, setCopied] = useState('');
  const copy = () => {
    // Only pages over HTTPS may write the clipboard.
    if (!navigator.clipboard) setCopied('Select the text and copy it.');
    else
      navigator.clipboard.writeText(secret).then(
        () => setCopied('Copied.'),
        () => setCopied('Select the text and copy it.'),
      );
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-body form">
        <p>{children} It is shown this once and cannot be read again.</p>
        <code className="secret">{secret}</code>
        <p className="muted small-text" role="status">
          {copied}
        </p>
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={copy}>
          Copy
        </button>
        <button type="button" className="button primary" onClick={onClose}>
          I have stored it
        </button>
      </footer>
    </Dialog>
  );
}
