#!/usr/bin/env node
// A small stand-in for npm, for machines that reach no registry: Debian's npm is larger than Node.js itself.
// It installs the packages in /opt/npm and runs scripts; what it cannot do, it says.
'use strict';
const fs = require('fs');
const path = require('path');
const { spawnSync } = require('child_process');

const STORE = '/opt/npm';
const [command, ...words] = process.argv.slice(2);
const options = words.filter((word) => word.startsWith('-'));
const names = words.filter((word) => !word.startsWith('-'));

function fail(code, text) {
  console.error(`npm ERR! code ${code}\nnpm ERR! ${text}`);
  process.exit(1);
}

function manifest(required = true) {
  try {
    return JSON.parse(fs.readFileSync('package.json', 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') {
      if (!required) return {};
      fail('ENOENT', `no such file or directory, open '${path.resolve('package.json')}'`);
    }
    fail('EJSONPARSE', `${path.resolve('package.json')}: ${error.message}`);
  }
}

function versionOf(name) {
  const known = path.join(STORE, name, 'package.json');
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name) || !fs.existsSync(known)) {
    const all = fs.readdirSync(STORE).join(', ');
    fail('E404', `'${name}' is not here. This npm is a stand-in without a registry; it has: ${all}`);
  }
  return JSON.parse(fs.readFileSync(known, 'utf8')).version;
}

function install(fromLock) {
  const wanted = manifest(names.length === 0);
  if (fromLock && !fs.existsSync('package-lock.json')) {
    fail('EUSAGE', 'The `npm ci` command can only install with an existing package-lock.json.');
  }
  wanted.dependencies ??= {};
  for (const name of names.map((word) => word.replace(/(?<!^)@.*$/, ''))) {
    wanted.dependencies[name] = `^${versionOf(name)}`;
  }
  const production = options.includes('--omit=dev') || options.includes('--production');
  const all = { ...wanted.dependencies, ...(production ? {} : wanted.devDependencies) };
  fs.rmSync('node_modules', { recursive: true, force: true });
  const packages = { '': wanted };
  for (const name of Object.keys(all)) {
    const version = versionOf(name);
    fs.cpSync(path.join(STORE, name), path.join('node_modules', name), { recursive: true, dereference: true });
    packages[`node_modules/${name}`] = { version };
  }
  if (names.length > 0) fs.writeFileSync('package.json', `${JSON.stringify(wanted, null, 2)}\n`);
  if (!fromLock) {
    const lock = { name: wanted.name, lockfileVersion: 3, requires: true, packages };
    fs.writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
  }
  const count = Object.keys(all).length;
  console.log(count === 0 ? '\nup to date' : `\nadded ${count} package${count === 1 ? '' : 's'}`);
}

function run(script, rest) {
  const wanted = manifest();
  const line = wanted.scripts?.[script] ?? (script === 'start' && fs.existsSync('server.js') ? 'node server.js' : null);
  if (line === null) fail('EMISSING', `Missing script: "${script}"`);
  console.log(`\n> ${wanted.name ?? ''}@${wanted.version ?? ''} ${script}\n> ${line}\n`);
  const bin = path.resolve('node_modules/.bin');
  const ended = spawnSync('/bin/sh', ['-c', `${line} ${rest.join(' ')}`], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, npm_lifecycle_event: script },
  });
  process.exit(ended.status ?? 1);
}

switch (command) {
  case '-v':
  case '--version':
    console.log('9.2.0');
    break;
  case 'i':
  case 'add':
  case 'install':
    install(false);
    break;
  case 'ci':
    install(true);
    break;
  case 'start':
  case 'test':
    run(command, words);
    break;
  case 'run':
  case 'run-script':
    if (words.length === 0) fail('EUSAGE', 'npm run needs the name of a script');
    run(words[0], words.slice(1));
    break;
  case 'init': {
    const name = path.basename(process.cwd());
    const fresh = { name, version: '1.0.0', main: 'index.js', scripts: {} };
    if (!fs.existsSync('package.json')) fs.writeFileSync('package.json', `${JSON.stringify(fresh, null, 2)}\n`);
    break;
  }
  default:
    fail('EUSAGE', `this stand-in for npm knows install, ci, start, test, run and init, not '${command ?? ''}'`);
}
