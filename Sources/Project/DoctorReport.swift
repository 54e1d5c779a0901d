/// One thing that `cairn doctor` looked at, and what it found.
package struct Diagnosis: Sendable, Equatable {
  package enum Section: String, Sendable, CaseIterable {
    case machine, storage, terminal, project
  }

  package enum Level: String, Sendable {
    case fine
    /// Runs work, but not as well as they could, or there is something to do.
    case warning
    /// A run would be refused, or could not be trusted.
    case problem
  }

  package var section: Section
  /// One or two words.
  package var name: String
  package var level: Level
  /// One line, as in `ext4, 12 GiB free of 40 GiB`.
  package var finding: String
  /// What to do about it, in one line.
  package var advice: String?
  /// With what a run would end; of a problem only.
  package var code: ProjectProblem.Code?
}

extension Diagnosis {
  package static func fine(_ section: Section, _ name: String, _ finding: String) -> Diagnosis {
    Diagnosis(section: section, name: name, level: .fine, finding: finding)
  }

  static func warning(_ section: Section, _ name: String, _ finding: String, do advice: String?)
    -> Diagnosis
  {
    Diagnosis(section: section, name: name, level: .warning, finding: finding, advice: advice)
  }

  static func problem(
    _ section: Section, _ name: String, _ finding: String, do advice: String?,
    _ code: ProjectProblem.Code
  ) -> Diagnosis {
    Diagnosis(
      section: section, name: name, level: .problem, finding: finding, advice: advice, code: code)
  }
}

/// All that `cairn doctor` has to say.
package struct DoctorReport: Sendable, Equatable {
  package var diagnoses: [Diagnosis]

  package init(_ diagnoses: [Diagnosis]) { self.diagnoses = diagnoses }

  package func count(_ level: Diagnosis.Level) -> Int { diagnoses.count { $0.level == level } }

  /// 0 when runs work, warnings or not; else the code with which the first problem would end one.
  package var exitCode: Int32 {
    diagnoses.first { $0.level == .problem }?.code?.rawValue ?? 0
  }

  /// As in `fine`, `2 warnings` or `1 problem, 2 warnings`.
  package var verdict: String {
    let parts = [
      Self.counted(count(.problem), "problem"), Self.counted(count(.warning), "warning"),
    ].compactMap { $0 }
    return parts.isEmpty ? "fine" : parts.joined(separator: ", ")
  }

  private static func counted(_ count: Int, _ noun: String) -> String? {
    count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
