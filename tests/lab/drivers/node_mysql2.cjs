// One connection of npm's mysql2; failures are logged as one JSON object a line, as pino does.
'use strict';
const fs = require('node:fs');
const readline = require('node:readline');
const mysql = require('mysql2/promise');

const env = process.env;
const options = { user: env.LAB_USER, password: env.LAB_PASSWORD, database: 'shop', connectTimeout: 5000 };
Object.assign(options, env.LAB_SOCKET ? { socketPath: env.LAB_SOCKET } : { host: env.LAB_HOST, port: Number(env.LAB_PORT) });
if (env.LAB_TLS) options.ssl = { rejectUnauthorized: false };

const open = () => mysql.createPool({ ...options, connectionLimit: 1 });
let pool = open();
function log(level, msg, err) {
  const entry = { level, time: Date.now(), pid: process.pid, hostname: 'shop-1', msg };
  if (err) entry.err = { type: err.constructor.name, message: err.message, stack: err.stack, code: err.code, errno: err.errno, sqlState: err.sqlState };
  fs.appendFileSync(env.LAB_LOG, JSON.stringify(entry) + '\n');
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const [what, sql] = line.split('\t', 2);
    try {
      if (sql === '') {
        await pool.end();
        pool = open();
        process.stdout.write('done\n');
        continue;
      }
      await pool.query(sql);
      log(30, `${what} done`);
      process.stdout.write('done\n');
    } catch (err) {
      log(50, `${what} failed`, err);
      process.stdout.write('failed\n');
    }
  }
  await pool.end().catch(() => {});
}
main();
