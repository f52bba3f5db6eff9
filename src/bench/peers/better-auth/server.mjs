// better-auth's API keys behind node:http: makes its tables and some keys, writes them to a file, then judges what is posted
// to it as {"key": …}. Tuned as its documentation says: NODE_ENV=production, a pool of connections, the index of keys.
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";

import { apiKey } from "@better-auth/api-key";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";

const { DATABASE, PORT, TOKENS, KEYS, SECRET } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE, max: 20 });
const auth = betterAuth({
  database: pool,
  secret: SECRET,
  baseURL: `http://127.0.0.1:${PORT}`,
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  logger: { level: "error" },
  // A limit as the keys of the other products have it: never reached, always counted.
  plugins: [apiKey({ rateLimit: { enabled: true, timeWindow: 15 * 60 * 1000, maxRequests: 1_000_000_000 } })],
});

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
await pool.query(`create index if not exists apikey_by_key on apikey (key)`);

const { user } = await auth.api.signUpEmail({
  body: { email: "ana@bench.example", password: SECRET, name: "Ana" },
});
const tokens = [];
for (let i = 0; i < Number(KEYS); i++) {
  const created = await auth.api.createApiKey({
    body: { userId: user.id, name: `ERP order sync ${String(i).padStart(5, "0")}`, permissions: { orders: ["read", "write"] } },
  });
  tokens.push(created.key);
}
await pool.query("vacuum analyze");
await writeFile(TOKENS, tokens.join("\n") + "\n");

createServer(async (request, response) => {
  let body = "";
  for await (const part of request) {
    body += part;
  }
  const verdict = await auth.api.verifyApiKey({ body: { key: JSON.parse(body).key, permissions: { orders: ["read"] } } });
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(verdict));
}).listen(Number(PORT), "127.0.0.1");
