// The long checks and the measurements: each builds the program, runs real servers of its own beside it, and prints figures.
//
//   npm run check:timing | check:chaos | check:overload | check:growth | check:upgrade | test:cluster | bench
//
// They take minutes, so npm test runs none of them. Arguments after -- go to the check: npm run check:timing -- -help

import { build } from './build.mjs';
import { Failure, main, run, scratchFolder } from './command.mjs';
import { requirePackages } from './debian.mjs';

// The Debian packages that each needs.
const checks = {
  bench: ['mariadb-server', 'nginx-light'],
  timing: ['mariadb-server', 'redis-server'],
  chaos: ['mariadb-server', 'redis-server'],
  growth: ['mariadb-server'],
  overload: ['mariadb-server', 'redis-server'],
  upgrade: ['mariadb-server', 'redis-server', 'nginx-light'],
  cluster: ['mariadb-server', 'galera-4', 'rsync', 'redis-server'],
};

await main(import.meta, async ([name, ...args]) => {
  if (!checks[name]) throw new Failure(`unknown check ${name}: there are ${Object.keys(checks).join(', ')}`);
  scratchFolder();
  await build();
  await requirePackages(...checks[name]);
  const folder = name === 'bench' ? './backend/bench' : `./backend/check/${name}`;
  return run('go', ['run', folder, ...args], { env: { CGO_ENABLED: '0' } });
});
