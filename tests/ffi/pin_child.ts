/**
 * Pins its process to the processor of its first argument while a worker runs, starts another worker, and prints
 * on which processors the kernel lets each of its threads run.
 */
import { allowedProcessors, pinProcess } from "../../ffi/affinity.ts";

function startWorker(): Promise<Worker> {
  const worker = new Worker("data:application/javascript,postMessage(0);setInterval(()=>{},1000)", {
    type: "module",
  });
  return new Promise((resolve) => worker.onmessage = () => resolve(worker));
}

function print(words: readonly unknown[]): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${words.join(" ")}\n`));
}

const workers = [await startWorker()];
pinProcess([Number(Deno.args[0])]);
workers.push(await startWorker());
const allowed = [...Deno.readDirSync("/proc/self/task")].map(({ name }) =>
  /^Cpus_allowed_list:\s*(\S+)$/m.exec(Deno.readTextFileSync(`/proc/self/task/${name}/status`))![1]
);
print(allowed);
print(allowedProcessors());
for (const worker of workers) worker.terminate();
