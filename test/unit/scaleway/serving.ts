/** What a client sends to have a load balancer serve: a backend, and a frontend on it. */
export const backendArgs = (lbId: string) => ({
  lbId,
  name: "uid_tcp_30080",
  forwardProtocol: "tcp" as const,
  forwardPort: 30080,
  forwardPortAlgorithm: "roundrobin" as const,
  stickySessions: "none" as const,
  stickySessionsCookieName: "",
  healthCheck: { port: 30080, checkMaxRetries: 5, checkSendProxy: false, tcpConfig: {} },
  serverIp: ["172.16.0.10", "172.16.0.11"],
});

export const frontendArgs = (lbId: string, backendId: string, inboundPort = 443) => ({
  lbId,
  name: "uid_tcp_443",
  inboundPort,
  backendId,
  enableHttp3: false,
  enableAccessLogs: false,
});
