import type { FieldError, Problem } from '../api/problem.js';
import { duration } from './format.js';
import { isTextKey, locale, t, type TextKey, type Values } from './texts.js';

/**
 * What the API refuses, in the person's language and in words of the panel. The API speaks English, and of requests: a problem's
 * code has its words in `problems.json`, and so have the sentences and the messages of fields that can be told by their shape.
 * What is not known there stays as the API said it; `PanelProblemsTest` finds what the server says and is not. No number of a
 * rule stands here: they are taken out of what the API said.
 */
export function titleOf(problem: Problem): string {
  const key = `problems.${problem.code}.title`;
  if (isTextKey(key)) {
    return t(key);
  }
  return problem.status >= 500 ? t('problems.internal.title') : locale.value === 'en' && problem.title ? problem.title : t('problems.other.title');
}

/** Statuses of problems whose sentences are written for people: the others speak of requests and resources. */
const SPOKEN = new Set([400, 403, 409, 413, 422]);

export function adviceOf(problem: Problem): string {
  const key = `problems.${problem.code}.advice`;
  const known = DETAILS.find(([shape]) => shape.test(problem.detail));
  if (known) {
    return t(known[1], valuesOf(known[0].exec(problem.detail)!));
  }
  // What stands in the way, the API's own sentence knows better than any general one, to those who read English.
  if (locale.value === 'en' && problem.detail && SPOKEN.has(problem.status) && problem.errors.length === 0) {
    return problem.detail;
  }
  if (isTextKey(key)) {
    return t(key, { seconds: problem.retryAfter ?? 0 });
  }
  return problem.status >= 500 ? t('problems.internal.advice') : t('problems.other.advice');
}

/** What stands in the way, by the sentence that the API says it with; the groups are the values of the text. */
const DETAILS: readonly (readonly [RegExp, TextKey])[] = [
  [/^The key has expired; give expiresAt/, 'problems.detail.keyExpired'],
  [/^The key is revoked, which is final/, 'problems.detail.keyRevoked'],
  [/^The key has no secret, and gets none/, 'problems.detail.noSecret'],
  [/^The key is not recoverable/, 'problems.detail.notRecoverable'],
  [/^The sealed copy does not open/, 'problems.detail.copyBroken'],
  [/^Keys are limited to this store/, 'problems.detail.storeNamed'],
  [/^Credentials are for this store/, 'problems.detail.storeHasCredentials'],
  [/^Webhooks get the events of this store/, 'problems.detail.storeHasWebhooks'],
  [/^A replay of this webhook is running/, 'problems.detail.replayRunning'],
  [/^The replay is done: there is nothing/, 'problems.detail.replayDone'],
  [/^The webhook is deleted: nothing/, 'problems.detail.webhookDeleted'],
  [/^The webhook (is|was) switched off/, 'problems.detail.webhookOff'],
  [/^The webhook's secret or headers do not open/, 'problems.detail.webhookBroken'],
  [/^The headers of this webhook do not open/, 'problems.detail.webhookHeadersBroken'],
  [/ webhooks, which is the most that it may have/, 'problems.detail.tooManyWebhooks'],
  [/^A key or credential was given this store meanwhile/, 'problems.detail.storeNamedMeanwhile'],
  [/^The organization already has a store with the key '(?<key>.*?)('\.)?$/, 'problems.detail.storeTaken'],
  [/^The organization is being deleted/, 'problems.detail.deleting'],
  [/^An integration uses this credential/, 'problems.detail.credentialBound'],
  [/^Someone else (changed the credential while|has changed the client or an address)/, 'problems.detail.credentialChanged'],
  [/^The credential was changed or tested anew/, 'problems.detail.testOutdated'],
  [/^A sealed secret of the credential does not open/, 'problems.detail.secretBroken'],
  [/^Your organization has (?!tested)/, 'problems.detail.tooManyCredentials'],
  [/^Its provider renews no token that is so young/, 'problems.detail.tooYoung'],
  [/^Nothing renews this credential/, 'problems.detail.nothingRenews'],
  [/^Only credentials of type oauth2 with grant/, 'problems.detail.notConnectable'],
  [/^The client ID or secret holds a character/, 'problems.detail.badClient'],
  [/^(Someone else changed the same|The session was changed) at the same/, 'problems.detail.sameTime'],
];

/** Messages of fields by their shape, the first that fits; the groups are the values of the text. */
const SHAPES: readonly (readonly [RegExp, TextKey])[] = [
  [/^is required, such as (?<example>.*)$/, 'problems.field.requiredSuchAs'],
  [/^is required: /, 'problems.field.requiredEachTime'],
  [/^is required with grant /, 'problems.field.requiredForGrant'],
  [/^does not look like (.*, such as (?<example>.*))?/, 'problems.field.unlikeVariable'],
  [/^is not a variable/, 'problems.field.noVariable'],
  [/^do not make an address together$/, 'problems.field.noAddressTogether'],
  [/^(lead to a host that is none of this provider's|must be one of .*'s own hosts)/, 'problems.field.notItsHost'],
  [/^must end before the question mark$/, 'problems.field.noQuery'],
  [/^is a path, and there is no baseUrl/, 'problems.field.pathWithoutBase'],
  [/^has to be entered again, since /, 'problems.field.enterAgain'],
  [/^must have 1 to 20 headers$/, 'problems.field.headers'],
  [/^must be from 200 to 599$/, 'problems.field.httpStatus'],
  [/^is a header that only the client itself sets$/, 'problems.field.reservedHeader'],
  [/^is not the name of a header/, 'problems.field.noHeaderName'],
  [/^(stands|is) there twice/, 'problems.field.headerTwice'],
  [/^is kept for Standard Webhooks$/, 'problems.field.ofStandard'],
  [/^is set by the request that published/, 'problems.field.ofTrace'],
  [/^must be at most (?<most>\d*)( characters)?$/, 'problems.field.atMost'],
  [/together with those that stay$/, 'problems.field.headersTogether'],
  [/^must be the name of a query parameter/, 'problems.field.noParameterName'],
  [/^must be visible ASCII/, 'problems.field.visible'],
  [/^must be the token alone/, 'problems.field.tokenAlone'],
  [/^must be one scope, without blanks$/, 'problems.field.oneScope'],
  [/^must not be empty$/, 'problems.field.empty'],
  [/^must not contain control characters$/, 'problems.field.controls'],
  [/^must not contain a colon/, 'problems.field.colon'],
  [/^must be the URL of an authorization server/, 'problems.field.issuer'],
  [/^publishes nothing about itself/, 'problems.field.publishesNothing'],
  [/^cannot be told from HEAD/, 'problems.field.headHasNoBody'],
  [/^is not a known provider$/, 'problems.field.provider'],
  [/^is none that /, 'problems.field.typeNotTaken'],
  [/^addresses that are private, reserved/, 'problems.field.blockedAddress'],
  [/^use https: plain http goes only/, 'problems.field.plainHttp'],
  [/^the host cannot be reached$/, 'problems.field.away'],
  [/^write a URL that begins with https/, 'problems.field.url'],
  [/^no blanks, backslashes, line breaks/, 'problems.field.urlBlanks'],
  [/^(longer than (?<most>\d*)|.* characters once it is written)/, 'problems.field.urlLong'],
  [/^every % is followed by/, 'problems.field.urlPercent'],
  [/^no fragment: leave out/, 'problems.field.urlFragment'],
  [/^no user name or password in the URL$/, 'problems.field.urlUser'],
  [/^the port must be 1 to 65535$/, 'problems.field.urlPort'],
  [/^(the host is (no valid name|neither a name)|what stands between brackets|an IPv6 address stands between)/, 'problems.field.urlHost'],
  [/^is not a key of this organization$/, 'problems.field.keyGone'],
  [/^is not a credential of this organization$/, 'problems.field.credentialGone'],
  [/^(is required|must not be (null|blank|empty))$/, 'problems.field.required'],
  [/^must not be blank or contain control characters$/, 'problems.field.blank'],
  [/^is taken$/, 'problems.field.taken'],
  [/^size must be between 0 and (?<most>\d+)$/, 'problems.field.atMost'],
  [/^size must be between (?<least>\d+) and (?<most>\d+)$/, 'problems.field.size'],
  [/^must be (?<least>\d+) to (?<most>\d+) of a-z, 0-9, _ and -/, 'problems.field.slug'],
  [/^must not look like an id$/, 'problems.field.likeId'],
  [/^must be an http or https address$/, 'problems.field.address'],
  [/^must be (?<least>\d+) to (?<most>\d+) of a-z, 0-9 and _/, 'problems.field.prefix'],
  [/^must have a limit of (?<least>\d+) to (?<most>\d*)/, 'problems.field.limit'],
  [/^must have a window of whole seconds, from (?<least>P\w+) to (?<most>P\w+)/, 'problems.field.window'],
  [/^must be a duration from (?<least>P\w+) to (?<most>P\w+)/, 'problems.field.between'],
  [/^must be a duration of whole days from (?<least>P\w+) to (?<most>P\w+)/, 'problems.field.days'],
  [/^must be an e-mail address such as (?<example>\S+)$/, 'problems.field.email'],
  [/^is not a kind of notification/, 'problems.field.kind'],
  [/^is not a store of this organization$/, 'problems.field.store'],
  [/^must be in the future$/, 'problems.field.future'],
  [/^must be in the past$/, 'problems.field.past'],
  [/^must be after from$/, 'problems.field.afterFrom'],
  [/^is not an event type/, 'problems.field.eventType'],
  [/^is not a scope of the catalogue/, 'problems.field.scope'],
  [/^is no pattern at position (?<position>\d+).*: (the method is missing|a method )/, 'problems.field.patternMethod'],
  [/^is no pattern at position (?<position>\d+).*: (the path is missing|the path must begin|one space too many|a pattern has one space)/, 'problems.field.patternPath'],
  [/^is no pattern at position (?<position>\d+).*: leave out the slash at the end/, 'problems.field.patternSlash'],
  [/^is no pattern at position (?<position>\d+).*: \*\* stands only/, 'problems.field.patternStars'],
  [/^is no pattern at position (?<position>\d+).*: only the path is matched/, 'problems.field.patternQuery'],
  [/^is no pattern at position (?<position>\d+).*: write \* where a value changes/, 'problems.field.patternBraces'],
  [/^is no pattern at position (?<position>\d*)/, 'problems.field.pattern'],
  [/^must have .* entries; leave it out for all stores$/, 'problems.field.someStore'],
  [/^must have (?<least>\d+) to (?<most>\d+) entries/, 'problems.field.entries'],
  [/^of type 'stores' must list at least one store$/, 'problems.field.someStore'],
  [/^of type 'all' must not list stores$/, 'problems.field.notAll'],
  [/^must be a whole number within range$/, 'problems.field.range'],
  [/^must be a whole number$/, 'problems.field.wholeNumber'],
  [/^must be an (RFC 3339 )?instant/, 'problems.field.instant'],
  [/^must be an ISO 8601 duration/, 'problems.field.duration'],
  [/^must be text$/, 'problems.field.text'],
  [/^must not contain NUL characters/, 'problems.field.characters'],
  [/^(must be (true or false|a list|an object|one of )|has the wrong type)/, 'problems.field.wrong'],
  [/^matches no operation of the catalogue$/, 'problems.field.matchesNothing'],
  [/^matches only operations of the catalogue that the key has no scope for$/, 'problems.field.lacksScopes'],
  [/^is not allowed: the organization has switched/, 'problems.field.switchedOff'],
  [/^(?<scope>\S+) is not yours to give$/, 'problems.field.notYours'],
  [/^allows operations of this service that are not yours to give$/, 'problems.field.operationsNotYours'],
  [/^goes beyond the methods within which the key was given (?<scopes>.*)/, 'problems.field.beyondGiven'],
  [/^reaches stores that your key does not reach$/, 'problems.field.beyondStores'],
  [/^allows networks that your key does not allow$/, 'problems.field.beyondNetworks'],
  [/prefix length must be 0 to (?<most>\d*)/, 'problems.field.networkPrefix'],
  [/^write the prefix length instead of a netmask/, 'problems.field.networkMask'],
  [/^an address here has no zone/, 'problems.field.networkZone'],
  [/\b(network|address|prefix length|IPv4|IPv6)\b/, 'problems.field.network'],
];

/** Fields that are lists: what has a size there are entries, and not characters. */
const LISTS = new Set(['scopes', 'methods', 'ipAllowList', 'access.stores', 'notificationEmails', 'notifyByEmail', 'events', 'stores', 'headers']);

/** What is wrong with a field, as a sentence. */
export function messageOf({ field, message }: FieldError): string {
  const known = SHAPES.find(([shape]) => shape.test(message));
  if (known) {
    const [shape, key] = known;
    return t(LISTS.has(field) ? entriesOf(key) : key, valuesOf(shape.exec(message)!));
  }
  if (locale.value !== 'en') {
    return t('problems.field.other', { message });
  }
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}

function entriesOf(key: TextKey): TextKey {
  return key === 'problems.field.size' ? 'problems.field.entries' : key === 'problems.field.atMost' ? 'problems.field.atMostEntries' : key;
}

/** As the person writes numbers and spans of time. Characters are counted from 1 by people, and from 0 by the API. */
function valuesOf({ groups }: RegExpExecArray): Values {
  return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) =>
    [name, /^\d+$/.test(value) ? Number(value) + (name === 'position' ? 1 : 0) : name === 'least' || name === 'most' ? duration(value) : value]));
}
