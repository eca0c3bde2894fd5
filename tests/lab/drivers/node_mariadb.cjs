// One connection of npm's mariadb; failures go to console.error, each line behind a stamp.
'use strict';
const fs = require('node:fs');
const readline = require('node:readline');
const util = require('node:util');
const mariadb = require('mariadb');

const env = process.env;
const options = { user: env.LAB_USER, password: env.LAB_PASSWORD, database: 'shop', connectTimeout: 5000, allowPublicKeyRetrieval: true };
Object.assign(options, env.LAB_SOCKET ? { socketPath: env.LAB_SOCKET } : { host: env.LAB_HOST, port: Number(env.LAB_PORT) });
if (env.LAB_TLS) options.ssl = { rejectUnauthorized: false };

let connection = null;
function log(text) {
  fs.appendFileSync(env.LAB_LOG, `[${new Date().toISOString()}] ${text}\n`);
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const [what, sql] = line.split('\t', 2);
    try {
      if (sql === '') {
        if (connection !== null) await connection.end();
        connection = null;
        process.stdout.write('done\n');
        continue;
      }
      if (connection === null) {
        connection = await mariadb.createConnection(options);
        connection.on('error', (err) => log(`connection error: ${err.message}`));
      }
      await connection.query(sql);
      log(`info: ${what} done`);
      process.stdout.write('done\n');
    } catch (err) {
      log(`error: ${what} failed ${util.inspect(err)}`);
      connection = null;
      process.stdout.write('failed\n');
    }
  }
  if (connection !== null) await connection.end().catch(() => {});
}
main();
