"""A receiver of webhooks for a first look, on port 9001: python3 receiver.py whsec_…  Prints what is signed by that secret."""
import base64
import hashlib
import hmac
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
SECONDS = 300


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_signed(body):
            print(self.headers["webhook-id"], body.decode(), flush=True)
            self.send_response(204)
        else:
            self.send_response(401)
            self.send_header("Content-Length", "0")
        self.end_headers()

    # Standard Webhooks 1.0.0: a HMAC-SHA256 over id, time and body; while a secret is being replaced there are two.
    def is_signed(self, body):
        id, timestamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        if abs(time.time() - int(timestamp)) > SECONDS:
            return False
        signed = hmac.new(KEY, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        mine = "v1," + base64.b64encode(signed).decode()
        return any(hmac.compare_digest(mine, each) for each in self.headers["webhook-signature"].split())

    def log_message(self, *ignored):
        pass


ThreadingHTTPServer(("127.0.0.1", 9001), Receiver).serve_forever()
