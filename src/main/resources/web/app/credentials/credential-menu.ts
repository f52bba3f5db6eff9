import { ActionMenu, type MenuAction } from '../elements/action-menu.js';
import { define } from '../elements/element.js';
import { t } from '../texts/texts.js';
import { actionsOf } from './actions.js';
import type { Credential } from './credential.js';

/** What can be done with a credential, behind three dots. */
export class CredentialMenu extends ActionMenu {
  static override properties = { of: { attribute: false } };
  declare of: Credential;

  protected override actions(): readonly MenuAction[] {
    return actionsOf(this.of).map((action) => ({ ...action, label: t(`credentials.actions.${action.name}`) }));
  }

  protected override label(): string {
    return t('credentials.menu', { name: this.of.name });
  }
}

define('lk-credential-menu', CredentialMenu);
