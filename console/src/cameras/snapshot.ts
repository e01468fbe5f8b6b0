// The picture that zones are drawn on.
import { useEffect, useState } from 'react';
import { errorText } from '../api/client';
import { getSnapshot } from '../api/endpoints';
import { useResource } from '../ui/resource';

export interface Snapshot {
  /** Empty while there is no picture. */
  url: string;
  /** Why there is none. */
  note: string;
  reload: () => void;
}

export function useSnapshot(cameraId: string): Snapshot {
  const { data, error, reload } = useResource(`snapshot ${cameraId}`, (signal) =>
    getSnapshot(cameraId, signal),
  );
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return {
    url: data ? url : '',
    note: error && !data ? `${errorText(error)}. Zones can be drawn all the same.` : '',
    reload,
  };
}
