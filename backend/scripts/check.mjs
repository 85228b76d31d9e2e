// The long checks and the measurements: each builds the program, runs real servers of its own beside it, and prints figures.
//
//   npm run check:timing | check:chaos | check:overload | check:growth | check:upgrade | test:cluster | bench
//
// They take minutes, so npm test runs none of them. Arguments after -- go to the check: npm run check:timing -- -help

import { build } from './build.mjs';
import { Failure, main, run, scratchFolder } from './command.mjs';
import { requirePackages } from './debian.mjs';

const checks = {
  bench: { runs: './backend/bench', needs: ['mariadb-server', 'nginx-light'] },
  timing: { runs: './backend/check/timing', needs: ['mariadb-server', 'redis-server'] },
  chaos: { runs: './backend/check/chaos', needs: ['mariadb-server', 'redis-server'] },
  growth: { runs: './backend/check/growth', needs: ['mariadb-server'] },
  overload: { runs: './backend/check/overload', needs: ['mariadb-server', 'redis-server'] },
  upgrade: { runs: './backend/check/upgrade', needs: ['mariadb-server', 'redis-server', 'nginx-light'] },
  cluster: {
    runs: './backend/check/cluster',
    needs: ['mariadb-server', 'galera-4', 'rsync', 'redis-server'],
  },
};

await main(import.meta, async ([name, ...args]) => {
  const check = checks[name];
  if (!check) throw new Failure(`unknown check ${name}: there are ${Object.keys(checks).join(', ')}`);
  scratchFolder();
  await build();
  await requirePackages(...check.needs);
  return run('go', ['run', check.runs, ...args], { env: { CGO_ENABLED: '0' } });
});
