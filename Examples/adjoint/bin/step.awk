# One step of the viscous Burgers equation on a ring, u_t + u u_x = nu u_xx: central differences,
# explicit Euler. Reads a state, writes the next.
{ u[n++] = $1 }
END {
  for (i = 0; i < n; i++) {
    left = u[(i + n - 1) % n]; right = u[(i + 1) % n]
    printf "%.17g\n", u[i] - a * u[i] * (right - left) + d * (right - 2 * u[i] + left)
  }
}
