"""How the recipes ask Latchkey: with the key of a file, a time limit, and patience where waiting helps.

From the environment: LATCHKEY, its address; KEY_FILE, a file with the API key and nothing else; PATIENCE, how many seconds
all the waiting of one request may take (default 60).
"""
import email.utils
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

SECONDS = 30
"""For one attempt."""
AGAIN = (408, 429, 500, 502, 503, 504)
"""What may be over in a moment. Only requests that may be repeated are sent by `ask`: GET, PUT and DELETE."""


class Refused(Exception):
    """An answer that is no success and that does not pass by waiting. `by_latchkey`: not by the service behind its proxy."""

    def __init__(self, status, by_latchkey, problem):
        self.status, self.by_latchkey, self.problem = status, by_latchkey, problem
        who = "Latchkey" if by_latchkey else "the service behind it"
        super().__init__(f"{who} answered {status}: {problem.get('detail') or problem.get('error') or 'no reason given'}")


class Unavailable(Exception):
    """What did not pass by waiting."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key is for Latchkey alone: a redirect elsewhere would take it along."""

    def redirect_request(self, *redirect):
        return None


OPENER = urllib.request.build_opener(NoRedirects)


def setting(name, default=None):
    value = os.environ.get(name, default)
    if not value:
        print(f"{name} is not set", file=sys.stderr)
        sys.exit(2)
    return value


def ask(method, path, body=None):
    """The answer's JSON, None where it is empty. Raises Refused and Unavailable."""
    with open(setting("KEY_FILE"), encoding="ascii") as file:
        headers = {"X-API-Key": file.read().strip(), "Content-Type": "application/json"}
    request = urllib.request.Request(setting("LATCHKEY").rstrip("/") + path, method=method, headers=headers,
                                     data=None if body is None else json.dumps(body).encode())
    until = time.monotonic() + float(setting("PATIENCE", "60"))
    pause = 0.5
    while True:
        try:
            status, headers, text = attempt(request)
        except (OSError, http.client.HTTPException) as error:
            why, wait = f"no answer: {getattr(error, 'reason', error)}", pause
        else:
            if status < 300:
                return json.loads(text) if text else None
            refused = refusal(status, headers, text)
            if status not in AGAIN:
                raise refused
            why, wait = str(refused), retry_after(headers.get("Retry-After")) or pause
        if time.monotonic() + wait > until:
            raise Unavailable(f"{method} {path}: {why}")
        print(f"{method} {path}: {why}; again in {wait:g} s", file=sys.stderr)
        time.sleep(wait)
        pause = min(pause * 2, 15)


def attempt(request):
    """Status, headers and body, whole, of a refusal, too. Raises OSError and HTTPException."""
    try:
        answer = OPENER.open(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.code, answer.headers, answer.read()


def pages(path):
    """All items of a list, page by page."""
    cursor = ""
    while cursor is not None:
        page = ask("GET", f"{path}{'&' if '?' in path else '?'}limit=100{cursor and '&cursor='}{cursor}")
        yield from page["items"]
        cursor = page["nextCursor"]


def refusal(status, headers, text):
    try:
        problem = json.loads(text)
    except ValueError:
        problem = {}
    return Refused(status, "X-Proxied" not in headers, problem if isinstance(problem, dict) else {})


def retry_after(value):
    """Seconds, also where a date is told; None where nothing is."""
    if not value:
        return None
    if value.isdecimal():
        return float(value)
    try:
        return max(0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
