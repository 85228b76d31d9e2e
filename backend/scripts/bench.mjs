// Measures the built program, each figure beside its ceiling in the same run: npm run bench

import { build } from './build.mjs';
import { main, run, scratchFolder } from './command.mjs';
import { startServices } from './services.mjs';

await main(import.meta, async () => {
  scratchFolder();
  await build();
  const services = await startServices();
  const code = await run('go', ['run', './backend/bench'], { env: services.env });
  await services.stop();
  return code;
});
