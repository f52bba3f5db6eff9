import { html, nothing, type TemplateResult } from 'lit';
import { define } from '../elements/element.js';
import { ShownOnceDialog } from '../elements/shown-once.js';
import { note } from '../elements/states.js';
import { t } from '../texts/texts.js';
import type { Key } from './key.js';
import { warningsOf } from './warnings.js';

/** Shows a key, a secret, or both, once. */
export class NewKeyDialog extends ShownOnceDialog {
  constructor(private readonly made: Key) {
    super();
  }

  protected override heading(): string {
    return this.made.key ? t('keys.new.title') : t('keys.new.titleSecret');
  }

  protected override subheading(): string {
    return this.made.name;
  }

  protected override body(): TemplateResult {
    const { key, secret } = this.made;
    return html`
      ${note('warning', this.made.recoverable ? t('keys.new.onceRecoverable') : t('keys.new.once'))}
      ${warningsOf(this.made)}
      ${key ? this.shown({ part: 'key', label: t('keys.new.key'), text: key, copy: t('keys.new.copy.key'), first: true }) : nothing}
      ${secret ? this.shown({ part: 'secret', label: t('keys.new.secret'), text: secret, copy: t('keys.new.copy.secret'), first: !key }) : nothing}
      ${key ? this.shown({ part: 'curl', label: t('keys.new.curl'), text: curl(key, secret, this.made.hasSecret), copy: t('keys.new.copy.curl'), help: t('keys.new.curlHelp') }) : nothing}
      ${this.acknowledgement(t('keys.new.kept'), t('keys.new.reminder'))}`;
  }

  protected override actions(): TemplateResult {
    return html`<button type="button" class="button button-primary" @click=${() => void this.dismiss()}>${t('keys.new.done')}</button>`;
  }
}

/** A call that works with any key. */
function curl(key: string, secret: string | undefined, hasSecret: boolean): string {
  const more = secret ? ` -H 'X-API-Secret: ${secret}'` : hasSecret ? ` -H 'X-API-Secret: …'` : '';
  return `curl -H 'X-API-Key: ${key}'${more} ${location.origin}/api/v1/keys/self`;
}

define('lk-new-key', NewKeyDialog);
