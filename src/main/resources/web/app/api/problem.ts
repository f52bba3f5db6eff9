/** One wrong field of a request: `access.stores[0]`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/**
 * A refusal, as a value. `status` 0 and the code `network`: nothing was answered, and nobody knows whether the request has
 * arrived. All others are the API's own (RFC 9457).
 */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId?: string;
  readonly errors: readonly FieldError[];
  /** Seconds, of 429 and 503. */
  readonly retryAfter?: number;
  /** All that the body said. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whether trying the same again can help: the request was in order. */
export function isPassing(problem: Problem): boolean {
  return problem.status === 0 || problem.status === 408 || problem.status === 429 || problem.status >= 500;
}

/** Changed by someone else since it was read. */
export function isStale(problem: Problem): boolean {
  return problem.code === 'precondition-failed';
}

export const NETWORK: Problem = { status: 0, code: 'network', title: '', detail: '', errors: [], body: {} };

export async function problemOf(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (parsed && typeof parsed === 'object') {
      body = parsed as Record<string, unknown>;
    }
  } catch {
    // A proxy's page, or nothing at all.
  }
  const retryAfter = Number(response.headers.get('Retry-After'));
  return {
    status: response.status,
    code: text(body['code']) || `http-${response.status}`,
    title: text(body['title']),
    detail: text(body['detail']),
    requestId: text(body['requestId']) || response.headers.get('X-Request-Id') || undefined,
    errors: Array.isArray(body['errors']) ? (body['errors'] as FieldError[]) : [],
    retryAfter: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
    body,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
