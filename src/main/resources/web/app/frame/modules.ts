import { toast } from '../elements/toasts.js';
import { t } from '../texts/texts.js';

/**
 * Does something with a module that is loaded when it is asked for. A new version may have been deployed since this document was
 * loaded, whose modules have other names: then it says so, and offers to load the page again.
 */
export async function whenLoaded<M>(module: Promise<M>, use: (module: M) => Promise<void>): Promise<void> {
  const loaded = await module.catch(() => null);
  if (loaded === null) {
    toast(t('frame.outdated.body'), 'error', { label: t('frame.outdated.reload'), run: () => location.reload() });
  } else {
    await use(loaded);
  }
}
