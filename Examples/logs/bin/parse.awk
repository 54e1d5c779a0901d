# Turns log lines into fields: time, client, method, page, status, bytes, milliseconds. The client's
# address becomes a number that does not tell it: `rounds` steps of a map that no two share.

BEGIN { OFS = "\t" }

function hide(address,    part, h, i) {
  split(address, part, ".")
  h = part[2] * 65536 + part[3] * 256 + part[4] + 1
  for (i = 0; i < rounds; i++) h = (h * 16807 + 12345) % 2147483647
  return sprintf("c%08x", h)
}

{
  day = substr($4, 2, 2)
  split(substr($4, 14), clock, ":")
  time = 1709510400 + (day - 4) * 86400 + clock[1] * 3600 + clock[2] * 60 + clock[3]
  print time, hide($1), substr($6, 2), $7, $9, $10, $NF
}
