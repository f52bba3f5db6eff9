import { Signal } from '../frame/signal.js';
import { NETWORK, problemOf, type Problem } from './problem.js';
import { randomUuid } from './random.js';

/**
 * The one client of `/api/v1`. An answer is a value: what was asked for, or the problem. What every caller would otherwise
 * have to think of is done here: the CSRF token, Idempotency-Key, ETag and If-Match; a session that has ended is renewed over
 * the page and the request sent again, so that nothing typed is lost; a change that is in force only later is announced.
 */
export type Answer<T> = Done<T> | Refused;

export interface Done<T> {
  readonly ok: true;
  readonly value: T;
  readonly status: number;
  /** For If-Match of the change that follows. */
  readonly etag: string | null;
  /** Of a 202: when the change is in force on every replica at the latest. */
  readonly effectiveBy: Date | null;
}

export interface Refused {
  readonly ok: false;
  readonly problem: Problem;
}

/** Many items of a list. */
export type All<T> = (Done<T[]> & { /** There are more than were asked for. */ readonly cut: boolean }) | Refused;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface Options {
  /** The ETag that was read: a change since then is refused with 412. */
  readonly ifMatch?: string | null;
  /** Of a POST. The same key for the same body, however often it is sent, makes one thing: see `Submission`. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** A 401 is an answer here, and asks nobody to sign in. */
  readonly anonymous?: boolean;
}

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What the session gives the client; set by `session.ts`. */
export const wiring = {
  csrfToken: (): string | null => null,
  /** Resolves when the same person has signed in again: true to send the request anew. */
  signInAgain: async (): Promise<boolean> => false,
  /** Reads the session anew: true if the CSRF token was merely old. */
  refreshToken: async (): Promise<boolean> => false,
};

/** Changes that are in force only at the time told; the frame shows them. */
export const late = new Signal<Date | null>(null);

const BASE = '/api/v1';
/** An answer that takes longer does not come: the request may be sent again, which makes nothing twice. */
const PATIENCE_MILLIS = 60_000;
const SAFE = new Set(['GET', 'HEAD']);

export const api = {
  get: <T>(path: string, query: Query = {}, options: Options = {}) => send<T>('GET', path + queryString(query), undefined, options),
  post: <T>(path: string, body: unknown, options: Options = {}) => send<T>('POST', path, body, options),
  /** A JSON merge patch: only what changes. */
  patch: <T>(path: string, body: unknown, options: Options = {}) => send<T>('PATCH', path, body, options),
  delete: <T = void>(path: string, options: Options = {}) => send<T>('DELETE', path, undefined, options),

  /** Every item of a list, page by page; who asks for no more than `most` of them says so where it is `cut`. */
  async all<T>(path: string, query: Query = {}, most = Infinity, options: Options = {}): Promise<All<T>> {
    const items: T[] = [];
    let cursor: string | null = null;
    for (;;) {
      const answer: Answer<Page<T>> = await api.get<Page<T>>(path, { ...query, limit: 200, cursor }, options);
      if (!answer.ok) {
        return answer;
      }
      items.push(...answer.value.items);
      cursor = answer.value.nextCursor;
      if (!cursor || items.length >= most) {
        return { ...answer, value: items, cut: cursor !== null };
      }
    }
  },
};

export function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text ? `?${text}` : '';
}

async function send<T>(method: string, path: string, body: unknown, options: Options): Promise<Answer<T>> {
  // Drawn once: however often this request is sent, it is the same one.
  const idempotencyKey = method === 'POST' ? (options.idempotencyKey ?? randomUuid()) : undefined;
  for (let again = false; ; again = true) {
    const answer = await once<T>(method, path, body, { ...options, idempotencyKey });
    if (answer.ok || again || options.anonymous || !(await mended(answer.problem))) {
      return answer;
    }
  }
}

/** Whether what stood in the way of a request is gone, so that it may be sent anew. */
async function mended({ status, code }: Problem): Promise<boolean> {
  if (status === 401) {
    return wiring.signInAgain();
  }
  return code === 'csrf' && wiring.refreshToken();
}

async function once<T>(method: string, path: string, body: unknown, options: Options): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
  if (body !== undefined) {
    headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  }
  if (options.ifMatch) {
    headers['If-Match'] = options.ifMatch;
  }
  if (options.idempotencyKey) {
    headers['Idempotency-Key'] = options.idempotencyKey;
  }
  const csrf = wiring.csrfToken();
  if (csrf && !SAFE.has(method)) {
    headers['X-CSRF-Token'] = csrf;
  }
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MILLIS), ...(options.signal ? [options.signal] : [])]),
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
    });
    return response.ok ? await done<T>(response) : { ok: false, problem: await problemOf(response) };
  } catch (fault) {
    if (options.signal?.aborted) {
      throw fault;
    }
    return { ok: false, problem: NETWORK };
  }
}

async function done<T>(response: Response): Promise<Done<T>> {
  const text = await response.text();
  const value = (text ? JSON.parse(text) : undefined) as T;
  const effectiveBy = response.status === 202 ? effectiveByOf(value) : null;
  if (effectiveBy) {
    late.value = effectiveBy;
  }
  return { ok: true, value, status: response.status, etag: response.headers.get('ETag'), effectiveBy };
}

function effectiveByOf(value: unknown): Date | null {
  const told = (value as { effectiveBy?: string } | undefined)?.effectiveBy;
  return told ? new Date(told) : null;
}

/** One thing that a person wants gone. If the answer to a try was lost, a later one that does not find it has what it wanted. */
export class Deletion {
  #lost = false;

  async send<T>(path: string, options: Options = {}): Promise<Answer<T | undefined>> {
    const answer = await api.delete<T>(path, options);
    if (answer.ok) {
      return answer;
    }
    const { status } = answer.problem;
    if (status === 404 && this.#lost) {
      return { ok: true, value: undefined, status: 204, etag: null, effectiveBy: null };
    }
    // Nothing was answered, or a proxy answered instead: it may have been carried out.
    this.#lost ||= status === 0 || status >= 500;
    return answer;
  }
}

/**
 * One thing that a person wants made. Sent again after a failure (a lost answer, a 503) it carries the same Idempotency-Key as
 * long as its body is the same, so that nothing is ever made twice.
 */
export class Submission {
  #body = '';
  #key = '';

  post<T>(path: string, body: unknown, options: Options = {}): Promise<Answer<T>> {
    const text = JSON.stringify([path, body]);
    if (text !== this.#body) {
      this.#body = text;
      this.#key = randomUuid();
    }
    return api.post<T>(path, body, { ...options, idempotencyKey: this.#key });
  }
}
