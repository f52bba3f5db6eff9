"""Tries whether a receiver of webhooks takes what it should and nothing else: python3 try_receiver.py http://localhost:9001/

From the environment: WEBHOOK_SECRET, the one that the receiver verifies by. The good message is an order.create of an order
named "try-receiver", which the receiver will keep. Exit code: 0 all is as it should be, 1 something is not, 2 no answer.
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

SECONDS = 20
MINUTES_10 = 600


def signature(secret, id, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()


def message(total):
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return str(uuid.uuid4()), {"type": "order.create", "timestamp": moment, "store": None,
                               "data": {"id": "try-receiver", "total": total}}


def cases(secret):
    """What it is, whether it should be taken, and headers and body."""
    now = int(time.time())
    other = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    for what, good, signer, at in (("signed", True, secret, now), ("without a signature", False, None, now),
                                   ("signed by another secret", False, other, now),
                                   ("signed 10 minutes ago", False, secret, now - MINUTES_10),
                                   ("signed for in 10 minutes", False, secret, now + MINUTES_10)):
        id, content = message("59.90")
        body = json.dumps({"id": id, **content}).encode()
        headers = {"webhook-id": id, "webhook-timestamp": str(at)}
        if signer:
            headers["webhook-signature"] = signature(signer, id, at, body)
        yield what, good, headers, body
        if good:
            yield "the same again", good, headers, body
            yield "its body changed on the way", False, headers, body.replace(b"59.90", b"00.01")
            yield "two signatures, the second is right", good, {**headers, "webhook-signature": signature(
                other, id, at, body) + " " + headers["webhook-signature"]}, body


def status(url, headers, body):
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def main(url):
    wrong = 0
    for what, good, headers, body in cases(os.environ["WEBHOOK_SECRET"]):
        code = status(url, headers, body)
        right = good == (200 <= code < 300)
        wrong += not right
        print(f"{what}: {code}{'' if right else ', which is wrong'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not os.environ.get("WEBHOOK_SECRET"):
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1]))
    except (OSError, ValueError) as error:
        print(f"no answer: {error}", file=sys.stderr)
        sys.exit(2)
