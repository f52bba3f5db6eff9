"""The API of a shop, for a first look, on port 9000: POST and GET /api/v1/orders. It trusts the gateway before it, which says
in X-Auth-Stores for which stores the caller's key is; an order with an Idempotency-Key that it knows is the one it has."""
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ORDERS = {}
LOCK = threading.Lock()
busy = int(os.environ.get("BUSY", "0"))
"""How many of the first requests it does not take: 429 with Retry-After."""


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, {"orders": list(ORDERS.values())})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with LOCK:
            taken = self.take(body)
        self.answer(*taken)

    def take(self, body):
        global busy
        stores, key = self.headers.get("X-Auth-Stores", ""), self.headers.get("Idempotency-Key")
        try:
            order = json.loads(body)
            store = order["store"]
        except (ValueError, KeyError, TypeError):
            return 422, {"detail": "an order is JSON and has a store"}
        if busy > 0:
            busy -= 1
            return 429, {"detail": "one moment"}, {"Retry-After": "1"}
        if stores != "all" and store not in stores.split(","):
            return 403, {"detail": f"the key is not for the store {store}"}
        if not key:
            return 422, {"detail": "an order has an Idempotency-Key"}
        known = key in ORDERS
        return 200 if known else 201, ORDERS.setdefault(key, order)

    def answer(self, status, body, headers=None):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *ignored):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Shop).serve_forever()
