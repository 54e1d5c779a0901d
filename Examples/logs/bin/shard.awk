# Keeps the lines whose client belongs to `shard`: a hash of `spread` steps says which.

{
  split($1, part, ".")
  h = part[2] * 65536 + part[3] * 256 + part[4] + 1
  for (i = 0; i < spread; i++) h = (h * 48271 + 11) % 2147483647
  if (h % 8 == shard) print
}
