/** `@fastify/http-proxy` with its defaults, as a process: `node bench/fastify-proxy.ts PORT ORIGIN_PORT BODY`. */
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';

const [port, originPort, body] = process.argv.slice(2);
const app = fastify();
app.get('/memory', (_request, reply) => reply.type('application/json').send(body));
await app.register(httpProxy, { upstream: `http://127.0.0.1:${originPort}` });
await app.listen({ host: '127.0.0.1', port: Number(port), backlog: 4096 });
