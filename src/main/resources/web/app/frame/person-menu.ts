import { html, nothing, type TemplateResult } from 'lit';
import { define, PanelElement, uniqueId } from '../elements/element.js';
import { icon, type IconName } from '../elements/icon.js';
import { isTextKey, LOCALES, locale, t } from '../texts/texts.js';
import { chooseLocale, session, signOut } from './session.js';
import { chooseTheme, theme, THEMES, type Theme } from './theme.js';

const THEME_ICONS: Record<Theme, IconName> = { system: 'display', light: 'sun', dark: 'moon' };

/** Who is signed in, their language and theme, and the way out. */
class PersonMenu extends PanelElement {
  protected override readonly follows = [session, theme];
  readonly #id = uniqueId('person');

  protected override render(): TemplateResult | typeof nothing {
    const found = session.value;
    if (!found) {
      return nothing;
    }
    const name = found.person.name || found.person.subject;
    return html`
      <button class="person" popovertarget=${this.#id}>
        <span class="avatar" aria-hidden="true">${initials(name)}</span>
        <span class="person-text"><span class="person-name">${name}</span><span class="person-organization">${found.organization.name}</span></span>
        <span class="visually-hidden">${t('frame.person.menu')}</span>
        ${icon('updown')}
      </button>
      <div class="menu person-popover" id=${this.#id} popover aria-label=${t('frame.person.menu')} role="group">
        <div class="menu-head"><strong>${name}</strong>
          <span>${found.organization.name}</span>
          <span class="roles">${found.roles.map((role) => html`<span class="tag">${roleName(role)}</span>`)}</span></div>
        <fieldset class="segment-field"><legend>${t('frame.language')}</legend><div class="segments">${LOCALES.map((each) => html`
          <label lang=${each}><input type="radio" name="language" .checked=${locale.value === each} @change=${() => void chooseLocale(each)}>
            <span>${t(`frame.languages.${each}`)}</span></label>`)}</div></fieldset>
        <fieldset class="segment-field"><legend>${t('frame.theme')}</legend><div class="segments">${THEMES.map((each) => html`
          <label><input type="radio" name="theme" .checked=${theme.value === each} @change=${() => chooseTheme(each)}>
            <span>${icon(THEME_ICONS[each])}${t(`frame.themes.${each}`)}</span></label>`)}</div></fieldset>
        <button class="menu-item" @click=${() => void signOut()}>${icon('signOut')}${t('frame.signOut')}</button>
      </div>`;
  }
}

export function roleName(role: string): string {
  const key = `frame.roles.${role}`;
  return isTextKey(key) ? t(key) : role;
}

function initials(name: string): string {
  const words = name.split(/[\s.@_-]+/).filter(Boolean);
  return ((words[0]?.charAt(0) ?? '') + (words[1]?.charAt(0) ?? '')).toUpperCase();
}

define('lk-person-menu', PersonMenu);
