/** A configuration in YAML with so many routes to one backend, as large ones are. */
export function manyRoutes(count: number, timeout = '5s'): string {
  const lines = ['load_balancing: { backends: { users: { upstreams: [{ address: "127.0.0.1:3001" }] } } }', 'routes:'];
  for (let at = 0; at < count; at++) {
    lines.push(`  - id: route_${at}`, `    path: /api/v1/service_${at}/{id}/**`, '    methods: [GET, POST]');
    lines.push('    backend: users', `    timeout: ${timeout}`, '    retries: 2');
  }
  return `${lines.join('\n')}\n`;
}
