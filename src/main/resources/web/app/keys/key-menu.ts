import { ActionMenu, type MenuAction } from '../elements/action-menu.js';
import { define } from '../elements/element.js';
import { t } from '../texts/texts.js';
import { actionsOf } from './actions.js';
import type { Key } from './key.js';

/** What can be done with a key, behind three dots. */
export class KeyMenu extends ActionMenu {
  static override properties = { of: { attribute: false } };
  declare of: Key;

  protected override actions(): readonly MenuAction[] {
    return actionsOf(this.of).map((action) => ({ ...action, label: t(`keys.actions.${action.name}`) }));
  }

  protected override label(): string {
    return t('keys.menu', { name: this.of.name });
  }
}

define('lk-key-menu', KeyMenu);
