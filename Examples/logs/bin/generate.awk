# Writes the access log of one server: `requests` lines over one week, always the same for a server.
# The generator is Park and Miller's (x * 16807 mod 2^31 - 1), exact in awk's doubles.

function draw(limit) {
  x = (x * 16807) % 2147483647
  return x % limit
}

# Small numbers far more often than large ones, as for busy clients and popular pages.
function skewed(limit) {
  return int(draw(limit) * draw(limit) * draw(limit) / (limit * limit))
}

# Seconds since Monday of a place between 0 and the week's whole weight: nights are quiet.
function second_at(place,    day, hour) {
  day = int(place / (whole * 3600))
  place -= day * whole * 3600
  for (hour = 0; place >= weight[hour] * 3600; hour++) place -= weight[hour] * 3600
  return day * 86400 + hour * 3600 + int(place / weight[hour])
}

BEGIN {
  split("3 2 1 1 1 2 4 7 10 12 13 13 12 12 13 12 11 10 10 12 14 13 9 5", weights, " ")
  for (hour = 0; hour < 24; hour++) whole += weight[hour] = weights[hour + 1]
  x = 1000003 + server * 7919
  for (i = 0; i < requests; i++) {
    second = second_at(int(i * 7 * whole * 3600 / requests))
    client = skewed(4096)
    page = skewed(200)
    chance = draw(1000)
    status = chance < 930 ? 200 : chance < 960 ? 304 : chance < 985 ? 404 : 500
    bytes = status == 304 ? 0 : 200 + draw(20000)
    milliseconds = 5 + draw(200) + page + (status == 500 ? 1000 : 0)
    method = page % 10 == 7 ? "POST" : "GET"
    printf "10.%d.%d.%d - - [%02d/Mar/2024:%02d:%02d:%02d +0000] \"%s /page/%03d HTTP/1.1\" %d %d \"-\" \"cairn-example/1.0 (server %d)\" %d\n",
      server % 4, int(client / 256), client % 256, 4 + int(second / 86400),
      int(second / 3600) % 24, int(second / 60) % 60, second % 60,
      method, page, status, bytes, server, milliseconds
  }
}
