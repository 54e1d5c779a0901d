package import Execution

/// What the machine's answers mean for runs.
package struct DoctorMachine {
  /// Below this a few dozen tasks with their logs reach the limit.
  static let fewOpenFiles: UInt64 = 1024
  static let fewProcesses: UInt64 = 512
  /// The race of a checkpoint with another connection's commit was mended here.
  static let mendedSQLite = [3, 51, 3]
  static let firstRacingSQLite = [3, 7, 0]

  private let survey: MachineSurvey

  package init(_ survey: MachineSurvey) { self.survey = survey }

  package var diagnoses: [Diagnosis] {
    [
      kernel, containment, namespaces, cgroup, memory, openFiles, processes, sqlite,
    ]
  }

  private var kernel: Diagnosis {
    let calls: [(name: String, refusal: MachineSurvey.Refusal?)] = [
      ("pidfd", survey.pidfd), ("clone3", survey.clone3), ("close_range", survey.closeRange),
      ("epoll", survey.epoll),
    ]
    let missing = calls.compactMap { call in
      call.refusal.map { "no \(call.name) (\($0.reason))" }
    }
    guard !missing.isEmpty else {
      return .fine(
        .machine, "kernel",
        "Linux \(survey.kernel) with \(calls.map(\.name).joined(separator: ", "))")
    }
    let finding = "Linux \(survey.kernel): \(missing.joined(separator: ", "))"
    if survey.epoll != nil {
      return .problem(
        .machine, "kernel", finding, do: "Cairn waits with epoll; use a kernel that has it",
        .unavailable)
    }
    return .warning(
      .machine, "kernel", finding,
      do: "runs work, with polling; Linux 5.9 or newer, unfiltered, has them all")
  }

  private var containment: Diagnosis {
    let name = "containment"
    guard let used = survey.containment else {
      return .problem(
        .machine, name, "nothing keeps the processes of a run together",
        do: "see what stands below about processes and open files", .unavailable)
    }
    let words =
      switch used.kind {
      case .namespace: "a PID namespace a run, whose end the kernel makes the end of all in it"
      case .cgroup: "a cgroup a run, killed as a whole by a guardian"
      case .guardian: "a guardian, which looks for the run's processes when Cairn is gone"
      }
    let refused = used.refusals.map { "; not a \($0.kind.rawValue): \($0.reason)" }.joined()
    return .fine(.machine, name, words + refused)
  }

  private var namespaces: Diagnosis {
    let name = "namespaces"
    guard let own = survey.pidNamespace else {
      return .fine(.machine, name, "PID namespaces can be made")
    }
    guard let user = survey.userNamespace else {
      return .fine(.machine, name, "PID namespaces can be made, within a user namespace")
    }
    return .warning(
      .machine, name, "no PID namespace (\(own.reason); in a user namespace: \(user.reason))",
      do: "let users make namespaces (sysctl user.max_user_namespaces, AppArmor, the container's "
        + "seccomp profile)")
  }

  private var cgroup: Diagnosis {
    let name = "cgroup"
    guard let group = survey.cgroup else {
      return .fine(.machine, name, "no cgroup v2 here")
    }
    guard group.isDelegated else {
      return .fine(.machine, name, "v2, but \(group.path) is not ours to divide")
    }
    let controllers = group.controllers.isEmpty ? "none" : group.controllers.joined(separator: " ")
    let kill = group.hasKill ? "" : ", without cgroup.kill"
    return .fine(
      .machine, name,
      "v2, ours to divide at \(group.path)\(kill), controllers: \(controllers)")
  }

  private var memory: Diagnosis {
    let words =
      switch survey.memory {
      case .cgroup(let version, let folder):
        "an attempt whose task declares `memory` is held to it by a cgroup (v\(version)) in \(folder)"
      case .refused(let reason): "watched, not limited: \(reason)"
      }
    return .fine(.machine, "memory", words + "; a pause stops each process (SIGSTOP)")
  }

  private var openFiles: Diagnosis {
    limit(
      "open files", survey.openFiles, enough: Self.fewOpenFiles, raise: "ulimit -n 4096")
  }

  private var processes: Diagnosis {
    // Root is not held to it.
    let found = survey.isRoot ? MachineSurvey.Limit() : survey.processes
    return limit("processes", found, enough: Self.fewProcesses, raise: "ulimit -u 4096")
  }

  private func limit(
    _ name: String, _ limit: MachineSurvey.Limit, enough: UInt64, raise: String
  ) -> Diagnosis {
    guard let soft = limit.soft else { return .fine(.machine, name, "no limit") }
    let hard = limit.hard.map { $0 == soft ? "" : " (up to \($0) with ulimit)" } ?? ""
    let finding = "at most \(soft)\(hard)"
    if soft >= enough { return .fine(.machine, name, finding) }
    return .warning(
      .machine, name, finding,
      do: "few: a start that finds none free waits and is tried again; `\(raise)` before `cairn`")
  }

  private var sqlite: Diagnosis {
    let parts = survey.sqlite.split(separator: ".").compactMap { Int($0) }
    let races =
      !parts.lexicographicallyPrecedes(Self.firstRacingSQLite)
      && parts.lexicographicallyPrecedes(Self.mendedSQLite)
    guard races else { return .fine(.machine, "SQLite", survey.sqlite) }
    return .fine(
      .machine, "SQLite",
      "\(survey.sqlite); its WAL-reset race (3.7.0 to 3.51.2) cannot strike: one connection writes")
  }
}
