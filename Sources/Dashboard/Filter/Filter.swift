import Model

/// Which tasks show: words of which each must let a task through.
///
/// `word` must be in the name or the title, `~word` with gaps between its letters; `state:failed,paused`
/// takes beginnings of states, `group:name` those inside a group, `needs:name` what comes behind a task
/// and `feeds:name` what comes before it. `mem>64M`, `cpu>50%`, `time>1m`, `attempt>1`, `slack<10s` and
/// `progress<50%` compare what the columns show; a task without the figure is let through by neither
/// side. `!` in front of any word means the opposite. Case is ignored in ASCII.
///
/// A word that cannot be understood lets everything through and is named in `problem`.
package struct Filter: Sendable, Equatable {
  /// Longest text that can be typed.
  package static let maximumLength = 200

  package private(set) var text = ""
  private(set) var clauses: [Clause] = []
  /// What is wrong with the first word that cannot be understood.
  package private(set) var problem: String?

  struct Clause: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      /// `isFieldLike`: a colon or a comparison is in it, as in `npm:build`, but no field that is known.
      case holds([UInt8], isFieldLike: Bool)
      case fuzzy([UInt8])
      case states(Set<TaskState>)
      case group([UInt8])
      case needs([UInt8])
      case feeds([UInt8])
      case compares(Figure, Comparison, Double)
    }
    var word: String
    var kind: Kind
    var isInverse: Bool
  }

  package init(_ text: String = "") {
    self.text = String(text.prefix(Self.maximumLength))
    for word in self.text.split(separator: " ") {
      do throws(Misreading) {
        if let clause = try Clause(word) { clauses.append(clause) }
      } catch {
        problem = problem ?? error.words
      }
    }
  }

  /// Lets everything through.
  package var isEmpty: Bool { clauses.isEmpty }

  /// What it lets through may change without a fact.
  var isLive: Bool {
    clauses.contains { if case .compares = $0.kind { true } else { false } }
  }

  /// A number that every task may have.
  package enum Figure: String, Sendable, CaseIterable {
    /// Bytes: resident now, else the peak, else what is set aside.
    case memory = "mem"
    /// Cores in use, on average over the last second or over the attempt that ended; 1 is `100%`.
    case cpu
    /// Seconds of the attempt that runs or ran last.
    case time
    /// Number of the newest attempt.
    case attempt
    /// Seconds that an unfinished task may get late.
    case slack
    /// 0 to 1.
    case progress
  }

  enum Comparison: String, CaseIterable {
    case less = "<"
    case more = ">"
    case atMost = "<="
    case atLeast = ">="
    case equal = "="

    func holds(_ a: Double, _ b: Double) -> Bool {
      switch self {
      case .less: a < b
      case .more: a > b
      case .atMost: a <= b
      case .atLeast: a >= b
      case .equal: a == b
      }
    }
  }

  /// Why a word is not understood, in words for the filter line.
  struct Misreading: Error { var words: String }
}

extension StringProtocol {
  /// Capital letters of ASCII as small ones.
  var foldedBytes: [UInt8] { utf8.map { (65...90).contains($0) ? $0 + 32 : $0 } }
}
