import Foundation
import Testing

/// The example's scripts alone, in one pipe and without Cairn.
@Suite struct LogsScriptTests {
  @Test(
    "scripts of the logs example agree with a computation in Swift", arguments: [(40, 1), (300, 7)])
  func scriptsAgree(requests: Int, rounds: Int) throws {
    let project = try TemporaryProject(example: "logs")
    let sorted = try project.shell(
      """
      export LC_ALL=C
      for n in 0 1 2 3 4 5 6 7; do
        awk -v server=$n -v requests=\(requests) -f bin/generate.awk
      done | awk -v rounds=\(rounds) -f bin/parse.awk | sort -k2,2 -k1,1n |
        awk -f bin/sessionise.awk | sort | tee all.tsv | awk -f bin/sessions.awk
      """)
    let top = try project.shell("LC_ALL=C bin/top 2 all.tsv")
    let report = LogsReport(requests: requests, rounds: rounds).text
    #expect(report.contains(sorted))
    #expect(report.contains("Busiest clients\n" + top + "\n"))
  }
}
