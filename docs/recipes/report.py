"""What of keys, credentials and webhooks needs somebody, as Markdown: python3 report.py

From the environment: what latchkey.py takes, and HOURS, how far back deliveries that were given up are told of (default 24).
Exit code: 0 nothing needs anybody; 1 something does; 2 it could not be made with this key or address; 75 try later.
"""
import datetime
import itertools
import sys

from latchkey import Refused, Unavailable, ask, pages, setting

API = "/api/v1"
IDS_AT_ONCE = 100
DELIVERIES = 300


def keys():
    for finding in pages(f"{API}/keys/review"):
        key = finding["key"]
        yield f"**{line(key['name'])}** (`{key['start']}…`, {finding['reason']}): {line(finding['detail'])}"


def credentials():
    for each in pages(f"{API}/credentials"):
        if each["status"] != "green" and each["reason"] != "not-verifiable":
            yield f"**{line(each['name'])}** is {each['status']} ({each['reason']}): {line(each['detail'])} {line(each['nextStep'])}"
    for finding in pages(f"{API}/credentials/review"):
        yield f"**{line(finding['credential']['name'])}** ({finding['reason']}): {line(finding['detail'])}"


def webhooks(since):
    for webhook in pages(f"{API}/webhooks"):
        url = line(webhook["url"].split("?")[0])
        if webhook["disabledReason"]:
            yield f"**{url}** is switched off since {webhook['disabledAt']}: {webhook['disabledReason']}"
        given_up = [each for each in latest(webhook["id"], "exhausted")
                    if moment(each["lastAttemptAt"] or each["createdAt"]) >= since]
        failing = [each for each in latest(webhook["id"], "pending") if each["attempts"]]
        for some, fate in ((given_up, "given up"), (failing, "failing, and tried again")):
            if some:
                yield f"**{url}**: {len(some)} {fate} ({', '.join(sorted({each['eventType'] for each in some}))})"


def latest(webhook, state):
    """Of thousands some are enough: that there are any is the news."""
    return itertools.islice(pages(f"{API}/webhooks/{webhook}/deliveries?state={state}"), DELIVERIES)


def usage():
    """A row for each active key that was asked for yesterday or today."""
    names = {key["id"]: line(key["name"]) for key in pages(f"{API}/keys?status=active")}
    ids = list(names)
    for begin in range(0, len(ids), IDS_AT_ONCE):
        asked = "&".join(f"id={each}" for each in ids[begin:begin + IDS_AT_ONCE])
        for key in ask("GET", f"{API}/keys/usage?{asked}&days=2")["keys"]:
            if any(key["accepted"] + key["refused"]):
                accepted, refused = (" | ".join(map(str, key[each])) for each in ("accepted", "refused"))
                yield f"| {names[key['id']]} | {accepted} | {refused} |"


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def line(text):
    """Names are people's own: none of them ends a line or a column of the report."""
    return " ".join(str(text).split()).replace("|", "\\|")


def main():
    now = datetime.datetime.now(datetime.timezone.utc)
    since = now - datetime.timedelta(hours=float(setting("HOURS", "24")))
    organization = ask("GET", f"{API}/keys/self")["organization"]
    sections = {"Keys": list(keys()), "Credentials": list(credentials()), "Webhooks": list(webhooks(since))}
    rows = list(usage())
    found = sum(map(len, sections.values()))
    print(f"# {organization}, {now:%Y-%m-%d %H:%M} UTC: {found} to look at")
    for title, items in sections.items():
        print(f"\n## {title}\n")
        print("\n".join(f"- {item}" for item in items) or "Nothing.")
    print("\n## Requests\n")
    if rows:
        print("| key | accepted yesterday | today | refused yesterday | today |\n| --- | --: | --: | --: | --: |")
    print("\n".join(rows) or "None.")
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Refused, OSError, KeyError, TypeError, ValueError, OverflowError) as error:
        print(f"no report: {error}", file=sys.stderr)
        sys.exit(2)
    except Unavailable as error:
        print(f"not now: {error}", file=sys.stderr)
        sys.exit(75)
