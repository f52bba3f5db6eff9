/** What the API answers, as far as the panel reads it. The contract is `/q/openapi`. */

export interface StoreRef {
  readonly id: string;
  readonly key: string;
}

export interface Store extends StoreRef {
  readonly name: string;
  readonly url: string | null;
  readonly platform: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface RateLimit {
  readonly limit: number;
  readonly window: string;
}

export interface Organization {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly active: boolean;
  readonly state: 'active' | 'suspended' | 'deleting';
  readonly locale: 'en' | 'es';
  readonly keyPrefix: string;
  readonly defaults: { readonly rateLimit: RateLimit };
  readonly recoverableKeys: boolean;
  readonly requireStore: boolean;
  readonly unknownOperations: 'forbid' | 'allow';
  readonly keyMaxAge: string;
  readonly notificationEmails: readonly string[];
  readonly notifyByEmail: readonly string[];
  /** null: as the operator has it. */
  readonly credentialTestInterval: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Session {
  readonly person: { readonly subject: string; readonly name: string };
  readonly organization: { readonly id?: string; readonly key: string; readonly name: string; readonly locale: 'en' | 'es' };
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly locale: 'en' | 'es' | null;
  readonly store: StoreRef | null;
  readonly expiresAt: string;
  /** How long it lasts in which nothing is done. */
  readonly idleTimeout: string;
  readonly csrfToken: string;
}

/** The permissions that the panel asks for; their table stands in `identity.Permission`. */
export type Permission =
  | 'keys:read' | 'keys:write' | 'keys:admin'
  | 'stores:read' | 'stores:write'
  | 'catalog:read'
  | 'credentials:read' | 'credentials:write'
  | 'organization:read' | 'organization:write'
  | 'events:read' | 'event-types:read' | 'webhooks:manage'
  | 'activity:read' | 'notifications:read';
