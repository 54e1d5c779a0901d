/// The report of `Examples/logs`, computed without any of its scripts.
///
/// The requests come from the same recurrence, in integers; addresses are hidden by the closed form
/// of the iterated map, and every number is counted over the requests as a whole: no shards, no
/// sorted files.
struct LogsReport {
  private var requests: [LogRequest] = []
  private let rounds: Int

  init(requests: Int, rounds: Int) {
    self.rounds = rounds
    for server in 0..<8 {
      var generator = LogGenerator(server: server, count: requests)
      for index in 0..<requests { self.requests.append(generator.next(index)) }
    }
  }
}

struct LogRequest {
  var second: Int
  /// The four bytes of the address as one number.
  var address: UInt64
  var page: Int
  var status: Int
  var bytes: Int
  var milliseconds: Int

  var isPost: Bool { page % 10 == 7 }
}

/// Park and Miller's generator, drawn from in the order in which the example draws.
private struct LogGenerator {
  private var x: UInt64
  private let server: Int
  private let count: Int
  private static let weights = [
    3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 13, 12, 11, 10, 10, 12, 14, 13, 9, 5,
  ]

  init(server: Int, count: Int) {
    self.server = server
    self.count = count
    x = UInt64(1_000_003 + server * 7919)
  }

  private mutating func draw(_ limit: UInt64) -> UInt64 {
    x = x * 16807 % 2_147_483_647
    return x % limit
  }

  private mutating func skewed(_ limit: UInt64) -> UInt64 {
    draw(limit) * draw(limit) * draw(limit) / (limit * limit)
  }

  mutating func next(_ index: Int) -> LogRequest {
    let client = skewed(4096)
    let page = Int(skewed(200))
    let chance = draw(1000)
    let status = chance < 930 ? 200 : chance < 960 ? 304 : chance < 985 ? 404 : 500
    let bytes = status == 304 ? 0 : 200 + Int(draw(20000))
    let milliseconds = 5 + Int(draw(200)) + page + (status == 500 ? 1000 : 0)
    return LogRequest(
      second: second(of: index), address: UInt64(server % 4) << 16 | client, page: page,
      status: status, bytes: bytes, milliseconds: milliseconds)
  }

  private func second(of index: Int) -> Int {
    let perDay = Self.weights.reduce(0, +) * 3600
    let (day, place) = (index * 7 * perDay / count).quotientAndRemainder(dividingBy: perDay)
    var passed = 0
    for (hour, weight) in Self.weights.enumerated() {
      if place < passed + weight * 3600 {
        return day * 86400 + hour * 3600 + (place - passed) / weight
      }
      passed += weight * 3600
    }
    preconditionFailure("\(place) lies behind the end of its day")
  }
}

extension LogsReport {
  private static let prime: UInt64 = 2_147_483_647

  private func power(_ base: UInt64, _ exponent: UInt64) -> UInt64 {
    var (result, square, rest) = (UInt64(1), base % Self.prime, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result * square % Self.prime }
      square = square * square % Self.prime
      rest >>= 1
    }
    return result
  }

  /// h ↦ 16807 h + 12345, `rounds` times: a^r (h + d) − d with d = c / (a − 1).
  private func hidden(_ address: UInt64) -> String {
    let d = 12345 * power(16806, Self.prime - 2) % Self.prime
    let value =
      (power(16807, UInt64(rounds)) * ((address + 1 + d) % Self.prime) + Self.prime - d)
      % Self.prime
    let digits = String(value, radix: 16)
    return "c" + String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Requests of each session in the order of the merged file.
  private func sessions() -> [[LogRequest]] {
    Dictionary(grouping: requests, by: \.address).values.flatMap { client in
      let ordered = client.sorted {
        ($0.second, $0.isPost ? 1 : 0, $0.page) < ($1.second, $1.isPost ? 1 : 0, $1.page)
      }
      return ordered.dropFirst().reduce(into: [Array(ordered.prefix(1))]) { sessions, request in
        let last = sessions[sessions.count - 1]
        if request.second - last[last.count - 1].second > 1800 {
          sessions.append([request])
        } else {
          sessions[sessions.count - 1].append(request)
        }
      }
    }
  }
}

extension LogsReport {
  /// The text of report.txt.
  var text: String {
    let sessions = sessions()
    let pages = requests.map { Self.page($0.page) }
    let errors = requests.filter { $0.status >= 400 }
    let clients = Self.top(requests.map(\.address), named: hidden)
    let hour = { (request: LogRequest) in request.second / 3600 % 24 }
    let head = """
      Web servers, 4 to 10 March 2024
      requests \(requests.count)
      bytes \(requests.reduce(0) { $0 + $1.bytes })
      sessions \(sessions.count)
      longest session \(sessions.map(\.count).max() ?? 0) pages

      """
    let owners = clients.enumerated().map { "\($1.name)\tcustomer-\($0 + 1)" }
    return head
      + section("Requests by hour", chart(requests, 0...23, key: hour) { _ in 1 })
      + section("Errors by hour", chart(errors, 0...23, key: hour) { _ in 1 })
      + section(
        "Bytes by day", chart(requests, 4...10, key: { 4 + $0.second / 86400 }) { $0.bytes })
      + section("Answers by status", lines(Self.top(requests.map { "\($0.status)" })))
      + section("Requests by method", lines(Self.top(requests.map { $0.isPost ? "POST" : "GET" })))
      + section("Most wanted pages", lines(Self.top(pages)))
      + section("Busiest clients", lines(clients))
      + section("Their owners", owners)
      + section("Slowest pages, 95th percentile in milliseconds", lines(slowest()))
      + section(
        "Pages where sessions begin", lines(Self.top(sessions.map { Self.page($0[0].page) })))
      + section("Commonest steps", lines(Self.top(sessions.flatMap(Self.steps))))
  }

  private typealias Row = (count: Int, name: String)

  private static func page(_ number: Int) -> String {
    "/page/" + String(repeating: "0", count: 3 - "\(number)".count) + "\(number)"
  }

  private static func steps(_ session: [LogRequest]) -> [String] {
    zip(session, session.dropFirst()).map { "\(page($0.page)) > \(page($1.page))" }
  }

  private static func ranked(_ rows: [Row]) -> [Row] {
    Array(rows.sorted { $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name }.prefix(10))
  }

  private static func top(_ values: [String]) -> [Row] { top(values, named: { $0 }) }

  private static func top<Value: Hashable>(_ values: [Value], named: (Value) -> String) -> [Row] {
    var counts: [Value: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return ranked(counts.map { (count: $0.value, name: named($0.key)) })
  }

  private func slowest() -> [Row] {
    Self.ranked(
      Dictionary(grouping: requests, by: \.page).map { page, requests in
        let times = requests.map(\.milliseconds).sorted()
        return (count: times[(times.count * 95 + 99) / 100 - 1], name: Self.page(page))
      })
  }

  private func chart(
    _ requests: [LogRequest], _ keys: ClosedRange<Int>, key: (LogRequest) -> Int,
    value: (LogRequest) -> Int
  ) -> [String] {
    var sums: [Int: Int] = [:]
    for request in requests { sums[key(request), default: 0] += value(request) }
    let most = sums.values.max() ?? 0
    return keys.map { key in
      let sum = sums[key, default: 0]
      let label = (key < 10 ? "0" : "") + "\(key)"
      let number = String(repeating: " ", count: 12 - "\(sum)".count) + "\(sum)"
      return "\(label) \(number) " + String(repeating: "#", count: most == 0 ? 0 : sum * 50 / most)
    }
  }

  private func lines(_ rows: [Row]) -> [String] { rows.map { "\($0.count)\t\($0.name)" } }

  private func section(_ title: String, _ lines: [String]) -> String {
    (["", title] + lines).map { $0 + "\n" }.joined()
  }
}
