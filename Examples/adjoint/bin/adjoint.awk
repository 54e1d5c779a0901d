# One step backwards: the state in front of a step (first file) and the sensitivity of the loss to the
# state behind it (second file) give the sensitivity to the state in front, by the transposed Jacobian
# of step.awk.
NR == FNR { u[n++] = $1; next }
{ s[m++] = $1 }
END {
  for (i = 0; i < n; i++) {
    p = (i + n - 1) % n; q = (i + 1) % n
    own = 1 - a * (u[q] - u[p]) - 2 * d
    # The right neighbour of cell p, and the left neighbour of cell q, is cell i.
    printf "%.17g\n", own * s[i] + (d - a * u[p]) * s[p] + (d + a * u[q]) * s[q]
  }
}
