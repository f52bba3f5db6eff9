// A dispatcher of webhooks over graphile-worker: makes its tables, then delivers what is enqueued until it is stopped, and
// answers 200 on PORT from then on. Tuned as graphile-worker's page on performance says: a local queue, batched completions,
// prepared statements; attempts are written in batches, and a job ends once its attempt is written.
//
// JOB=attempts: whoever publishes executes enqueue.sql, and attempts are all that is logged. JOB=log: POST /events takes
// batches as a service does, and each delivery has a row that tells its fate, as a log needs that can be asked for it.
import { createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { text as textOf } from "node:stream/consumers";

import graphile from "graphile-worker";
import pg from "pg";
import { Pool } from "undici";

const { Logger, run } = graphile;
const { DATABASE, PORT, JOB, CONCURRENCY = "100", CONNECTIONS = "64" } = process.env;

const TIMEOUT_MILLIS = 15_000;
const BATCH_MILLIS = 10;
const COMPLETION_MILLIS = 250;
const KEPT_CHARACTERS = 4_096;
const LOG = JOB === "log";

const database = new pg.Pool({ connectionString: DATABASE, max: 10 });
await database.query(`
  create table if not exists webhook (id uuid primary key, url text not null, secret bytea not null);
  create table if not exists event (id text primary key, at timestamptz not null, type text not null, data json not null);
  create table if not exists attempt (
    delivery_id uuid not null, id uuid not null, webhook_id uuid not null, event_id text not null,
    started_at timestamptz not null, took_ms integer not null, status smallint not null, headers json not null,
    body text not null, primary key (delivery_id, id));
  create index if not exists attempt_by_event on attempt (event_id);
  create index if not exists attempt_by_webhook on attempt (webhook_id, started_at desc);
  create table if not exists delivery (
    id uuid primary key, webhook_id uuid not null, event_id text not null, state text not null default 'pending',
    attempts smallint not null default 0, status smallint, attempted_at timestamptz, finished_at timestamptz)
    with (fillfactor = 70);
  create index if not exists delivery_by_event on delivery (event_id);
  create index if not exists delivery_by_webhook on delivery (webhook_id, id desc)`);

const INSERT_ATTEMPTS = `
  insert into attempt (delivery_id, id, webhook_id, event_id, started_at, took_ms, status, headers, body)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::integer[], $7::smallint[],
                       $8::json[], $9::text[])`;
const WRITE = LOG
  ? `with done as (${INSERT_ATTEMPTS} returning delivery_id, started_at, status)
     update delivery d set attempts = d.attempts + 1, status = done.status, attempted_at = done.started_at,
            state = case when done.status < 300 then 'delivered' else d.state end,
            finished_at = case when done.status < 300 then now() end
       from done where d.id = done.delivery_id`
  : INSERT_ATTEMPTS;

/** Endpoints with their connections, read once. */
const endpoints = new Map();

async function endpoint(id) {
  let found = endpoints.get(id);
  if (!found) {
    found = database.query("select url, secret from webhook where id = $1", [id]).then(({ rows: [row] }) => {
      const url = new URL(row.url);
      const limits = { connections: Number(CONNECTIONS), headersTimeout: TIMEOUT_MILLIS, bodyTimeout: TIMEOUT_MILLIS };
      return { pool: new Pool(url.origin, limits), path: url.pathname, secret: row.secret };
    });
    endpoints.set(id, found);
  }
  return found;
}

/** Attempts that wait to be written together. */
let waiting = [];

function write(attempt) {
  return new Promise((done, failed) => {
    waiting.push({ attempt, done, failed });
    if (waiting.length === 1) {
      setTimeout(flush, BATCH_MILLIS);
    }
  });
}

async function flush() {
  const batch = waiting;
  waiting = [];
  const column = (name) => batch.map(({ attempt }) => attempt[name]);
  try {
    await database.query({
      name: "attempts",
      text: WRITE,
      values: [column("delivery"), column("id"), column("webhook"), column("event"), column("startedAt"), column("took"),
        column("status"), column("headers"), column("body")],
    });
    batch.forEach(({ done }) => done());
  } catch (error) {
    batch.forEach(({ failed }) => failed(error));
  }
}

async function deliver({ delivery, webhook, event, type, timestamp, data }) {
  const { pool, path, secret } = await endpoint(webhook);
  const body = JSON.stringify({ id: event, type, timestamp, store: null, data });
  const startedAt = new Date();
  const seconds = Math.floor(startedAt / 1000);
  const signature = createHmac("sha256", secret).update(`${event}.${seconds}.${body}`).digest("base64");
  const begin = performance.now();
  const response = await pool.request({
    method: "POST",
    path,
    headers: {
      "content-type": "application/json",
      "user-agent": "graphile-worker",
      "webhook-id": event,
      "webhook-timestamp": String(seconds),
      "webhook-signature": `v1,${signature}`,
    },
    body,
  });
  const text = await response.body.text();
  await write({
    delivery, webhook, event, startedAt, id: randomUUID(), took: Math.round(performance.now() - begin),
    status: response.statusCode, headers: JSON.stringify(Object.entries(response.headers)),
    body: text.slice(0, KEPT_CHARACTERS),
  });
  if (response.statusCode >= 300) {
    throw new Error(`HTTP ${response.statusCode}`);
  }
}

const runner = await run({
  connectionString: DATABASE,
  noHandleSignals: true,
  taskList: { deliver },
  crontab: "",
  preset: {
    worker: {
      concurrentJobs: Number(CONCURRENCY),
      maxPoolSize: 10,
      preparedStatements: true,
      localQueue: { size: 100 },
      completeJobBatchDelay: COMPLETION_MILLIS,
      failJobBatchDelay: COMPLETION_MILLIS,
      logger: new Logger(() => (level, message) => {
        if (level === "error" || level === "warning") {
          console.error(message);
        }
      }),
    },
  },
});

process.on("SIGTERM", async () => {
  await runner.stop();
  process.exit(0);
});

const ENQUEUE = LOG ? (await readFile("enqueue-log.sql", "utf8")).replace("?", "$1") : undefined;

createServer(async (request, response) => {
  if (LOG && request.method === "POST") {
    const { events } = JSON.parse(await textOf(request));
    await database.query({ name: "enqueue", text: ENQUEUE, values: [JSON.stringify(events)] });
    response.statusCode = 202;
  }
  response.end("ok");
}).listen(Number(PORT), "127.0.0.1");
