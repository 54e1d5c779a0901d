/// C(n, k), or `Int.max` if that is too large.
///
/// - Complexity: O(min(k, n − k)).
func binomial(_ n: Int, _ k: Int) -> Int {
  guard k >= 0, k <= n else { return 0 }
  var result = 1
  for factor in 0..<min(k, n - k) {
    let (product, overflow) = result.multipliedReportingOverflow(by: n - factor)
    if overflow { return .max }
    result = product / (factor + 1)
  }
  return result
}
