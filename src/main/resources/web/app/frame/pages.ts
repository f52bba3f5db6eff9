import { html, type TemplateResult } from 'lit';
import type { Permission } from '../api/types.js';
import type { IconName } from '../elements/icon.js';
import type { TextKey } from '../texts/texts.js';

/**
 * The pages of the panel: addresses, names, who sees them, and what is loaded when they are opened. The server answers the same
 * document at these addresses (`panel.Pages`).
 */
export interface PageOf {
  readonly name: string;
  /** Patterns such as `/keys/:id`. */
  readonly paths: readonly string[];
  readonly title: TextKey;
  /** Who lacks it neither finds the page in the navigation nor may open it. */
  readonly permission?: Permission;
  /** Loads the module that defines the page's element, when it is first opened. */
  readonly load: () => Promise<unknown>;
  readonly render: (params: Readonly<Record<string, string>>) => TemplateResult;
  /** The name of the page under which the navigation shows it. */
  readonly within?: string;
  /** In the navigation: where a store is chosen, `store` says where its own page is. */
  readonly navigation?: { readonly group: 'access' | 'settings'; readonly icon: IconName; readonly store?: (key: string) => string };
}

const nothingToLoad = async (): Promise<void> => undefined;

export const pages: readonly PageOf[] = [
  {
    name: 'home',
    paths: ['/'],
    title: 'frame.pages.keys',
    load: nothingToLoad,
    render: () => html``,
  },
  {
    name: 'sign-in',
    paths: ['/sign-in'],
    title: 'frame.pages.signIn',
    load: nothingToLoad,
    render: () => html``,
  },
  {
    name: 'keys',
    paths: ['/keys', '/store/:store/settings/api'],
    title: 'frame.pages.keys',
    permission: 'keys:read',
    load: () => import('../keys/keys-page.js'),
    render: ({ store }) => html`<lk-keys-page .store=${store ?? null}></lk-keys-page>`,
    navigation: { group: 'access', icon: 'key', store: (key) => `/store/${encodeURIComponent(key)}/settings/api` },
  },
  {
    name: 'key',
    paths: ['/keys/:id'],
    title: 'frame.pages.key',
    permission: 'keys:read',
    within: 'keys',
    load: () => import('../keys/key-page.js'),
    render: ({ id }) => html`<lk-key-page .keyId=${id}></lk-key-page>`,
  },
  {
    name: 'review',
    paths: ['/review'],
    title: 'frame.pages.review',
    permission: 'keys:read',
    load: () => import('../review/review-page.js'),
    render: () => html`<lk-review-page></lk-review-page>`,
    navigation: { group: 'access', icon: 'review' },
  },
  {
    name: 'credentials',
    paths: ['/credentials', '/store/:store/settings/credentials'],
    title: 'frame.pages.credentials',
    permission: 'credentials:read',
    load: () => import('../credentials/credentials-page.js'),
    render: ({ store }) => html`<lk-credentials-page .store=${store ?? null}></lk-credentials-page>`,
    navigation: { group: 'access', icon: 'plug', store: (key) => `/store/${encodeURIComponent(key)}/settings/credentials` },
  },
  {
    name: 'credential',
    paths: ['/credentials/:id'],
    title: 'frame.pages.credential',
    permission: 'credentials:read',
    within: 'credentials',
    load: () => import('../credentials/credential-page.js'),
    render: ({ id }) => html`<lk-credential-page .credentialId=${id}></lk-credential-page>`,
  },
  {
    name: 'webhooks',
    paths: ['/webhooks', '/store/:store/settings/webhooks'],
    title: 'frame.pages.webhooks',
    permission: 'events:read',
    load: () => import('../webhooks/webhooks-page.js'),
    render: ({ store }) => html`<lk-webhooks-page .store=${store ?? null}></lk-webhooks-page>`,
    navigation: { group: 'access', icon: 'webhook', store: (key) => `/store/${encodeURIComponent(key)}/settings/webhooks` },
  },
  {
    name: 'webhook',
    paths: ['/webhooks/:id'],
    title: 'frame.pages.webhook',
    permission: 'events:read',
    within: 'webhooks',
    load: () => import('../webhooks/webhook-page.js'),
    render: ({ id }) => html`<lk-webhook-page .webhookId=${id}></lk-webhook-page>`,
  },
  {
    name: 'recipes',
    paths: ['/recipes'],
    title: 'frame.pages.recipes',
    load: () => import('../recipes/recipes-page.js'),
    render: () => html`<lk-recipes-page></lk-recipes-page>`,
  },
  {
    name: 'recipe',
    paths: ['/recipes/:name'],
    title: 'frame.pages.recipe',
    within: 'recipes',
    load: () => import('../recipes/recipe-page.js'),
    render: ({ name }) => html`<lk-recipe-page .name=${name}></lk-recipe-page>`,
  },
  {
    name: 'stores',
    paths: ['/stores'],
    title: 'frame.pages.stores',
    permission: 'stores:read',
    load: () => import('../settings/stores-page.js'),
    render: () => html`<lk-stores-page></lk-stores-page>`,
    navigation: { group: 'settings', icon: 'store' },
  },
  {
    name: 'activity',
    paths: ['/activity'],
    title: 'frame.pages.activity',
    permission: 'activity:read',
    load: () => import('../activity/activity-page.js'),
    render: () => html`<lk-activity-page></lk-activity-page>`,
    navigation: { group: 'settings', icon: 'activity' },
  },
  {
    name: 'notifications',
    paths: ['/notifications'],
    title: 'frame.pages.notifications',
    permission: 'notifications:read',
    load: () => import('../notices/notifications-page.js'),
    render: () => html`<lk-notifications-page></lk-notifications-page>`,
  },
  {
    name: 'organization',
    paths: ['/organization'],
    title: 'frame.pages.organization',
    permission: 'organization:read',
    load: () => import('../settings/organization-page.js'),
    render: () => html`<lk-organization-page></lk-organization-page>`,
    navigation: { group: 'settings', icon: 'organization' },
  },
];
