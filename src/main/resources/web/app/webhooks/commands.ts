import { whenLoaded } from '../frame/modules.js';
import { offer } from '../frame/palette.js';
import { may } from '../frame/session.js';
import { currentStore } from '../frame/stores.js';
import { t } from '../texts/texts.js';

/** Webhooks are added from everywhere. What does it is loaded when it is asked for. */
offer(() => (may('webhooks:manage')
  ? [{ title: t('frame.palette.createWebhook'), icon: 'plus', run: () => void whenLoaded(import('./actions.js'), ({ create }) => create(currentStore.value)) }]
  : []));
