# Draws a series as bars of at most 50 marks. Reads its file twice: first for the largest value.

BEGIN { FS = "\t" }

NR == FNR { if ($2 > most) most = $2; next }

{
  bar = ""
  marks = most ? int($2 * 50 / most) : 0
  for (i = 0; i < marks; i++) bar = bar "#"
  printf "%s %12.0f %s\n", $1, $2, bar
}
