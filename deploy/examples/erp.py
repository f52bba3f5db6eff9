"""An ERP for a first look, on port 9000, for the user sync with the password correct-horse-staple: GET /api/stock and
PUT /api/stock/{sku} {"stock": 5}. STOCK=shirt-m=7,cap=0 says what it has; with MOOD=busy it does not take every second PUT:
429 with Retry-After and 503 by turns."""
import base64
import json
import os
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SIGNED_IN = "Basic " + base64.b64encode(b"sync:correct-horse-staple").decode()
STOCK = {sku: int(count) for sku, count in (each.split("=") for each in os.environ.get("STOCK", "shirt-m=7").split(","))}
LOCK = threading.Lock()
puts = 0


class Erp(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Authorization") != SIGNED_IN:
            self.answer(401, {"error": "who are you?"})
        elif self.path.split("?")[0] == "/api/stock":
            self.answer(200, {"items": [{"sku": sku, "stock": count} for sku, count in STOCK.items()]})
        else:
            self.answer(404, {"error": "nothing here"})

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, sku = self.path.rpartition("/")
        sku = urllib.parse.unquote(sku)
        if self.headers.get("Authorization") != SIGNED_IN:
            self.answer(401, {"error": "who are you?"})
        elif path != "/api/stock" or sku not in STOCK:
            self.answer(404, {"error": f"no article {sku}"})
        elif refusal := self.mood():
            self.answer(*refusal)
        else:
            STOCK[sku] = int(json.loads(body)["stock"])
            self.answer(200, {"sku": sku, "stock": STOCK[sku]})

    def mood(self):
        global puts
        with LOCK:
            puts += 1
            if os.environ.get("MOOD") != "busy" or puts % 2 == 0:
                return None
            return (429, {"error": "slow down"}, {"Retry-After": "1"}) if puts % 4 == 1 else (503, {"error": "closing the books"})

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


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Erp).serve_forever()
