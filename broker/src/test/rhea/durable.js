// Sends durable messages, receives half of them, kills the broker, starts it again on the same data, receives the rest:
// every accepted message comes once and in order, no settled one comes back.
// usage: node durable.js path/to/bin/sterna [websocket]
'use strict';
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const rhea = require('rhea');
const WebSocket = require('ws');

const MESSAGES = 200;
const HALF = MESSAGES / 2;
const ADDRESS = 'rhea.durable';
const TIMEOUT_MILLIS = 120_000;

const launcher = process.argv[2];
const overWebSocket = process.argv[3] === 'websocket';
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'sterna-rhea-'));
const running = new Set();

async function startBroker() {
  const ports = ['--port', '0', '--http-port', '0', '--set', 'amqp.websocket.port=0'];
  const broker = spawn(launcher, ['run', ...ports, '--data', path.join(directory, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(broker);
  broker.once('exit', () => running.delete(broker));
  for await (const line of readline.createInterface({ input: broker.stdout })) {
    const ready = /^ready amqp:\/\/([^ ]+):(\d+) amqpws:\/\/([^ ]+) /.exec(line);
    assert.ok(ready, `the first line is the ready line: ${line}`);
    return { broker, host: ready[1], port: Number(ready[2]), webSocket: `ws://${ready[3]}` };
  }
  throw new Error('the broker ended without getting ready');
}

async function connect({ host, port, webSocket }) {
  const container = rhea.create_container();
  const way = overWebSocket
    ? { connection_details: container.websocket_connect(WebSocket)(webSocket, ['amqp']) }
    : { host, port };
  // With a name and no password rhea uses SASL ANONYMOUS.
  const connection = container.connect({ ...way, username: 'anonymous', reconnect: false });
  for (const failure of ['connection_error', 'session_error', 'sender_error', 'receiver_error']) {
    connection.on(failure, (context) => fail(new Error(`${failure}: ${context[failure.split('_')[0]].error}`)));
  }
  connection.on('disconnected', (context) => context.error && fail(context.error));
  await once(connection, 'connection_open');
  return connection;
}

async function close(connection) {
  connection.close();
  await once(connection, 'connection_close');
}

function body(i) {
  switch (i % 4) {
    case 0:
      return `text ${i}`;
    case 1:
      return rhea.message.data_section(Buffer.from(`bytes ${i}`));
    case 2:
      return { map: i, nested: [1, 'two', null] };
    default:
      return null;
  }
}

function checkMessage(message, i) {
  assert.equal(message.application_properties.index, i, 'messages come in order, none is missing, none comes twice');
  assert.equal(message.durable, true);
  assert.equal(message.message_id, `id-${i}`);
  assert.equal(message.subject, 'a subject');
  const expected = i % 4 === 1 ? `bytes ${i}` : body(i);
  const found = i % 4 === 1 ? message.body.content.toString() : message.body;
  assert.deepEqual(found ?? null, expected);
}

async function send(connection) {
  const sender = connection.open_sender({ target: { address: ADDRESS, capabilities: ['queue'] } });
  let sent = 0;
  let accepted = 0;
  const done = new Promise((resolve) => {
    sender.on('accepted', () => {
      accepted += 1;
      if (accepted === MESSAGES) resolve();
    });
  });
  for (const refusal of ['rejected', 'released', 'modified']) {
    sender.on(refusal, () => fail(new Error(`a message was ${refusal}`)));
  }
  sender.on('sendable', () => {
    while (sent < MESSAGES && sender.sendable()) {
      sender.send({
        durable: true,
        message_id: `id-${sent}`,
        subject: 'a subject',
        application_properties: { index: sent },
        body: body(sent),
      });
      sent += 1;
    }
  });
  await done;
  sender.close();
}

// Takes messages from..to-1 and accepts them; the first is first returned as failed, and has to come again at once. With
// the receiver settle mode "second" the broker tells when an outcome is safe: then it settles, too.
async function receive(connection, from, to) {
  const receiver = connection.open_receiver({
    source: ADDRESS,
    credit_window: 0,
    autoaccept: false,
    rcv_settle_mode: 1,
  });
  let next = from;
  let returned = false;
  let unsettled = 0;
  const done = new Promise((resolve) => {
    receiver.on('message', ({ message, delivery }) => {
      try {
        checkMessage(message, next);
        assert.equal(message.delivery_count ?? 0, returned && next === from ? 1 : 0);
      } catch (failure) {
        fail(failure);
      }
      unsettled += 1;
      if (returned) {
        delivery.accept();
        next += 1;
      } else {
        delivery.modified({ delivery_failed: true });
        returned = true;
      }
      if (next < to) receiver.add_credit(1);
    });
    receiver.on('settled', ({ delivery }) => {
      delivery.update(true);
      unsettled -= 1;
      if (next === to && unsettled === 0) resolve();
    });
  });
  receiver.add_credit(1);
  await done;
  return receiver;
}

async function checkEmpty(receiver) {
  receiver.removeAllListeners('message');
  receiver.on('message', ({ message }) => fail(new Error(`an unexpected message: ${message.message_id}`)));
  const drained = once(receiver, 'receiver_drained');
  receiver.add_credit(10);
  receiver.drain_credit();
  await drained;
}

async function main() {
  const first = await startBroker();
  let connection = await connect(first);
  await send(connection);
  await receive(connection, 0, HALF);
  await close(connection);
  first.broker.kill('SIGKILL');
  await once(first.broker, 'exit');

  const second = await startBroker();
  connection = await connect(second);
  await checkEmpty(await receive(connection, HALF, MESSAGES));
  await close(connection);
  second.broker.kill('SIGTERM');
  const [code] = await once(second.broker, 'exit');
  assert.equal(code, 0, 'SIGTERM drains and exits with 0');
}

function cleanUp() {
  for (const broker of running) broker.kill('SIGKILL');
  fs.rmSync(directory, { recursive: true, force: true });
}

function fail(failure) {
  console.error(failure);
  cleanUp();
  process.exit(1);
}

setTimeout(() => fail(new Error('not done in time')), TIMEOUT_MILLIS).unref();
main().then(() => {
  cleanUp();
  console.log(`rhea${overWebSocket ? ' over WebSocket' : ''}: ${MESSAGES} durable messages over a kill, none lost, doubled or out of order`);
}, fail);
