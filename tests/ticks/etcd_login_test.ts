import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type EtcdCertificates, EtcdCluster } from "../../sim/etcd_cluster.ts";
import { TickError } from "../../ticks/errors.ts";
import { EtcdAuthority } from "../../ticks/etcd_authority.ts";
import { available } from "../support/available.ts";
import { EtcdAdmin } from "./etcd_admin.ts";

const PASSWORD = "s3cret: with colon";

/** A folder for certificates and logins. */
class Safe implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "chronotick-etcd-login-" });

  /** Writes a file, and returns its path. */
  async file(name: string, text: string, mode = 0o600): Promise<string> {
    await Deno.writeTextFile(`${this.folder}/${name}`, text, { mode });
    return `${this.folder}/${name}`;
  }

  /** A certificate for `host`, signed by an authority that nobody else knows. */
  async certify(host: string): Promise<EtcdCertificates> {
    const [ca, caKey, cert, key] = ["ca.pem", "ca.key", "member.pem", "member.key"].map((name) =>
      `${this.folder}/${name}`
    ) as [string, string, string, string];
    const certificate = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
    ];
    await openssl(...certificate, "-days", "2", "-subj", "/CN=nobody knows", "-out", ca, "-keyout", caKey);
    // With a common name the gateway would refuse whoever shows it: etcd would take that for the user.
    const names = ["-subj", "/O=ticks", "-addext", `subjectAltName=IP:${host}`];
    const kind = ["-addext", "basicConstraints=critical,CA:FALSE", "-CA", ca, "-CAkey", caKey];
    await openssl(...certificate, "-days", "2", ...names, ...kind, "-out", cert, "-keyout", key);
    return { ca, cert, key };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function openssl(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args: [...args] }).output();
  if (!success) throw new Error(`openssl failed: ${new TextDecoder().decode(stderr)}`);
}

async function refusalOf(address: string): Promise<[string, string]> {
  const { code, message } = await assertRejects(
    () => EtcdAuthority.open(address, { patienceMs: 2000 }),
    TickError,
  );
  return [code, message.replace(/^Cannot .*?etcds?:\/\/\S+?( as an authority of ticks)?: /, "")];
}

Deno.test({
  name: "EtcdAuthority shows a certificate and logs in, and again when its token is no longer known",
  ignore: !available("etcd") || !available("openssl"),
  fn: async () => {
    await using safe = new Safe();
    await using cluster = await EtcdCluster.start({ members: 1, certify: ([host]) => safe.certify(host!) });
    const [ca, cert, key] = ["ca.pem", "member.pem", "member.key"].map((name) => `${safe.folder}/${name}`);
    const [caCert, certText, keyText] = await Promise.all(
      [ca, cert, key].map((path) => Deno.readTextFile(path!)),
    );
    const tls = { caCerts: [caCert!], cert: certText!, key: keyText! };
    await new EtcdAdmin(`https://${cluster.hosts[0]}`, tls).enableLogin("ticker", PASSWORD);

    const secure = `${cluster.address("secure")}?ca=${ca}&cert=${cert}&key=${key}`;
    const login = await safe.file("login", `ticker:${PASSWORD}\n`);
    await using authority = await EtcdAuthority.open(`${secure}&login=${login}`, { create: true });
    assertEquals(await authority.next(), 1n);
    // A member keeps its tokens in memory.
    await cluster.kill(0);
    cluster.restart(0);
    assertEquals(await authority.next(), 2n);

    assertEquals(await refusalOf(secure), [
      "NOT_PERMITTED",
      "it asks for a user: give ?login=FILE with one line user:password.",
    ]);
    assertEquals(await refusalOf(`${secure}&login=${await safe.file("wrong", "ticker:guess")}`), [
      "NOT_PERMITTED",
      "authentication failed, invalid user ID or password.",
    ]);
    const [code, why] = await refusalOf(cluster.address("secure"));
    assertEquals(code, "ADDRESS");
    assertMatch(
      why,
      /^the certificate of 127\.\S+ is not trusted \(UnknownIssuer\); give \?ca=FILE with who has signed it\.$/,
    );
    const [noCertificate] = await refusalOf(`${cluster.address("secure")}?ca=${ca}&login=${login}`);
    assertEquals(noCertificate, "UNAVAILABLE");
  },
});

Deno.test("EtcdAuthority refuses files that it cannot use, and a password in clear", async () => {
  await using safe = new Safe();
  const readable = await safe.file("readable", "ticker:x", 0o604);
  const empty = await safe.file("empty", "");
  const text = await safe.file("text", "no certificate");
  const mine = await safe.file("mine", "ticker:x");
  const unusable: [string, string][] = [
    [`etcds://a/x?login=${readable}`, `everybody may read ${readable}, make it private with chmod 600.`],
    [`etcds://a/x?login=${empty}`, `${empty} must hold one line user:password.`],
    [`etcds://a/x?cert=${text}&key=${text}`, `TLS cannot use ${text} or ${text} `],
    [
      `etcds://a/x?ca=${safe.folder}/absent`,
      `${safe.folder}/absent cannot be read (No such file or directory`,
    ],
    [`etcd://db.example/x?login=${mine}`, "a password would go to db.example:2379 in clear, write etcds://."],
  ];
  for (const [address, sentence] of unusable) {
    const [code, why] = await refusalOf(address);
    assertEquals([code, why.slice(0, sentence.length)], ["ADDRESS", sentence]);
  }
});
