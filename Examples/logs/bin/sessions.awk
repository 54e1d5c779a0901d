# Sums up the requests: how many, how many bytes, how many sessions and how long they are.

BEGIN { FS = "\t" }

{ bytes += $6; if (++pages[$8] > longest) longest = pages[$8] }

END {
  for (session in pages) sessions++
  printf "requests %d\nbytes %.0f\nsessions %d\nlongest session %d pages\n", NR, bytes, sessions, longest
}
