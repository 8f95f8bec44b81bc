import { assertEquals, assertMatch } from "@std/assert";
import { parse as parseYaml } from "@std/yaml";
import manifest from "../../deno.json" with { type: "json" };
import { parseConfig } from "../../daemon/config.ts";
import { ROLES } from "../../packaging/roles.ts";
import { randomShmName } from "../support/published_record.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const CLIENT = manifest.tasks.client.split(" ").slice(1);
const DAEMON = manifest.tasks.daemon.split(" ").slice(1);

// deno-lint-ignore no-explicit-any -- as YAML has it
type Yaml = any;

function textOf(file: string): string {
  return Deno.readTextFileSync(PROJECT + file);
}

const [configMap, daemonSet, readerPod] = textOf("deploy/kubernetes.yaml").split(/^---$/m).map((text) =>
  parseYaml(text) as Yaml
);
const podSpec = daemonSet.spec.template.spec;
const [daemon] = podSpec.containers;
const [reader] = readerPod.spec.containers;
const image = new Map<string, string[]>();
for (
  const [, instruction, rest] of textOf("deploy/Containerfile").replaceAll("\\\n", "").matchAll(
    /^([A-Z]+) (.*)$/gm,
  )
) {
  image.set(instruction!, [...(image.get(instruction!) ?? []), rest!]);
}

/** Runs one of the project's commands as a container would; what it says of wrong options is in the answer. */
async function run(command: readonly string[], args: readonly string[]) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...command, ...args],
    cwd: PROJECT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, errors: new TextDecoder().decode(stderr) };
}

Deno.test("the DaemonSet mounts what it declares, selects its own pods, and runs as the image's user without rights", () => {
  assertEquals([configMap.kind, daemonSet.kind, readerPod.kind], ["ConfigMap", "DaemonSet", "Pod"]);
  assertEquals(daemonSet.spec.selector.matchLabels, daemonSet.spec.template.metadata.labels);
  for (const [spec, container] of [[podSpec, daemon], [readerPod.spec, reader]]) {
    const declared = spec.volumes.map(({ name }: Yaml) => name);
    assertEquals(container.volumeMounts.map(({ name }: Yaml) => name), declared);
    assertEquals(container.securityContext.capabilities.drop, ["ALL"]);
    assertEquals(container.securityContext.readOnlyRootFilesystem, true);
    assertEquals(spec.securityContext.runAsNonRoot, true);
    assertEquals(container.image, `chronotick:${manifest.version}`);
  }
  assertEquals(image.get("USER"), [
    `${podSpec.securityContext.runAsUser}:${podSpec.securityContext.runAsGroup}`,
  ]);
  const writable = daemon.volumeMounts.filter(({ readOnly }: Yaml) => !readOnly).map(({ mountPath }: Yaml) =>
    mountPath
  );
  assertEquals(writable, ["/dev/shm", "/run/chronotick", "/var/lib/chronotick"]);
});

Deno.test("the readers mount the node's shared memory read-only, and believe the daemon's user", () => {
  const [volume] = readerPod.spec.volumes;
  assertEquals(volume, podSpec.volumes.find(({ name }: Yaml) => name === volume.name));
  assertEquals(reader.volumeMounts, [{ name: volume.name, mountPath: "/dev/shm", readOnly: true }]);
  const [, , option, user] = reader.command;
  assertEquals([option, Number(user)], ["--trusted-users", podSpec.securityContext.runAsUser]);
});

Deno.test("the ConfigMap holds a right configuration, at the path that the daemon is given", async () => {
  const text = configMap.data["config.yaml"];
  const { status } = parseConfig(text, { fileName: "config.yaml" });
  assertEquals(status.socketPath!.startsWith("/run/chronotick/"), true);
  const [option, path] = daemon.args;
  const { mountPath } = daemon.volumeMounts.find(({ name }: Yaml) => name === "config");
  assertEquals([option, path], ["--config", `${mountPath}/config.yaml`]);
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, text);
    assertEquals(await run(DAEMON, [option, file, "--check-config"]), { code: 0, errors: "" });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("the probe and the reader's command are ones that the client knows", async () => {
  for (const [program, ...args] of [daemon.readinessProbe.exec.command, reader.command]) {
    assertEquals(program, "chronotick-client");
    const once = args[0] === "monitor" ? [...args, "--count", "1"] : args;
    const { code, errors } = await run(CLIENT, [...once, "--shm-name", randomShmName()]);
    assertEquals(code, 3, errors); // no daemon of that name, and not 2, wrong usage
  }
});

Deno.test("the Containerfile copies every program that is packaged, and starts one of them right", async () => {
  const [, copied] = image.get("COPY")!;
  const names = [...copied!.matchAll(/\/out\/(\S+)/g)].map(([, name]) => name!);
  assertEquals(names.sort(), ROLES.map(({ name }) => name).sort());
  assertMatch(image.get("RUN")![0]!, /^deno task compile --output \/out$/);
  assertEquals("compile" in manifest.tasks, true);
  const [[program], args] = [image.get("ENTRYPOINT")!, image.get("CMD")!].map(([text]) => JSON.parse(text!));
  assertEquals(names.includes(program), true);
  assertEquals((await run(DAEMON, [...args, "--check-config"])).code, 0);
});
