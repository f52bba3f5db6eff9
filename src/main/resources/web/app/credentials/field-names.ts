import { isTextKey, t } from '../texts/texts.js';
import type { Provider } from './provider.js';

const OWN: Readonly<Record<string, 'credentials.form.name' | 'credentials.form.store' | 'credentials.form.baseUrl' | 'credentials.field.headers' | 'credentials.form.test.url'
  | 'credentials.form.test.method' | 'credentials.form.test.status' | 'credentials.form.test.contains'>> = {
  name: 'credentials.form.name', store: 'credentials.form.store', baseUrl: 'credentials.form.baseUrl', headers: 'credentials.field.headers',
  'test.url': 'credentials.form.test.url', 'test.method': 'credentials.form.test.method', 'test.expectStatus': 'credentials.form.test.status',
  'test.bodyContains': 'credentials.form.test.contains',
};

/** What a field is called where it is spoken of, by the name that the API has for it. */
export function fieldName(name: string, provider: Provider | null): string {
  const own = OWN[name];
  if (own) {
    return t(own);
  }
  const [, last = name] = name.split('.');
  const said = name.startsWith('variables.') ? provider?.variables.find((variable) => variable.name === last)?.label
    : provider?.types.flatMap((use) => use.fields).find((field) => field.name === last)?.label;
  const key = `credentials.field.${last}`;
  return said ?? (isTextKey(key) ? t(key) : last);
}
