/**
 * How much of a variance others account for.
 *
 * @module
 */

/**
 * vᵀ·B⁻¹·v: what of a quantity's variance would go if those with covariance B, and covariances v with it, were known.
 * `covariance` gives the entries of B, `shared` those of v. By Cholesky's factors; what depends on others entirely adds
 * nothing.
 */
export function explainedVariance(
  count: number,
  covariance: (i: number, j: number) => number,
  shared: (i: number) => number,
): number {
  const factor = new Float64Array(count * count);
  const solved = new Float64Array(count);
  let explained = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let entry = covariance(i, j);
      for (let k = 0; k < j; k++) entry -= factor[i * count + k]! * factor[j * count + k]!;
      const pivot = factor[j * count + j]!;
      if (j === i) factor[i * count + i] = Math.sqrt(Math.max(0, entry));
      else if (pivot > 0) factor[i * count + j] = entry / pivot;
    }
    let rest = shared(i);
    for (let k = 0; k < i; k++) rest -= factor[i * count + k]! * solved[k]!;
    const pivot = factor[i * count + i]!;
    if (pivot > 0) solved[i] = rest / pivot;
    explained += solved[i]! ** 2;
  }
  return explained;
}
