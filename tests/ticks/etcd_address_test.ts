import { assertEquals, assertThrows } from "@std/assert";
import { TickError } from "../../ticks/errors.ts";
import { parseEtcdAddress } from "../../ticks/etcd_address.ts";

Deno.test("parseEtcdAddress() takes one host with its default port", () => {
  assertEquals(parseEtcdAddress("etcd://localhost/orders"), {
    text: "etcd://localhost/orders",
    origins: ["http://localhost:2379"],
    name: "orders",
    block: 1,
    files: {},
  });
});

Deno.test("parseEtcdAddress() takes several hosts, IPv6, TLS and all settings", () => {
  const settings = "block=1000&ca=/etc/e/ca.pem&cert=c.pem&key=k%20y.pem&login=/run/login";
  assertEquals(parseEtcdAddress(`etcds://a.example:1,b,[::1],[fe80::1]:65535/Or-d_e.rs?${settings}`), {
    text: "etcds://a.example:1,b,[::1],[fe80::1]:65535/Or-d_e.rs",
    origins: ["https://a.example:1", "https://b:2379", "https://[::1]:2379", "https://[fe80::1]:65535"],
    name: "Or-d_e.rs",
    block: 1000,
    files: { ca: "/etc/e/ca.pem", cert: "c.pem", key: "k y.pem", login: "/run/login" },
  });
});

const REFUSED = {
  "http://a/x": "it must look like etcd://host:2379,host2:2379/name",
  "etcd://a": "it must look like etcd://host:2379,host2:2379/name",
  "etcd:///x": "it must look like etcd://host:2379,host2:2379/name",
  "etcd://a/x#y": "it must look like etcd://host:2379,host2:2379/name",
  "etcd://a/": "the name after the hosts must be 1 to 64 letters, digits, dots, dashes or underscores",
  "etcd://a/x/y": "it must look like etcd://host:2379,host2:2379/name",
  "etcd://a/.x": "the name after the hosts must be 1 to 64 letters, digits, dots, dashes or underscores",
  "etcd://a:0/x": '"a:0" is not a host with a port',
  "etcd://a:65536/x": '"a:65536" is not a host with a port',
  "etcd://a,/x": '"" is not a host with a port',
  "etcd://u:p@a/x": '"u:p@a" is not a host with a port',
  "etcd://[:::]/x": '"[:::]" is not a host with a port',
  "etcd://a,b,c,d,e,f,g,h,i,j/x": "it names more than 9 hosts",
  "etcd://a/x?block=0": '"block" must be an integer from 1 to 1000000',
  "etcd://a/x?block=1e3": '"block" must be an integer from 1 to 1000000',
  "etcd://a/x?block=1000001": '"block" must be an integer from 1 to 1000000',
  "etcd://a/x?blocks=1": '"blocks" is no setting: there are block, ca, cert, key, login',
  "etcd://a/x?block=1&block=2": '"block" is given twice',
  "etcd://a/x?login=": '"login" has no value',
  "etcd://a/x?ca=f": '"ca" needs TLS: write etcds://',
  "etcds://a/x?cert=f": '"cert" and "key" need each other',
};

Deno.test("parseEtcdAddress() refuses anything else in one sentence", () => {
  for (const [address, why] of Object.entries(REFUSED)) {
    const { code, message } = assertThrows(() => parseEtcdAddress(address), TickError, undefined, address);
    assertEquals([code, message], ["ADDRESS", `Cannot use ${address} as an authority of ticks: ${why}.`]);
  }
});
