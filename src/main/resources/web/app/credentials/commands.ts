import { whenLoaded } from '../frame/modules.js';
import { offer } from '../frame/palette.js';
import { may } from '../frame/session.js';
import { currentStore } from '../frame/stores.js';
import { t } from '../texts/texts.js';

/** Credentials are stored from everywhere. What does it is loaded when it is asked for. */
offer(() => (may('credentials:write')
  ? [{ title: t('frame.palette.createCredential'), icon: 'plus', run: () => void whenLoaded(import('./actions.js'), ({ create }) => create(currentStore.value)) }]
  : []));
