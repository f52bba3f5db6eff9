import { t } from '../texts/texts.js';
import type { CredentialType } from './credential.js';
import type { CredentialDraft } from './draft.js';
import type { Grant, Provider, ProviderField } from './provider.js';

/** A field of a credential's data, as a person is asked for it. */
export interface DataField {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly example?: string;
  readonly required: boolean;
  readonly kind: 'text' | 'secret' | 'lines' | 'choice';
  /** Of a choice. */
  readonly options?: readonly { readonly value: string; readonly label: string; readonly help?: string }[];
  /** Asked for by few: behind a fold. */
  readonly rare?: boolean;
}

/** What is a secret whatever an entry says. */
const SECRETS = new Set(['key', 'secret', 'token', 'password', 'clientSecret', 'accessToken', 'refreshToken']);
export const GRANTS: readonly Grant[] = ['authorization_code', 'client_credentials', 'refresh_token'];

type Own = Omit<DataField, 'label' | 'help' | 'options' | 'kind'> & { readonly kind?: DataField['kind']; readonly options?: readonly string[]; readonly for?: readonly Grant[] };

/** Of a service that is in no entry. Texts stand in the dictionary by the name of the field. */
const OWN: Record<CredentialType, readonly Own[]> = {
  api_key: [
    { name: 'key', required: true },
    { name: 'placement', required: true, kind: 'choice', options: ['header', 'query'] },
    { name: 'name', required: true, example: 'X-Auth-Token' },
    { name: 'prefix', required: false, example: 'Token' },
  ],
  bearer: [{ name: 'token', required: true }],
  basic: [{ name: 'username', required: true }, { name: 'password', required: true }],
  custom_headers: [],
  oauth2: [
    { name: 'grant', required: true, kind: 'choice', options: GRANTS },
    { name: 'clientId', required: true },
    { name: 'clientSecret', required: false },
    { name: 'issuer', required: false, example: 'https://id.example.com/realms/shop' },
    { name: 'tokenUrl', required: false, example: 'https://id.example.com/oauth2/token' },
    { name: 'authorizeUrl', required: false, example: 'https://id.example.com/oauth2/authorize', for: ['authorization_code'] },
    { name: 'refreshToken', required: true, for: ['refresh_token'] },
    { name: 'scopes', required: false, kind: 'lines' },
    { name: 'clientAuth', required: true, kind: 'choice', options: ['basic', 'post'], rare: true },
    { name: 'pkce', required: true, kind: 'choice', options: ['true', 'false'], rare: true, for: ['authorization_code'] },
    { name: 'revokeUrl', required: false, example: 'https://id.example.com/oauth2/revoke', rare: true },
  ],
};

function own({ options, kind, for: _for, ...field }: Own): DataField {
  return {
    ...field,
    label: t(`credentials.field.${field.name}` as 'credentials.field.key'),
    help: t(`credentials.field.${field.name}Help` as 'credentials.field.keyHelp'),
    kind: kind ?? (SECRETS.has(field.name) ? 'secret' : 'text'),
    ...(options ? { options: options.map((value) => ({ value, ...choice(field.name, value) })) } : {}),
  };
}

function choice(name: string, value: string): { readonly label: string; readonly help?: string } {
  const label = t(`credentials.choice.${name}.${value}` as 'credentials.choice.placement.header');
  return name === 'grant' ? { label, help: t(`credentials.choice.grant.${value as Grant}Help`) } : { label };
}

/** What is asked for, in the order in which it is: of a known service what its entry says, of another one all that its type has. */
export function fieldsOf(draft: CredentialDraft, provider: Provider | null): DataField[] {
  const grant = draft['data.grant'] as Grant;
  if (!provider) {
    return OWN[draft.type].filter((field) => !field.for || field.for.includes(grant)).map(own);
  }
  const fields = (provider.types.find((use) => use.type === draft.type)?.fields ?? []).map(ofEntry);
  return draft.type === 'oauth2' && provider.oauth2 ? ofOAuth(fields, grant, provider.oauth2) : fields;
}

function ofEntry(field: ProviderField): DataField {
  return {
    name: field.name, label: field.label, required: field.required, kind: field.secret || SECRETS.has(field.name) ? 'secret' : 'text',
    ...(field.help ? { help: field.help } : {}), ...(field.example ? { example: field.example } : {}),
  };
}

/** How a token is come by where there are several ways, and which permissions are asked for. */
function ofOAuth(fields: readonly DataField[], grant: Grant, oauth2: NonNullable<Provider['oauth2']>): DataField[] {
  const way = own({ name: 'grant', required: true, kind: 'choice', options: oauth2.grants });
  const scopes = own({ name: 'scopes', required: false, kind: 'lines', rare: true });
  const tokens = grant === 'refresh_token' && !fields.some((field) => field.name === 'refreshToken') ? [own({ name: 'refreshToken', required: true })] : [];
  return [way, ...fields, ...tokens, {
    ...scopes, example: oauth2.scopes.join('\n'), help: oauth2.scopes.length > 0 ? t('credentials.field.scopesPreset') : scopes.help,
  }];
}
