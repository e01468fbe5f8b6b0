// What was, is or could not be delivered to a webhook.
import { useState } from 'react';
import { DeliveryStateValues, type Delivery, type DeliveryState, type Webhook } from '../gen/api';
import { listDeliveries, retryDelivery } from '../api/endpoints';
import { instant, moment } from '../lib/time';
import { Dialog } from '../ui/dialog';
import { SelectOne } from '../ui/menu';
import { useResource } from '../ui/resource';
import { Empty, Failed, Loading, Problem } from '../ui/states';

const words: Record<DeliveryState, string> = {
  DELIVERY_STATE_UNSPECIFIED: 'All',
  DELIVERY_STATE_WAITING: 'Waiting',
  DELIVERY_STATE_DELIVERED: 'Delivered',
  DELIVERY_STATE_DEAD: 'Given up',
};

export function Deliveries({
  webhook,
  onClose,
  onChanged,
}: {
  webhook: Webhook;
  onClose: () => void;
  onChanged: () => void;
}) {
  const [state, setState] = useState<DeliveryState | ''>(
    webhook.dead > 0 ? 'DELIVERY_STATE_DEAD' : '',
  );
  const [token, setToken] = useState('');
  const [error, setError] = useState<unknown>();
  const page = useResource(`deliveries ${webhook.webhookId} ${state} ${token}`, (signal) =>
    listDeliveries(webhook.webhookId, state || undefined, token, signal),
  );
  const retry = async (delivery: Delivery) => {
    try {
      await retryDelivery(delivery.deliveryId);
      setError(undefined);
      page.reload();
      onChanged();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Dialog title={`Deliveries to ${webhook.name}`} onClose={onClose} wide>
      <div className="dialog-body form">
        <p className="row">
          <SelectOne
            label="State"
            value={state}
            onChange={(value) => {
              setState(value as DeliveryState | '');
              setToken('');
            }}
            choices={DeliveryStateValues.map((value) => ({
              value: value === 'DELIVERY_STATE_UNSPECIFIED' ? '' : value,
              label: words[value],
            }))}
          />
        </p>
        <Problem error={error} />
        {!page.data ? (
          page.error ? (
            <Failed error={page.error} retry={page.reload} />
          ) : (
            <Loading what="the deliveries" />
          )
        ) : page.data.deliveries.length === 0 ? (
          <Empty title="None" />
        ) : (
          <ul className="deliveries">
            {page.data.deliveries.map((delivery) => (
              <li key={delivery.deliveryId} className="row wrap">
                <span className="grow">
                  <strong>{delivery.eventType}</strong>{' '}
                  <span className="muted number">
                    {moment(instant(delivery.createTime), Date.now())}
                  </span>
                  <span className="block-text small-text muted">
                    {words[delivery.state]} after {delivery.attempts}{' '}
                    {delivery.attempts === 1 ? 'try' : 'tries'}
                    {delivery.lastError && `. ${delivery.lastError}`}
                    {delivery.nextAttemptTime &&
                      ` Next at ${moment(instant(delivery.nextAttemptTime), Date.now())}.`}
                  </span>
                </span>
                {delivery.state === 'DELIVERY_STATE_DEAD' && (
                  <button
                    type="button"
                    className="button small"
                    onClick={() => void retry(delivery)}
                  >
                    Try again
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
        {page.data?.nextPageToken && (
          <button
            type="button"
            className="button"
            onClick={() => setToken(page.data?.nextPageToken ?? '')}
          >
            Older ones
          </button>
        )}
      </div>
    </Dialog>
  );
}
