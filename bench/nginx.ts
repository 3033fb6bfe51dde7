/**
 * A whole nginx configuration around some `http` content: everything it writes stays under `home`, connections are
 * kept as long as the bench lasts, and one worker does the work.
 */
export function nginxConfig(home: string, http: string): string {
  const root = process.getuid?.() === 0 ? 'user root;' : '';
  return `${root}
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${home}/nginx.pid;
error_log ${home}/error.log warn;
events { worker_connections 8192; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 100000000;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  ${http}
}
`;
}

/**
 * nginx as a proxy, doing what Sluice does to a request by default: forwarding fields, a request id, Via. A reply from
 * memory is its cache's hit. Replies never go through a file on disk: that would be nginx's loss with large bodies.
 * @param tls files of a certificate and its key: it then listens for TLS, HTTP/1.1 only
 */
export function nginxProxyConfig(
  home: string,
  port: number,
  originPort: number,
  more: string,
  tls?: { readonly certificate: string; readonly key: string },
): string {
  const secure = tls === undefined ? '' : `ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};`;
  return nginxConfig(
    home,
    `
  proxy_cache_path ${home}/cache keys_zone=memory:1m inactive=1h use_temp_path=off;
  upstream origin { server 127.0.0.1:${originPort}; keepalive 64; keepalive_requests 100000000; keepalive_timeout 300s; }
  proxy_http_version 1.1;
  proxy_max_temp_file_size 0;
  ${more}
  proxy_set_header Host $http_host;
  proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Request-ID $request_id;
  proxy_set_header Via "1.1 nginx";
  add_header X-Request-ID $request_id;
  add_header Via "1.1 nginx";
  server {
    listen 127.0.0.1:${port}${tls === undefined ? '' : ' ssl'} backlog=4096;
    ${secure}
    location / { proxy_pass http://origin; }
    location = /memory { proxy_pass http://origin/small; proxy_cache memory; proxy_cache_valid 200 1h; }
  }`,
  );
}
