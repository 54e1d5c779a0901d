import Execution
import Project
import Testing

/// What `cairn doctor` concludes, of machines that are not at hand.
struct DoctorTests {
  private static let sound: MachineSurvey = {
    var survey = MachineSurvey()
    survey.containment = Containment(kind: .namespace)
    survey.kernel = "6.1.0"
    survey.sqlite = "3.51.3"
    return survey
  }()

  private static func diagnosis(
    _ name: String, _ change: (inout MachineSurvey) -> Void
  ) throws -> Diagnosis {
    var survey = sound
    change(&survey)
    return try #require(DoctorMachine(survey).diagnoses.first { $0.name == name })
  }

  @Test("a machine that offers everything is fine")
  func everything() {
    let report = DoctorReport(DoctorMachine(Self.sound).diagnoses)
    #expect(report.verdict == "fine")
    #expect(report.exitCode == 0)
  }

  @Test("what the kernel lacks is named; without epoll nothing runs")
  func kernel() throws {
    let refusal = MachineSurvey.Refusal("Function not implemented")
    let old = try Self.diagnosis("kernel") { $0.pidfd = refusal }
    #expect(old.level == .warning)
    #expect(old.finding == "Linux 6.1.0: no pidfd (Function not implemented)")
    let blind = try Self.diagnosis("kernel") { $0.epoll = refusal }
    #expect(blind.level == .problem)
    #expect(DoctorReport([old, blind]).exitCode == 69)
    #expect(DoctorReport([old, blind]).verdict == "1 problem, 1 warning")
  }

  @Test("a user namespace stands in for the right to make a PID namespace")
  func namespaces() throws {
    let refusal = MachineSurvey.Refusal("Operation not permitted")
    let user = try Self.diagnosis("namespaces") { $0.pidNamespace = refusal }
    #expect(user.level == .fine)
    #expect(user.finding.contains("user namespace"))
    let none = try Self.diagnosis("namespaces") {
      $0.pidNamespace = refusal
      $0.userNamespace = refusal
    }
    #expect(none.level == .warning)
  }

  @Test(
    "the race of SQLite is named for the versions that have it",
    arguments: [
      ("3.6.23", false), ("3.7.0", true), ("3.40.1", true), ("3.51.2", true), ("3.51.3", false),
      ("3.52.0", false), ("4.0.0", false),
    ])
  func sqlite(version: String, races: Bool) throws {
    let found = try Self.diagnosis("SQLite") { $0.sqlite = version }
    #expect(found.level == .fine)
    #expect(found.finding.contains("race") == races)
  }

  @Test("limits: none, enough, few; root is not held to the one of processes")
  func limits() throws {
    let few = MachineSurvey.Limit(soft: 32, hard: 4096)
    let files = try Self.diagnosis("open files") { $0.openFiles = few }
    #expect(files.level == .warning)
    #expect(files.finding == "at most 32 (up to 4096 with ulimit)")
    #expect(try Self.diagnosis("processes") { $0.processes = few }.level == .warning)
    let root = try Self.diagnosis("processes") {
      $0.processes = few
      $0.isRoot = true
    }
    #expect(root.level == .fine)
  }

  @Test("what holds a task to its memory is named, or why nothing does")
  func memory() throws {
    let held = try Self.diagnosis("memory") { $0.memory = .cgroup(version: 1, folder: "/c/memory") }
    #expect(held.finding.contains("a cgroup (v1) in /c/memory"))
    let watched = try Self.diagnosis("memory") { $0.memory = .refused("read-only") }
    #expect(watched.finding.hasPrefix("watched, not limited: read-only"))
    #expect(watched.level == .fine)
  }

  @Test("cgroups: none, not ours, ours with and without controllers")
  func cgroup() throws {
    let path = "/sys/fs/cgroup/user.slice"
    func finding(_ delegated: Bool, _ controllers: [String]) throws -> String {
      try Self.diagnosis("cgroup") {
        $0.cgroup = MachineSurvey.Cgroup(
          path: path, isDelegated: delegated, controllers: controllers, hasKill: true)
      }.finding
    }
    #expect(try Self.diagnosis("cgroup") { _ in }.finding.hasPrefix("no cgroup v2"))
    #expect(try finding(false, ["memory"]).contains("not ours"))
    #expect(try finding(true, ["cpu", "memory"]).hasSuffix("controllers: cpu memory"))
    #expect(try finding(true, []).hasSuffix("controllers: none"))
  }

  private static func storage(
    _ name: String, _ change: (inout StorageSurvey) -> Void
  ) throws -> Diagnosis {
    var survey = StorageSurvey()
    survey.type = 0xEF53
    survey.totalBytes = 100 << 30
    survey.freeBytes = 50 << 30
    change(&survey)
    let doctor = DoctorStorage(survey, folder: "/p/.cairn") { "\($0 >> 30) GiB" }
    return try #require(doctor.diagnoses.first { $0.name == name })
  }

  @Test(
    "file systems that cannot hold a WAL are warned of",
    arguments: [
      (UInt64(0x6969), "NFS"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB2"), (0x0102_1997, "9p"),
      (0x6573_5546, "FUSE or virtiofs"),
    ])
  func remote(type: UInt64, name: String) throws {
    let found = try Self.storage("file system") { $0.type = type }
    #expect(found.level == .warning)
    #expect(found.finding.hasPrefix("\(name) at /p/.cairn: SQLite's WAL"))
    #expect(try Self.storage("file system") { _ in }.finding == "ext4 at /p/.cairn")
    #expect(try Self.storage("file system") { $0.type = 0x1234 }.finding.hasPrefix("type 0x1234"))
  }

  @Test("space: enough, less than a tenth, almost none, and no files left")
  func space() throws {
    #expect(try Self.storage("space") { _ in }.finding == "50 GiB free of 100 GiB")
    #expect(try Self.storage("space") { $0.freeBytes = 10 << 30 }.level == .fine)
    #expect(try Self.storage("space") { $0.freeBytes = (10 << 30) - 1 }.level == .warning)
    let none = try Self.storage("space") { $0.freeBytes = 1 << 20 }
    #expect(none.level == .problem)
    #expect(none.code == .storage)
    #expect(try Self.storage("space") { $0.freeFiles = 3 }.level == .warning)
  }

  private static func terminal(
    _ name: String, _ change: (inout DoctorTerminal.Survey) -> Void = { _ in }
  ) throws -> Diagnosis {
    var survey = DoctorTerminal.Survey(
      isTerminal: true, type: "xterm-256color", known: "xterm-256color", colors: 256, columns: 80,
      rows: 24, isUnicode: true, locale: "C.UTF-8", isInTmux: false)
    change(&survey)
    let doctor = DoctorTerminal(survey, smallest: (40, 10))
    return try #require(doctor.diagnoses.first { $0.name == name })
  }

  @Test("terminals: good ones, unknown, small, without colours, without UTF-8")
  func terminals() throws {
    #expect(try Self.terminal("type").finding == "TERM=xterm-256color, 256 colours")
    let unknown = try Self.terminal("type") {
      $0.type = "dumb"
      $0.known = nil
    }
    #expect(unknown.level == .warning)
    #expect(try Self.terminal("size") { $0.columns = 39 }.level == .warning)
    #expect(try Self.terminal("size") { $0.columns = 0 }.level == .warning)
    #expect(try Self.terminal("size").finding == "80x24")
    let ascii = try Self.terminal("locale") {
      $0.isUnicode = false
      $0.locale = ""
    }
    #expect(ascii.finding == "none set is not UTF-8: everything is drawn in ASCII")
    let tmux = try Self.terminal("tmux") {
      $0.isInTmux = true
      $0.colors = 8
    }
    #expect(tmux.level == .warning)
    #expect(try Self.terminal("terminal") { $0.isTerminal = false }.level == .fine)
  }
}
