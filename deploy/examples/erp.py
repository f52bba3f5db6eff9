"""An ERP for a first look: GET /api/stock on port 9000, for the user sync with the password correct-horse-staple."""
import base64
from http.server import BaseHTTPRequestHandler, HTTPServer

SIGNED_IN = "Basic " + base64.b64encode(b"sync:correct-horse-staple").decode()


class Erp(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Authorization") != SIGNED_IN:
            self.answer(401, b'{"error": "who are you?"}')
        elif self.path.split("?")[0] == "/api/stock":
            self.answer(200, b'{"items": [{"sku": "shirt-m", "stock": 7}]}')
        else:
            self.answer(404, b'{"error": "nothing here"}')

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("127.0.0.1", 9000), Erp).serve_forever()
