# Prints the 95th percentile of field 7 for each page; needs the lines sorted by page and field 7.

BEGIN { FS = "\t" }

function flush() {
  if (count) printf "%d\t%s\n", value[int((count * 95 + 99) / 100)], page
  count = 0
}

$4 != page { flush(); page = $4 }
{ value[++count] = $7 }
END { flush() }
