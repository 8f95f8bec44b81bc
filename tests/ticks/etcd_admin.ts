/** What an operator does to a cluster, by its JSON gateway and without the code that is tested. */
export class EtcdAdmin {
  readonly #origin: string;
  readonly #tls: Deno.CreateHttpClientOptions | undefined;

  constructor(origin: string, tls?: { caCerts: string[]; cert: string; key: string }) {
    this.#origin = origin;
    this.#tls = tls;
  }

  async get(key: string): Promise<string | null> {
    const { kvs } = await this.#post("/v3/kv/range", { key: btoa(key) });
    return kvs === undefined ? null : atob(kvs[0].value);
  }

  async put(key: string, value: string): Promise<void> {
    await this.#post("/v3/kv/put", { key: btoa(key), value: btoa(value) });
  }

  /** Deletes one key, or all that begin with a prefix that ends in "/". */
  async delete(key: string): Promise<void> {
    const range = key.endsWith("/") ? { range_end: btoa(key.slice(0, -1) + "0") } : {};
    await this.#post("/v3/kv/deleterange", { key: btoa(key), ...range });
  }

  /** From now on the cluster asks for a password; `user` may do with the counters' keys what it wants, and no more. */
  async enableLogin(user: string, password: string): Promise<void> {
    const prefix = "/chronotick/ticks/";
    await this.#post("/v3/auth/user/add", { name: "root", password: crypto.randomUUID() });
    await this.#post("/v3/auth/role/add", { name: "root" });
    await this.#post("/v3/auth/user/grant", { user: "root", role: "root" });
    await this.#post("/v3/auth/user/add", { name: user, password });
    await this.#post("/v3/auth/role/add", { name: "ticks" });
    await this.#post("/v3/auth/role/grant", {
      name: "ticks",
      // The end of a prefix: its last character, plus one.
      perm: { permType: "READWRITE", key: btoa(prefix), range_end: btoa(prefix.slice(0, -1) + "0") },
    });
    await this.#post("/v3/auth/user/grant", { user, role: "ticks" });
    await this.#post("/v3/auth/enable", {});
  }

  // deno-lint-ignore no-explicit-any -- whatever etcd answers
  async #post(path: string, body: unknown): Promise<any> {
    using client = Deno.createHttpClient(this.#tls ?? {});
    const response = await fetch(this.#origin + path, { method: "POST", body: JSON.stringify(body), client });
    const answer = await response.json();
    if (!response.ok) throw new Error(`etcd refused ${path}: ${answer.message}`);
    return answer;
  }
}
