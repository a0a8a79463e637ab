/** Types of the resources that the components declare, as the engine is told them. */
export const IP = "scaleway:ipam/ip:Ip";
export const BALANCER = "scaleway:loadbalancers/loadBalancer:LoadBalancer";
export const ATTACHMENT = "scaleway:loadbalancers/privateNetwork:PrivateNetwork";
export const SERVICE = "kubernetes:core/v1:Service";
export const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
export const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
export const ACME = "pulumi-nodejs:dynamic/acme:Certificate";
export const INSTALLED = "scaleway:loadbalancers/certificate:Certificate";
export const BARRIER = "pulumi-nodejs:dynamic/lb:FrontendCertificate";
export const REVOCATION = "pulumi-nodejs:dynamic/acme:Revocation";
export const PREFLIGHT = "pulumi-nodejs:dynamic/lb:Preflight";
export const ALERT_MANAGER = "scaleway:observability/alertManager:AlertManager";
