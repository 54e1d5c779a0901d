import Foundation
import Model

/// What the selftest found.
struct SelftestReport: Encodable {
  var cairn = Fact.version
  var trials: [KernelTrials.Trial]
  var contents: KernelTrials.Contents

  var isExact: Bool { trials.allSatisfy(\.isExact) && contents.exact == contents.drawn }

  var lines: [String] {
    let head = [
      "kernel", "borrowed", "own", "plain's own", "time", "plain", "slower", "restored", "value",
    ]
    let rows = [head] + trials.map(cells)
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let table = rows.map { row in
      row.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + gap : gap + row[column]
      }.joined(separator: "  ")
    }
    return table + ["", "\(contents.exact) of \(contents.drawn) random contents restored exactly"]
  }

  private func cells(_ trial: KernelTrials.Trial) -> [String] {
    [
      trial.name, size(trial.borrowedBits), size(trial.ownBits), size(trial.plainOwnBits),
      time(trial.seconds), time(trial.plainSeconds), factor(trial.seconds / trial.plainSeconds),
      trial.isRestored ? "yes" : "NO", trial.isRight ? "right" : "WRONG",
    ]
  }

  private func size(_ bits: Int) -> String {
    bits == 0 ? "nothing" : bits < 8192 ? "\(bits) bit" : ByteText.words(Int64(bits / 8))
  }

  private func time(_ seconds: Double) -> String {
    switch seconds {
    case ..<1e-3: "\((seconds * 1e6).formatted(.number.precision(.significantDigits(2)))) µs"
    case ..<1: "\((seconds * 1e3).formatted(.number.precision(.significantDigits(2)))) ms"
    default: "\(seconds.formatted(.number.precision(.significantDigits(2)))) s"
    }
  }

  private func factor(_ ratio: Double) -> String {
    "\(ratio.formatted(.number.precision(.significantDigits(2))))×"
  }
}
