import { circuitsContract } from './circuits.contract.ts';
import { FleetRedis, settled } from './fleet-redis.ts';

circuitsContract('a fleet of one', (clock) => ({
  circuits: new FleetRedis(clock).join('a/0123456789abcdef/0').circuits,
  settled,
}));

circuitsContract('a fleet whose Redis is down', (clock) => {
  const { circuits, store } = new FleetRedis(clock).join('a/0123456789abcdef/0');
  store.become('down');
  return { circuits, settled };
});
