// Installs the Debian packages that the tests need. Where it cannot install, it names what is missing.

import { existsSync } from 'node:fs';

import { Failure, ask, must, say } from './command.mjs';

// What each package provides: a program, a file, or (with a colon) a language that a font must cover.
const needs = {
  'mariadb-server': 'mariadbd',
  'redis-server': 'redis-server',
  'galera-4': '/usr/lib/galera/libgalera_smm.so',
  rsync: 'rsync',
  'chromium-headless-shell': 'chromium-headless-shell',
  chromium: 'chromium',
  'fonts-noto-cjk': ':lang=ja',
  prometheus: 'promtool',
  'nginx-light': 'nginx',
  haproxy: 'haproxy',
  gcc: 'gcc',
  'libc6-dev': '/usr/include/stdlib.h',
  'opendkim-tools': 'opendkim-testmsg',
  systemd: 'systemd-analyze',
};

// The packages start their services. policy-rc.d prevents that during the installation, disabling at the next boot.
const install = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
if [ -d /run/systemd/system ]; then
  for package in "$@"; do
    case "$package" in mariadb-server) systemctl disable --now mariadb ;; redis-server) systemctl disable --now redis-server ;;
      prometheus) systemctl disable --now prometheus ;; nginx-light) systemctl disable --now nginx ;;
      haproxy) systemctl disable --now haproxy ;; esac
  done
fi
`;

/** Gives the path of the program of one of two packages: of the one that is installed, else of the first that can be installed. */
export async function requireEither(first, second) {
  const missing = await lacking([first, second]);
  let chosen = missing.includes(first) && !missing.includes(second) ? second : first;
  try {
    await requirePackages(chosen);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`${first} cannot be installed; ${second} is used instead`);
    chosen = second;
    await requirePackages(chosen);
  }
  return pathOf(needs[chosen]);
}

let installing = Promise.resolve();

/**
 * Installs those of the packages that are missing, one call after the other. Throws a Failure that names what is missing and
 * cannot be installed.
 */
export function requirePackages(...packages) {
  const installed = installing.then(() => installMissing(packages));
  installing = installed.catch(() => {});
  return installed;
}

async function installMissing(packages) {
  const missing = await lacking(packages);
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const [asRoot, ...before] = process.getuid?.() === 0 ? ['env'] : ['sudo', '-n'];
  const permitted =
    (await ask('apt-get', ['--version'])).code === 0 && (await ask(asRoot, [...before, 'true'])).code === 0;
  if (!permitted) {
    throw new Failure(
      `Missing for the tests: ${missing.map((name) => needs[name]).join(', ')}.\n` +
        `On Debian and Ubuntu: apt-get install ${names}. Elsewhere install what brings them; a MariaDB and a Redis of\n` +
        'your own can be named with AIKAGI_TEST_MYSQL=mysql://root@127.0.0.1:3306/ and AIKAGI_TEST_REDIS=redis://127.0.0.1:6379.',
    );
  }
  say(`installing ${names}`);
  await must(`apt-get install ${names}`, asRoot, [...before, 'sh', '-c', install, 'install', ...missing]);
  const still = await lacking(missing);
  if (still.length > 0)
    throw new Failure(
      `apt-get installed ${still.join(', ')}, but ${still.map((name) => needs[name]).join(', ')} is still missing.`,
    );
}

async function lacking(packages) {
  const found = await Promise.all(packages.map((name) => present(needs[name])));
  return packages.filter((_, i) => !found[i]);
}

async function present(need) {
  if (need.startsWith(':')) return (await ask('fc-list', [need])).stdout !== '';
  return (await pathOf(need)) !== '' || existsSync(need);
}

async function pathOf(program) {
  const found = await ask('sh', ['-c', 'command -v "$1"', 'sh', program], { env: { PATH: systemPath } });
  return found.stdout.trim();
}

// The PATH with the folders of servers, which the PATH of ordinary users lacks.
const systemPath = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
