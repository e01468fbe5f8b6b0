// Tries a source from where cameras are read, and shows what it gives.
import { useEffect, useState } from 'react';
import type { ProbeSourceResponse } from '../gen/api';
import { probeSource } from '../api/endpoints';
import { Problem } from '../ui/states';

export function ProbeBox({
  sourceUrl,
  onResult,
}: {
  sourceUrl: string;
  onResult?: (result: ProbeSourceResponse | undefined) => void;
}) {
  const [result, setResult] = useState<ProbeSourceResponse>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setResult(undefined);
    setError(undefined);
    onResult?.(undefined);
  }, [sourceUrl]);

  const probe = async () => {
    setBusy(true);
    setResult(undefined);
    setError(undefined);
    try {
      const answer = await probeSource(sourceUrl);
      setResult(answer);
      onResult?.(answer.error ? undefined : answer);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const hidden = sourceUrl.includes('***');
  return (
    <div className="probe">
      <p className="row wrap">
        <button
          type="button"
          className="button small"
          disabled={busy || !sourceUrl || hidden}
          onClick={() => void probe()}
        >
          {busy ? 'Trying …' : 'Try the source'}
        </button>
        <span className="muted small-text" role="status">
          {busy
            ? 'This takes up to ten seconds.'
            : hidden
              ? 'To try it, enter the address with its password.'
              : ''}
        </span>
      </p>
      <Problem error={error} />
      {result?.error && (
        <p className="problem" role="alert">
          <strong>The source gives nothing.</strong> <span>{result.error}</span>
        </p>
      )}
      {result && !result.error && (
        <figure className="probe-result" role="status">
          {result.picture?.data && (
            <img
              src={`data:image/jpeg;base64,${result.picture.data}`}
              alt="Picture of the source, made coarse"
            />
          )}
          <figcaption>
            <span className="health online">The source works</span>
            <span className="number">
              {result.width} × {result.height}
            </span>
            {result.fps > 0 && (
              <span className="number">{Number(result.fps.toFixed(1))} frames per second</span>
            )}
            {result.codec && <span>{result.codec}</span>}
            <span className="muted small-text">
              The picture is coarse on purpose: nobody knows yet where heads are.
            </span>
          </figcaption>
        </figure>
      )}
    </div>
  );
}
