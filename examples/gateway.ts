// A gateway inside a program of your own, which takes its routes from the program and not from a file. With the demo
// running (npm start), in another shell: node examples/gateway.ts
// Elsewhere the import is from 'sluice'.
import { type Config, ConfigError, checkConfig, createGateway } from '../src/sluice.ts';

const [listen = '127.0.0.1:8081', upstream = '127.0.0.1:9004'] = process.argv.slice(2);

/** In maintenance, all but the health of the echo service is answered by the gateway itself. */
function configuration(maintenance: boolean): Config {
  return checkConfig({
    server: { http_addr: listen },
    // Port 0: any that is free. gateway.admin says which.
    admin: { addr: '127.0.0.1:0' },
    log: { output: 'stderr', level: 'warn' },
    load_balancing: { backends: { echo: { upstreams: [{ address: upstream }] } } },
    routes: [
      { id: 'health', path: '/echo/health', backend: 'echo' },
      maintenance
        ? { id: 'maintenance', path: '/**', respond: { status: 503, headers: { 'Retry-After': '60' }, body: 'Back soon.\n' } }
        : { id: 'echo', path: '/echo/**', backend: 'echo', timeout: '5s', retries: 2 },
    ],
  });
}

try {
  let maintenance = false;
  const gateway = createGateway(configuration(maintenance));
  await gateway.start();
  console.log(`http://${gateway.http[0]}/echo/ and http://${gateway.admin}/metrics; kill -USR2 ${process.pid} for maintenance`);

  process.on('SIGUSR2', async () => {
    maintenance = !maintenance;
    // No connection is dropped; requests in progress finish with the configuration they began with.
    const { outcome } = await gateway.reload(configuration(maintenance));
    console.log(`maintenance ${maintenance ? 'on' : 'off'}: ${outcome}`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void gateway.drain());
} catch (error) {
  // Every mistake in a configuration is in the message, a line for each.
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
