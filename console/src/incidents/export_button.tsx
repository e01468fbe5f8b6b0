// Everything about an incident as one signed file.
import { useState } from 'react';
import { checkExport, exportUrl } from '../api/endpoints';
import { errorText } from '../api/client';
import { DownloadIcon } from '../ui/icons';
import { useNotifier } from '../ui/notify';

export function ExportButton({ incidentId }: { incidentId: string }) {
  const { notify } = useNotifier();
  const [asking, setAsking] = useState(false);
  const download = async () => {
    setAsking(true);
    try {
      await checkExport(incidentId);
      const link = document.createElement('a');
      link.href = exportUrl(incidentId);
      link.download = '';
      link.click();
    } catch (error) {
      notify({
        key: 'export',
        tone: 'critical',
        title: 'The incident was not exported',
        text: errorText(error),
      });
    } finally {
      setAsking(false);
    }
  };
  return (
    <button
      type="button"
      className="button small"
      disabled={asking}
      onClick={() => void download()}
    >
      <DownloadIcon size={14} /> Export
    </button>
  );
}
