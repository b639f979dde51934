#!/usr/bin/env node
// The entry of the command line. CommonJS and old syntax on purpose: an old Node must get as far as saying
// which Node is needed. Two jobs, in this order:
// 1. Node too old: hand over to the Node that `npm ci` brought into this checkout, else say so and end with 1.
// 2. Run the bundle when it is built and not older than the sources, else the sources themselves.
'use strict';

var fs = require('fs');
var path = require('path');

var NEEDED = [24, 15];
var root = path.join(__dirname, '..');

function isNewEnough(version) {
  var parts = version.replace(/^v/, '').split('.');
  var major = Number(parts[0]);
  return major > NEEDED[0] || (major === NEEDED[0] && Number(parts[1]) >= NEEDED[1]);
}

// A checkout's own Node. It must be a real other program: on a machine where it is this very one, or where the
// hand-over has happened already, handing over again would go round for ever.
function ownNode() {
  var candidate = path.join(root, 'node_modules', '.bin', 'node');
  return process.env.ROUSE_HANDED_OVER !== '1' && fs.existsSync(candidate) ? candidate : undefined;
}

function refuse() {
  process.stderr.write(
    'rouse needs Node.js ' +
      NEEDED.join('.') +
      ' or newer, and this is ' +
      process.version +
      ' (' +
      process.execPath +
      ')\n',
  );
  process.exitCode = 1;
}

// A terminal sends its signals to the whole foreground group, so the child has them already; from anywhere else
// only this process has, and passes them on.
function handOver(node) {
  var env = Object.assign({}, process.env, { ROUSE_HANDED_OVER: '1' });
  var child = require('child_process').spawn(node, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: env,
  });
  var onTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGCONT'].forEach(function (name) {
    process.on(name, function () {
      if (!(onTerminal && (name === 'SIGINT' || name === 'SIGQUIT'))) child.kill(name);
    });
  });
  child.on('error', refuse);
  child.on('exit', function (code, signal) {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function newestMs(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).reduce(function (newest, entry) {
    var full = path.join(folder, entry.name);
    return Math.max(newest, entry.isDirectory() ? newestMs(full) : fs.statSync(full).mtimeMs);
  }, 0);
}

// The installed package has no sources, a fresh checkout has no bundle; with both, the newer one is meant.
function entryFile() {
  var bundle = path.join(root, 'dist', 'cli', 'main.cjs');
  var sources = path.join(root, 'src');
  if (!fs.existsSync(sources)) return bundle;
  return fs.existsSync(bundle) && fs.statSync(bundle).mtimeMs >= newestMs(sources)
    ? bundle
    : path.join(sources, 'cli', 'main.ts');
}

function run() {
  delete process.env.ROUSE_HANDED_OVER;
  require('module').enableCompileCache();
  var entry = entryFile();
  var loaded =
    entry.slice(-4) === '.cjs' ? Promise.resolve(require(entry)) : import(require('url').pathToFileURL(entry).href);
  loaded
    .then(function (cli) {
      return cli.main(process.argv.slice(2));
    })
    .then(
      function (code) {
        process.exitCode = code;
      },
      function (error) {
        process.stderr.write('rouse: internal error: ' + ((error && error.stack) || error) + '\n');
        process.exitCode = 70;
      },
    );
}

if (isNewEnough(process.version)) {
  run();
} else if (ownNode() !== undefined) {
  handOver(ownNode());
} else {
  refuse();
}
