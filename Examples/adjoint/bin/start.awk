# The state before the first step: a bump on a ring of cells.
BEGIN {
  for (i = 0; i < cells; i++) {
    x = i / cells
    printf "%.17g\n", exp(-100 * (x - 0.3) ^ 2) + 0.1 * sin(6.283185307179586 * x)
  }
}
