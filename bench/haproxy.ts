/** HAProxy as a proxy with one thread, adding the same fields as the others. */
export function haproxyConfig(port: number, originPort: number): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 300s
  http-reuse always
  option forwardfor
frontend in
  bind 127.0.0.1:${port} backlog 4096
  unique-id-format %{+X}o%ci:%cp_%Ts_%rt:%pid
  unique-id-header X-Request-ID
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Proto http
  http-request add-header Via "1.1 haproxy"
  http-response add-header Via "1.1 haproxy"
  default_backend origin
backend origin
  server one 127.0.0.1:${originPort}
`;
}
