/** A fragment of a configuration from the documents that Sluice began with: Photon's README. */
export interface SeedCase {
  readonly name: string;
  readonly text: string;
  /** What the fragment is part of. */
  readonly within: 'document' | 'backend';
  /** The keys of later issues, for which alone it is refused. Each issue that builds one takes it out. */
  readonly later: readonly string[];
  /** What the fragment leaves out and a configuration must have. */
  readonly lacks?: readonly string[];
}

/** All blocks of YAML in that document, without their comments; seed 001 is the same text, 002 to 004 have none. */
export const SEEDS: readonly SeedCase[] = [
  {
    name: 'quick start',
    text: `server:
  http_addr: "0.0.0.0:8080"
load_balancing:
  backends:
    web_service:
      algorithm: "round_robin"
      upstreams:
        - address: "127.0.0.1:3001"
          weight: 1
        - address: "127.0.0.1:3002"
          weight: 1
routes:
  - id: "api"
    path: "/api/**"
    backend: "web_service"
    methods: ["GET", "POST"]
    timeout: "30s"
    retries: 3
cache:
  enabled: true
  max_entries: 10000
  default_ttl: "300s"
  max_body_size: 1048576
  cache_with_query_params: false
health_check:
  interval: "10s"
  timeout: "5s"
metrics:
  prometheus: true
  metrics_addr: "127.0.0.1:9090"
  metrics_path: "/metrics"
  detailed_metrics: true
`,
    within: 'document',
    later: ['cache'],
  },
  {
    name: 'zero downtime reload',
    text: `server:
  upgrade_sock: "/tmp/photon_upgrade.sock"
`,
    within: 'document',
    later: ['server.upgrade_sock'],
  },
  {
    name: 'round robin',
    text: `algorithm: "round_robin"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'least connections',
    text: `algorithm: "least_connections"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'weighted round robin',
    text: `algorithm: "weighted_round_robin"
upstreams:
  - address: "server1:8080"
    weight: 3
  - address: "server2:8080"
    weight: 1
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'IP hash',
    text: `algorithm: "ip_hash"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'random',
    text: `algorithm: "random"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'TCP health checks',
    text: `health_check:
  check_type: "tcp"
  interval: "10s"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'HTTP health checks',
    text: `health_check:
  check_type: "http"
  path: "/health"
  expected_status: 200
  interval: "15s"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'HTTPS health checks',
    text: `health_check:
  check_type: "https"
  path: "/api/health"
  expected_status: 200
  interval: "15s"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'rate limiting',
    text: `middleware:
  rate_limiting:
    requests_per_second: 10000
    burst: 20000
    key: "ip"
`,
    within: 'document',
    later: [],
  },
  {
    name: 'authentication',
    text: `middleware:
  authentication:
    auth_type: "jwt"
    jwt:
      secret: "your-256-bit-secret-key-here"
      algorithm: "HS256"
      header: "Authorization"
`,
    within: 'document',
    later: [],
  },
  {
    name: 'CORS',
    text: `middleware:
  cors:
    allowed_origins: ["https://myapp.com"]
    allowed_methods: ["GET", "POST", "PUT", "DELETE"]
    allowed_headers: ["Content-Type", "Authorization"]
`,
    within: 'document',
    later: [],
  },
  {
    name: 'WebSocket',
    text: `routes:
  - id: "websocket_chat"
    path: "/ws/chat/**"
    methods: ["GET"]
    backend: "chat_service"
    websocket:
      enabled: true
      protocols: ["chat-protocol", "echo-protocol"]
      timeout: "300s"
      idle_timeout: "60s"
      max_message_size: 65536
  - id: "websocket_api"
    path: "/ws/api/**"
    methods: ["GET"]
    backend: "api_service"
    middleware: ["auth"]
    websocket:
      enabled: true
      timeout: "600s"
      idle_timeout: "120s"
      max_message_size: 1048576
`,
    within: 'document',
    later: [],
  },
  {
    name: 'cache',
    text: `cache:
  enabled: true
  max_entries: 10000
  default_ttl: "300s"
  max_body_size: 1048576
  cache_with_query_params: false
`,
    within: 'document',
    later: ['cache'],
  },
  {
    name: 'cache: memory',
    text: `cache:
  max_entries: 50000
  max_body_size: 2097152
`,
    within: 'document',
    later: ['cache'],
  },
  {
    name: 'cache: TTL',
    text: `cache:
  default_ttl: "600s"
`,
    within: 'document',
    later: ['cache'],
  },
  {
    name: 'cache: queries',
    text: `cache:
  cache_with_query_params: true
`,
    within: 'document',
    later: ['cache'],
  },
  {
    name: 'connection limits',
    text: `upstreams:
  - address: "backend:8080"
    max_connections: 100
    weight: 1
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'TCP keep-alive',
    text: `upstreams:
  - address: "backend:8080"
    tcp_keepalive:
      enabled: true
      idle: "60s"
      interval: "10s"
      count: 9
    connection_timeout: "30s"
    read_timeout: "30s"
    write_timeout: "30s"
`,
    within: 'backend',
    later: [],
  },
  {
    name: 'timeouts and retries',
    text: `server:
  connection_timeout: "30s"
  max_connections: 10000
routes:
  - path: "/api/**"
    timeout: "60s"
    retries: 3
health_check:
  interval: "10s"
  timeout: "5s"
  failure_threshold: 3
  success_threshold: 2
`,
    within: 'document',
    later: [],
    lacks: ['routes[0].id', 'routes[0]'],
  },
  {
    name: 'rate limiting performance',
    text: `middleware:
  rate_limiting:
    requests_per_second: 10000
    burst: 20000
    key: "ip" # or "header:X-API-Key" for per-API-key limits
`,
    within: 'document',
    later: [],
  },
];
