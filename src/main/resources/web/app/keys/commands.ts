import { whenLoaded } from '../frame/modules.js';
import { offer } from '../frame/palette.js';
import { may } from '../frame/session.js';
import { currentStore } from '../frame/stores.js';
import { t } from '../texts/texts.js';

/** Keys are made from everywhere. What makes them is loaded when it is asked for. */
offer(() => (may('keys:write')
  ? [{ title: t('frame.palette.createKey'), icon: 'plus', run: () => void whenLoaded(import('./actions.js'), ({ create }) => create(currentStore.value)) }]
  : []));
