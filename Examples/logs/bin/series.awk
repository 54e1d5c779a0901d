# Counts requests, or sums `field`, by hour of the day or by day of March.

BEGIN { FS = OFS = "\t" }

{
  second = $1 - 1709510400
  key = by == "hour" ? int(second / 3600) % 24 : 4 + int(second / 86400)
  sum[key] += field ? $field : 1
}

END {
  first = by == "hour" ? 0 : 4
  last = by == "hour" ? 23 : 10
  for (key = first; key <= last; key++) printf "%02d\t%.0f\n", key, sum[key]
}
