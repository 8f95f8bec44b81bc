/** A proxy in front of a member that loses an answer, or delivers a request when everything is over. */
export class EtcdProxy implements AsyncDisposable {
  readonly #member: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #treat: (request: Request) => Promise<Response>;

  /** @param member `127.0.0.1:2379` */
  constructor(member: string) {
    this.#member = member;
    this.#treat = (request) => this.#forward(request);
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => {
      const treat = this.#treat;
      this.#treat = (request) => this.#forward(request);
      return treat(request);
    });
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** The member carries the next request out, and its connection to the proxy breaks before it can say so. */
  loseNextAnswer(): void {
    this.#treat = async (request) => {
      await (await this.#forward(request)).body?.cancel();
      return new Response("Bad Gateway", { status: 502 });
    };
  }

  /** Nothing comes of the next request until the returned function delivers it, and tells what the member said. */
  // deno-lint-ignore no-explicit-any -- whatever etcd answers
  holdNextRequest(): () => Promise<any> {
    const held = Promise.withResolvers<Request>();
    const end = Promise.withResolvers<Response>();
    this.#treat = async (request) => {
      held.resolve(new Request(request.url, { method: "POST", body: await request.text() }));
      return end.promise;
    };
    return async () => {
      const answer = await (await this.#forward(await held.promise)).json();
      end.resolve(new Response());
      return answer;
    };
  }

  async #forward(request: Request): Promise<Response> {
    const url = `http://${this.#member}${new URL(request.url).pathname}`;
    return await fetch(url, { method: "POST", body: await request.text() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
