# Compares the gradient (second file) along one direction with a difference quotient, for which the
# state (first file) is stepped through twice in memory.
NR == FNR { u[n++] = $1; next }
{ g[m++] = $1 }
function loss(sign,   i, t, p, q, v, w, sum) {
  for (i = 0; i < n; i++) v[i] = u[i] + sign * h * cos(6.283185307179586 * i / n)
  for (t = 0; t < steps; t++) {
    for (i = 0; i < n; i++) {
      p = v[(i + n - 1) % n]; q = v[(i + 1) % n]
      w[i] = v[i] - a * v[i] * (q - p) + d * (q - 2 * v[i] + p)
    }
    for (i = 0; i < n; i++) v[i] = w[i]
  }
  for (i = 0; i < n; i++) sum += (v[i] - 0.2) ^ 2 / 2
  return sum
}
END {
  h = 1e-5
  quotient = (loss(1) - loss(-1)) / (2 * h)
  for (i = 0; i < n; i++) slope += g[i] * cos(6.283185307179586 * i / n)
  error = (slope - quotient) / quotient
  printf "gradient %.12g, difference quotient %.12g, relative error %.2g\n", slope, quotient, error
  exit !(m == n && error < 1e-6 && error > -1e-6)
}
