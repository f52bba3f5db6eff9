import { ActionMenu, type MenuAction } from '../elements/action-menu.js';
import { define } from '../elements/element.js';
import { t } from '../texts/texts.js';
import { actionsOf } from './actions.js';
import { nameOf, type Webhook } from './webhook.js';

/** What can be done with a webhook, behind three dots. */
export class WebhookMenu extends ActionMenu {
  static override properties = { of: { attribute: false } };
  declare of: Webhook;

  protected override actions(): readonly MenuAction[] {
    return actionsOf(this.of).map((action) => ({ ...action, label: t(`webhooks.actions.${action.name}`) }));
  }

  protected override label(): string {
    return t('webhooks.menu', { name: nameOf(this.of) });
  }
}

define('lk-webhook-menu', WebhookMenu);
