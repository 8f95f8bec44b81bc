/** Runs all of `scenarios` at once as steps of `t`: daemons mostly wait, and so do those who test them. */
export async function together(
  t: Deno.TestContext,
  scenarios: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  const sanitizers = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  await Promise.all(Object.entries(scenarios).map(([name, fn]) => t.step({ name, fn, ...sanitizers })));
}
