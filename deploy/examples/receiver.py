"""A receiver of webhooks for a first look, on port 9001, for what is signed by the secret in WEBHOOK_SECRET (whsec_…): prints
each message once. With INBOX=file it also keeps them there, one a line, before it answers, and knows them after a restart."""
import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS = 300
MOST_BYTES = 1_000_000
LEAST_KEY_BYTES = 24
LOCK = threading.Lock()


def key_of(secret):
    """By an empty key everybody signs, so that one is refused, as is any that is shorter than Standard Webhooks allows."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < LEAST_KEY_BYTES:
        sys.exit(f"WEBHOOK_SECRET is not set to a secret: whsec_ and base64, {LEAST_KEY_BYTES} bytes or more")
    return key


KEY = key_of(os.environ.get("WEBHOOK_SECRET", ""))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True
            self.answer(413 if length.isdecimal() else 411)
            return
        try:
            body = self.rfile.read(int(length))
            if is_signed(self.headers, body):
                keep(self.headers["webhook-id"], body)
                self.answer(204)
            else:
                self.answer(401)
        except ConnectionError:  # whoever called has gone
            self.close_connection = True

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *ignored):
        pass


def is_signed(headers, body):
    """Standard Webhooks 1.0.0: a HMAC-SHA256 over id, time and body; while a secret is being replaced there are two."""
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id or not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > SECONDS:
        return False
    signed = hmac.new(KEY, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    mine = b"v1," + base64.b64encode(signed)
    return any(hmac.compare_digest(mine, each.encode()) for each in headers.get("webhook-signature", "").split())


def keep(id, body):
    """Once, since a message may come again; on the disk before it is answered, since it does not come again after that."""
    with LOCK:
        if id in seen:
            return
        text = json.dumps(json.loads(body), ensure_ascii=False)
        if inbox:
            inbox.write(text + "\n")
            inbox.flush()
            os.fsync(inbox.fileno())
        seen.add(id)
        print(id, text, flush=True)


def kept(file):
    """The ids of its messages. A line that a kill cut short was never answered with 204, so that it comes again."""
    ids, line = set(), "\n"
    file.seek(0)
    for number, line in enumerate(file, 1):
        try:
            ids.add(json.loads(line)["id"])
        except (ValueError, KeyError, TypeError):
            print(f"{file.name}: line {number} is no message and is skipped", file=sys.stderr)
    if not line.endswith("\n"):
        file.write("\n")
    return ids


inbox = open(os.environ["INBOX"], "a+", encoding="utf-8", errors="replace") if "INBOX" in os.environ else None
seen = kept(inbox) if inbox else set()
ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9001"))), Receiver).serve_forever()
